/** Triggers: which topics hear of what, and in which words. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

const topic = 'arn:aws:sns:ap-northeast-2:000000000000:deployments'
const all: sdk.TriggerEventType[] = [
  'DeploymentStart',
  'DeploymentReady',
  'DeploymentSuccess',
  'DeploymentFailure',
  'DeploymentStop',
  'DeploymentRollback',
]
const trigger = (triggerEvents: sdk.TriggerEventType[], triggerTargetArn = topic): sdk.TriggerConfig => ({
  triggerName: 'tell',
  triggerTargetArn,
  triggerEvents,
})

let emulator: Awaited<ReturnType<typeof startCodedeploy>>
beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())
const subjects = () => emulator.notices.map(({ subject = '' }) => subject.split(':')[0])

// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications-json-format.html
test('a trigger publishes a deployment’s failure to its topic, as the JSON that AWS documents', async () => {
  await emulator.group({ triggerConfigurations: [trigger(['DeploymentFailure'])] })
  const id = await emulator.deploy({}, '{}')
  await emulator.until(id, 'Failed')
  assert.equal(emulator.notices.length, 1)
  const [notice] = emulator.notices
  assert.equal(notice?.topicArn, topic)
  const { createTime, completeTime, errorInformation, ...rest } = JSON.parse(notice?.message ?? '{}')
  assert.deepEqual(rest, {
    region: 'ap-northeast-2',
    accountId: '000000000000',
    eventTriggerName: 'tell',
    applicationName: 'app',
    deploymentId: id,
    deploymentGroupName: 'admin',
    deploymentOverview: { Failed: '1', InProgress: '0', Pending: '0', Skipped: '0', Succeeded: '0' },
    status: 'Failed',
  })
  for (const time of [createTime, completeTime]) assert.match(time, /^\d{10}\.\d{3}$/)
  assert.equal(errorInformation.ErrorCode, 'INVALID_REVISION')
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications.html
test('triggers notify of start, ready, success, failure, stop and rollback, each of the events that it names', async () => {
  emulator.handlers.fails = async () => undefined
  await emulator.group({
    triggerConfigurations: [trigger(all)],
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 1 },
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
    },
  })
  await emulator.until(await emulator.deploy(), 'Stopped')
  assert.deepEqual(subjects(), [
    'DeploymentStart',
    'DeploymentReady',
    // The rollback, a separate deployment, is planned before the one that it rolls back ends.
    'DeploymentStart',
    'DeploymentRollback',
    'DeploymentStop',
    'DeploymentSuccess',
  ])
  assert.equal(JSON.parse(emulator.notices.at(-1)?.message ?? '{}').status, 'Succeeded')
})

test('a topic that does not exist keeps no deployment from its end', async () => {
  await emulator.group({ triggerConfigurations: [trigger(all, `${topic}-gone`)] })
  await emulator.until(await emulator.deploy({}, appSpec()), 'Succeeded')
  await until(() =>
    emulator.context.events
      .since(0)
      .some(
        ({ detailType, detail }) =>
          detailType === 'CodeDeploy Trigger Failure' && /gone/.test(String(detail.message)),
      ),
  )
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployment-groups
test('a group has ten triggers at most, each with a name, a topic and events', async () => {
  const eleven = Array.from({ length: 11 }, () => trigger(all))
  await assert.rejects(emulator.group({ triggerConfigurations: eleven }), {
    name: 'TriggerTargetsLimitExceededException',
  })
  for (const wrong of [trigger([]), trigger(all, 'deployments')])
    await assert.rejects(emulator.group({ triggerConfigurations: [wrong] }), {
      name: 'InvalidTriggerConfigException',
    })
})
