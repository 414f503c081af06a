/** Deployments that do not reach their end: how they fail or are stopped, and what is left afterwards. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { green } from '../test-kit/services.test-kit.ts'

let region: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  region = await startCodedeploy()
})
afterEach(() => region.stop())

const stop = (deploymentId: string, autoRollbackEnabled?: boolean) =>
  region.client.send(
    new sdk.StopDeploymentCommand({
      deploymentId,
      ...(autoRollbackEnabled === undefined ? {} : { autoRollbackEnabled }),
    }),
  )
const weights = (rule: string) => region.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
const neverHealthy = (signal: AbortSignal) =>
  new Promise<void>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
const canary = async () => ({ deploymentConfigName: await region.endlessCanary() })

describe('a task set that never becomes healthy', () => {
  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
  test('a task set that never becomes healthy is stopped by a call and rolled back: no production rule was ever touched', async () => {
    region.ecs.steady = neverHealthy
    await region.group()
    const id = await region.deploy()
    await until(() => region.ecs.taskSets.has('ecs-svc/2'))
    assert.deepEqual((await stop(id)).status, 'Pending')
    const done = await region.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'MANUAL_STOP')
    assert.deepEqual(
      [(await region.eventStatuses(id)).Install, (await region.eventStatuses(id)).AfterInstall],
      ['Failed', 'Skipped'],
    )
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.ok(!region.elb.history.some((line) => line.startsWith('production') && !line.endsWith('100/0')))
    assert.deepEqual(region.ecs.deleted, ['ecs-svc/2'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html
  test('a task set that never becomes healthy fails the deployment after an hour', async () => {
    await region.stop()
    region = await startCodedeploy({ speed: 10_000 })
    region.ecs.steady = neverHealthy
    await region.group()
    const id = await region.deploy()
    const done = await region.until(id, 'Failed')
    assert.equal(done.errorInformation?.code, 'TIMEOUT')
    assert.match(done.errorInformation?.message ?? '', /This time out period is 60 minutes/)
    const { lifecycleEvents = [] } = await region.target(id)
    const install = lifecycleEvents.find((event) => event.lifecycleEventName === 'Install')
    const took = Number(install?.endTime) - Number(install?.startTime)
    assert.ok(took >= 350, `an hour at a speed of ten thousand, and not ${took} ms`)
  })
})

describe('alarms', () => {
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that goes off in the canary stops the deployment and gives the traffic back at once', async () => {
    await region.group(await canary())
    const id = await region.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    region.alarms.set('errors', 'ALARM')
    const done = await region.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.match(done.errorInformation?.message ?? '', /Activated alarms: <errors>$/)
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.deepEqual(weights('test/pair'), [100, 0])
    const events = await region.eventStatuses(id)
    assert.deepEqual([events.AllowTraffic, events.AfterAllowTraffic], ['Failed', 'Skipped'])

    const rollbackId = done.rollbackInfo?.rollbackDeploymentId ?? ''
    assert.equal(
      done.rollbackInfo?.rollbackMessage,
      `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rollbackId}.`,
    )
    const rollback = await region.until(rollbackId, 'Succeeded')
    assert.equal(rollback.creator, 'codeDeployRollback')
    assert.equal(rollback.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
    assert.equal(rollback.rollbackInfo?.rollbackTriggeringDeploymentId, id)
    const sets = [...region.ecs.taskSets.values()].map((set) => set.status)
    assert.deepEqual(sets, ['PRIMARY', 'DRAINING'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that is active already stops the deployment before a task starts', async () => {
    region.alarms.set('errors', 'ALARM')
    await region.group()
    const done = await region.until(await region.deploy(), 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.equal(region.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that goes off while the new tasks start stops the deployment', async () => {
    region.ecs.steady = neverHealthy
    await region.group()
    const id = await region.deploy()
    await until(() => region.ecs.taskSets.has('ecs-svc/2'))
    region.alarms.set('errors', 'ALARM')
    const done = await region.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.equal((await region.eventStatuses(id)).Install, 'Failed')
    assert.deepEqual(region.ecs.deleted, ['ecs-svc/2'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html#CodeDeploy-CreateDeployment-request-overrideAlarmConfiguration
  test('overriding the alarm configuration lets the release of the fix through', async () => {
    region.alarms.set('errors', 'ALARM')
    await region.group()
    await region.until(await region.deploy({ overrideAlarmConfiguration: { enabled: false } }), 'Succeeded')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AlarmConfiguration.html
  test('an alarm whose state cannot be read stops the deployment unless that is to be ignored', async () => {
    await region.group({ alarmConfiguration: { enabled: true, alarms: [{ name: 'gone' }] } })
    const done = await region.until(await region.deploy(), 'Stopped')
    assert.match(done.errorInformation?.message ?? '', /could not be retrieved: <gone>/)
    const ignoring = { enabled: true, ignorePollAlarmFailure: true, alarms: [{ name: 'gone' }] }
    await region.until(await region.deploy({ overrideAlarmConfiguration: ignoring }), 'Succeeded')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html#deployments-rollback-and-redeploy-automatic-rollbacks
  test('an alarm that goes off in the termination wait still rolls back to the original', async () => {
    await region.group({
      blueGreenDeploymentConfiguration: {
        ...groupInput().blueGreenDeploymentConfiguration,
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 60 },
      },
    })
    const id = await region.deploy()
    await until(async () => (await region.info(id)).instanceTerminationWaitTimeStarted === true)
    region.alarms.set('errors', 'ALARM')
    await region.until(id, 'Stopped')
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.equal(region.ecs.taskSets.get('ecs-svc/1')?.status, 'PRIMARY')
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployments
test('a second deployment of the group is refused while one runs', async () => {
  await region.group(await canary())
  const id = await region.deploy()
  await assert.rejects(region.deploy(), {
    name: 'DeploymentLimitExceededException',
    message: `The Deployment Group 'admin' already has an active Deployment '${id}'`,
  })
  await stop(id)
  await region.until(id, 'Stopped')
})

describe('what does not fit', () => {
  const failing = async (content: string) => {
    const done = await region.until(await region.deploy({}, content), 'Failed')
    return [done.errorInformation?.code, done.errorInformation?.message ?? ''] as const
  }

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html#ecs-appspec-structure
  test('a malformed AppSpec fails with INVALID_REVISION', async () => {
    await region.group()
    for (const content of [
      '{"Resources": [',
      'just words',
      '{"version": 0.0}',
      appSpec({ port: 0 }),
      appSpec({ hooks: [{ Install: 'x' }] }),
    ]) {
      const [code, message] = await failing(content)
      assert.equal(code, 'INVALID_REVISION', content)
      assert.match(message, /^The deployment failed because the AppSpec file/)
    }
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-prerequisites-ecs
  test('a container or port that the task definition does not have fails with ECS_UPDATE_ERROR', async () => {
    await region.group()
    for (const content of [appSpec({ container: 'worker' }), appSpec({ port: 9 })]) {
      const [code, message] = await failing(content)
      assert.equal(code, 'ECS_UPDATE_ERROR')
      assert.match(message, /did not have a container port/)
    }
    assert.equal(region.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
  test('a task definition that does not exist fails with ECS_UPDATE_ERROR', async () => {
    await region.group()
    assert.deepEqual(await failing(appSpec({ taskDefinition: 'nothing:1' })), [
      'ECS_UPDATE_ERROR',
      'The ECS service cannot be updated due to the following error: TaskDefinition not found.',
    ])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html
  test('a listener rule that does not start on the live group fails with ELASTIC_LOAD_BALANCING_INVALID', async () => {
    await region.group()
    const rule = region.elb.rules.get('test/pair')
    assert.ok(rule)
    region.elb.rules.set('test/pair', { ...rule, targetGroups: [{ targetGroupArn: green, weight: 1 }] })
    assert.deepEqual(await failing(appSpec()), [
      'ELASTIC_LOAD_BALANCING_INVALID',
      'The ELB could not be updated due to the following error: Primary taskset target group must be behind listener test/pair',
    ])
  })

  test('names that do not exist, with their exceptions', async () => {
    await region.group()
    await assert.rejects(region.deploy({ applicationName: 'none' }), {
      name: 'ApplicationDoesNotExistException',
      message: 'No application found for name: none',
    })
    await assert.rejects(region.deploy({ deploymentGroupName: 'none' }), {
      name: 'DeploymentGroupDoesNotExistException',
    })
    await assert.rejects(region.deploy({ deploymentConfigName: 'none' }), {
      name: 'DeploymentConfigDoesNotExistException',
    })
    await assert.rejects(region.info('d-000000000'), { name: 'DeploymentDoesNotExistException' })
    const unknownTarget = new sdk.GetDeploymentTargetCommand({
      deploymentId: await region.deploy(),
      targetId: 'x:y',
    })
    await assert.rejects(region.client.send(unknownTarget), { name: 'DeploymentTargetDoesNotExistException' })
  })
})
