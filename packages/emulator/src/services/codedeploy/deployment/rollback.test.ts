/** Going back: when it happens by itself, when by hand, and what is left where it does not. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

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
const canary = async () => ({ deploymentConfigName: await emulator.endlessCanary() })

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AutoRollbackConfiguration.html
test('rolls back on those of the three events that the configuration names, and on no other', async () => {
  const ends = {
    DEPLOYMENT_FAILURE: () => Object.assign(emulator.ecs, { gone: true }),
    DEPLOYMENT_STOP_ON_ALARM: () => emulator.alarms.set('errors', 'ALARM'),
    DEPLOYMENT_STOP_ON_REQUEST: stop,
  } as const
  await emulator.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
  const endless = await emulator.endlessCanary()
  for (const named of Object.keys(ends) as (keyof typeof ends)[]) {
    for (const [happens, end] of Object.entries(ends)) {
      const shifted = emulator.firstShift()
      const id = await emulator.deploy({
        // What fails does so after the canary; what is stopped has all the time that the machine needs.
        ...(happens === 'DEPLOYMENT_FAILURE' ? {} : { deploymentConfigName: endless }),
        autoRollbackConfiguration: { enabled: true, events: [named] },
      })
      await shifted
      await end(id)
      const done = await emulator.until(id, 'Failed', 'Stopped')
      assert.equal(done.rollbackInfo !== undefined, named === happens, `${happens} with ${named}`)
      emulator.ecs.gone = false
      emulator.alarms.set('errors', 'OK')
      emulator.reset()
    }
  }
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
test('a rollback shows the revision that it goes back to: that of the last deployment that succeeded', async () => {
  await emulator.group()
  await emulator.until(await emulator.deploy({}, appSpec({ taskDefinition: 'app:2' })), 'Succeeded')
  const begin = async (taskDefinition: string) => {
    const shifted = emulator.firstShift()
    const id = await emulator.deploy(endless, appSpec({ taskDefinition }))
    await shifted
    return id
  }
  const endless = await canary()
  const left = await begin('app:3')
  await stop(left, false)
  await emulator.until(left, 'Stopped')
  const id = await begin('app:4')
  await stop(id)
  const { rollbackInfo } = await emulator.until(id, 'Stopped')
  const { revision } = await emulator.info(rollbackInfo?.rollbackDeploymentId ?? '')
  assert.match(revision?.appSpecContent?.content ?? '', /"TaskDefinition":"app:2"/)
  // What was cut short is counted as far as it came, and not as long as it would have been.
  const predicted = emulator.codeDeploy.timing(id)?.predictedAwsDurationMs ?? Number.NaN
  assert.ok(predicted < 2_000 * 60_000, `${predicted} of 2880 minutes`)
})

describe('without a rollback', () => {
  const off = { autoRollbackConfiguration: { enabled: false } }

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
  test('without a rollback everything stays as it is', async () => {
    await emulator.group({ ...(await canary()), ...off })
    const id = await emulator.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    await stop(id)
    const done = await emulator.until(id, 'Stopped')
    assert.equal(done.rollbackInfo, undefined)
    assert.deepEqual(weights('production/pair'), [90, 10])
    assert.deepEqual(emulator.ecs.deleted, [])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
  test('StopDeployment may ask for a rollback where the configuration has none', async () => {
    await emulator.group({ ...(await canary()), ...off })
    const id = await emulator.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    await stop(id, true)
    await emulator.until(id, 'Stopped')
    assert.deepEqual(weights('production/pair'), [100, 0])
  })

  test('the next deployment clears what was left in the idle group first', async () => {
    await emulator.group({ ...(await canary()), ...off })
    const id = await emulator.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    await stop(id)
    await emulator.until(id, 'Stopped')
    emulator.elb.history.length = 0
    await emulator.until(
      await emulator.deploy({ deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce' }),
      'Succeeded',
    )
    assert.deepEqual(emulator.elb.history.slice(0, 2), ['production/pair 100/0', 'test/pair 100/0'])
    assert.equal(emulator.ecs.deleted[0], 'ecs-svc/2')
  })
})

describe('a rollback that cannot be carried out', () => {
  const rollbackOf = async (failedId: string) => {
    const { rollbackInfo } = await emulator.until(failedId, 'Failed', 'Stopped')
    return emulator.until(rollbackInfo?.rollbackDeploymentId ?? '', 'Failed')
  }

  test('moves no traffic to a task set that ECS does not take for its PRIMARY', async () => {
    await emulator.group(await canary())
    const id = await emulator.deploy()
    await until(() => weights('production/pair')?.[1] === 10)
    emulator.ecs.gone = true
    await stop(id)
    assert.equal((await rollbackOf(id)).errorInformation?.code, 'ECS_UPDATE_ERROR')
    assert.deepEqual(weights('production/pair'), [90, 10])
    assert.deepEqual(weights('test/pair'), [0, 100])
    assert.deepEqual(emulator.ecs.deleted, [])
  })

  test('takes live traffic and the PRIMARY back, though the test listener was deleted', async () => {
    const forAnHour = { action: 'TERMINATE', terminationWaitTimeInMinutes: 60 } as const
    await emulator.group({
      blueGreenDeploymentConfiguration: { terminateBlueInstancesOnDeploymentSuccess: forAnHour },
    })
    const id = await emulator.deploy()
    await until(() => emulator.ecs.taskSets.get('ecs-svc/2')?.status === 'PRIMARY')
    emulator.elb.listeners.delete('test')
    emulator.elb.rules.delete('test/pair')
    await stop(id)
    assert.equal((await rollbackOf(id)).errorInformation?.code, 'ELASTIC_LOAD_BALANCING_INVALID')
    assert.deepEqual(weights('production/pair'), [100, 0])
    assert.equal(emulator.ecs.taskSets.get('ecs-svc/1')?.status, 'PRIMARY')
    assert.deepEqual(emulator.ecs.deleted, [], 'what a failure leaves is left')
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html#deployments-rollback-and-redeploy-manual-rollbacks
test('deploying an earlier revision again is a rollback by hand: a separate deployment, by its user', async () => {
  await emulator.group({
    blueGreenDeploymentConfiguration: {
      ...groupInput().blueGreenDeploymentConfiguration,
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
    },
  })
  for (const taskDefinition of ['app:2', 'app:3', 'app:2'])
    await emulator.until(await emulator.deploy({}, appSpec({ taskDefinition })), 'Succeeded')
  const again = await emulator.deploy({}, appSpec({ taskDefinition: 'app:2' }))
  const done = await emulator.until(again, 'Succeeded')
  assert.deepEqual([done.creator, done.rollbackInfo], ['user', undefined])
  assert.deepEqual(done.previousRevision?.appSpecContent?.content, appSpec({ taskDefinition: 'app:2' }))
  const primary = [...emulator.ecs.taskSets.values()].find(({ status }) => status === 'PRIMARY')
  assert.equal(primary?.taskDefinition, 'app:2')
})
