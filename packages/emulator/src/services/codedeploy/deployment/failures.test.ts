/** Deployments that do not reach their end: how they fail or are stopped, and what is left afterwards. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { green } from '../test-kit/services.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

const stop = (deploymentId: string, autoRollbackEnabled?: boolean) =>
  emulator.client.send(
    new sdk.StopDeploymentCommand({
      deploymentId,
      ...(autoRollbackEnabled === undefined ? {} : { autoRollbackEnabled }),
    }),
  )
const weights = (rule: string) => emulator.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
const neverHealthy = (signal: AbortSignal) =>
  new Promise<void>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
const canary = async () => ({ deploymentConfigName: await emulator.endlessCanary() })

describe('a task set that never becomes healthy', () => {
  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
  test('a task set that never becomes healthy is stopped by a call and rolled back: no production rule was ever touched', async () => {
    emulator.ecs.steady = neverHealthy
    await emulator.group()
    const id = await emulator.deploy()
    await until(() => emulator.ecs.taskSets.has('ecs-svc/2'))
    assert.deepEqual((await stop(id)).status, 'Pending')
    const done = await emulator.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'MANUAL_STOP')
    assert.deepEqual(
      [(await emulator.eventStatuses(id)).Install, (await emulator.eventStatuses(id)).AfterInstall],
      ['Failed', 'Skipped'],
    )
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.ok(!emulator.elb.history.some((line) => line.startsWith('production') && !line.endsWith('100/0')))
    assert.deepEqual(emulator.ecs.deleted, ['ecs-svc/2'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html
  test('a task set that never becomes healthy fails the deployment after an hour', async () => {
    await emulator.stop()
    emulator = await startCodedeploy({ speed: 10_000 })
    emulator.ecs.steady = neverHealthy
    await emulator.group()
    const id = await emulator.deploy()
    const done = await emulator.until(id, 'Failed')
    assert.equal(done.errorInformation?.code, 'TIMEOUT')
    assert.match(done.errorInformation?.message ?? '', /This time out period is 60 minutes/)
    const { lifecycleEvents = [] } = await emulator.target(id)
    const install = lifecycleEvents.find((event) => event.lifecycleEventName === 'Install')
    const took = Number(install?.endTime) - Number(install?.startTime)
    assert.ok(took >= 350, `an hour at a speed of ten thousand, and not ${took} ms`)
  })
})

describe('alarms', () => {
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that fires in the canary stops the deployment and gives the traffic back at once', async () => {
    await emulator.group(await canary())
    const id = await emulator.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    emulator.alarms.set('errors', 'ALARM')
    const done = await emulator.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.match(done.errorInformation?.message ?? '', /Activated alarms: <errors>$/)
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.deepEqual(weights('test/pair'), [100, 0])
    const events = await emulator.eventStatuses(id)
    assert.deepEqual([events.AllowTraffic, events.AfterAllowTraffic], ['Failed', 'Skipped'])

    const rollbackId = done.rollbackInfo?.rollbackDeploymentId ?? ''
    assert.equal(
      done.rollbackInfo?.rollbackMessage,
      `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rollbackId}.`,
    )
    const rollback = await emulator.until(rollbackId, 'Succeeded')
    assert.equal(rollback.creator, 'codeDeployRollback')
    assert.equal(rollback.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
    assert.equal(rollback.rollbackInfo?.rollbackTriggeringDeploymentId, id)
    const sets = [...emulator.ecs.taskSets.values()].map((set) => set.status)
    assert.deepEqual(sets, ['PRIMARY', 'DRAINING'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that is active already stops the deployment before a task starts', async () => {
    emulator.alarms.set('errors', 'ALARM')
    await emulator.group()
    const done = await emulator.until(await emulator.deploy(), 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.equal(emulator.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  test('an alarm that fires while the new tasks start stops the deployment', async () => {
    emulator.ecs.steady = neverHealthy
    await emulator.group()
    const id = await emulator.deploy()
    await until(() => emulator.ecs.taskSets.has('ecs-svc/2'))
    emulator.alarms.set('errors', 'ALARM')
    const done = await emulator.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    assert.equal((await emulator.eventStatuses(id)).Install, 'Failed')
    assert.deepEqual(emulator.ecs.deleted, ['ecs-svc/2'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html#CodeDeploy-CreateDeployment-request-overrideAlarmConfiguration
  test('overriding the alarm configuration lets the release of the fix through', async () => {
    emulator.alarms.set('errors', 'ALARM')
    await emulator.group()
    await emulator.until(
      await emulator.deploy({ overrideAlarmConfiguration: { enabled: false } }),
      'Succeeded',
    )
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AlarmConfiguration.html
  test('an alarm whose state cannot be read stops the deployment unless that is to be ignored', async () => {
    await emulator.group({ alarmConfiguration: { enabled: true, alarms: [{ name: 'gone' }] } })
    const done = await emulator.until(await emulator.deploy(), 'Stopped')
    assert.match(done.errorInformation?.message ?? '', /could not be retrieved: <gone>/)
    const ignoring = { enabled: true, ignorePollAlarmFailure: true, alarms: [{ name: 'gone' }] }
    await emulator.until(await emulator.deploy({ overrideAlarmConfiguration: ignoring }), 'Succeeded')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html#deployments-rollback-and-redeploy-automatic-rollbacks
  test('an alarm that fires in the termination wait still rolls back to the original', async () => {
    await emulator.group({
      blueGreenDeploymentConfiguration: {
        ...groupInput().blueGreenDeploymentConfiguration,
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 60 },
      },
    })
    const id = await emulator.deploy()
    await until(async () => (await emulator.info(id)).instanceTerminationWaitTimeStarted === true)
    emulator.alarms.set('errors', 'ALARM')
    await emulator.until(id, 'Stopped')
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.equal(emulator.ecs.taskSets.get('ecs-svc/1')?.status, 'PRIMARY')
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployments
test('a second deployment of the group is refused while one runs', async () => {
  await emulator.group(await canary())
  const id = await emulator.deploy()
  await assert.rejects(emulator.deploy(), {
    name: 'DeploymentLimitExceededException',
    message: `The Deployment Group 'admin' already has an active Deployment '${id}'`,
  })
  await stop(id)
  await emulator.until(id, 'Stopped')
})

describe('what does not fit', () => {
  const failing = async (content: string) => {
    const done = await emulator.until(await emulator.deploy({}, content), 'Failed')
    return [done.errorInformation?.code, done.errorInformation?.message ?? ''] as const
  }

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html#ecs-appspec-structure
  test('a malformed AppSpec fails with INVALID_REVISION', async () => {
    await emulator.group()
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
    await emulator.group()
    for (const content of [appSpec({ container: 'worker' }), appSpec({ port: 9 })]) {
      const [code, message] = await failing(content)
      assert.equal(code, 'ECS_UPDATE_ERROR')
      assert.match(message, /did not have a container port/)
    }
    assert.equal(emulator.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
  test('a task definition that does not exist fails with ECS_UPDATE_ERROR', async () => {
    await emulator.group()
    assert.deepEqual(await failing(appSpec({ taskDefinition: 'nothing:1' })), [
      'ECS_UPDATE_ERROR',
      'The ECS service cannot be updated due to the following error: TaskDefinition not found.',
    ])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html
  test('a listener rule that does not start on the live group fails with ELASTIC_LOAD_BALANCING_INVALID', async () => {
    await emulator.group()
    const rule = emulator.elb.rules.get('test/pair')
    assert.ok(rule)
    emulator.elb.rules.set('test/pair', { ...rule, targetGroups: [{ targetGroupArn: green, weight: 1 }] })
    assert.deepEqual(await failing(appSpec()), [
      'ELASTIC_LOAD_BALANCING_INVALID',
      'The ELB could not be updated due to the following error: Primary taskset target group must be behind listener test/pair',
    ])
  })

  test('names that do not exist, with their exceptions', async () => {
    await emulator.group()
    await assert.rejects(emulator.deploy({ applicationName: 'none' }), {
      name: 'ApplicationDoesNotExistException',
      message: 'No application found for name: none',
    })
    await assert.rejects(emulator.deploy({ deploymentGroupName: 'none' }), {
      name: 'DeploymentGroupDoesNotExistException',
    })
    await assert.rejects(emulator.deploy({ deploymentConfigName: 'none' }), {
      name: 'DeploymentConfigDoesNotExistException',
    })
    await assert.rejects(emulator.info('d-000000000'), { name: 'DeploymentDoesNotExistException' })
    const unknownTarget = new sdk.GetDeploymentTargetCommand({
      deploymentId: await emulator.deploy(),
      targetId: 'x:y',
    })
    await assert.rejects(emulator.client.send(unknownTarget), {
      name: 'DeploymentTargetDoesNotExistException',
    })
  })
})
