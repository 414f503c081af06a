/**
 * A deployment that is under way when its emulator stops, and goes on when it has started again over the same store. The
 * stop is an orderly one here; test/journeys/kill.test.ts kills the process.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { blue, green } from '../test-kit/services.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

const weights = (rule: string) => emulator.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
const restart = async () => {
  await emulator.codeDeploy.stop?.()
  await emulator.revive()
}
const shiftOf = async (id: string) =>
  (await emulator.target(id)).lifecycleEvents?.find((event) => event.lifecycleEventName === 'AllowTraffic')

test('a canary goes on where it was, with the task set it has and no hook asked twice', async () => {
  const asked: string[] = []
  emulator.handlers.early = async (event) => {
    asked.push(event.DeploymentId)
    await emulator.succeed(event)
  }
  await emulator.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent15Minutes' })
  const id = await emulator.deploy({}, appSpec({ hooks: [{ BeforeInstall: 'early' }] }))
  await until(() => weights('production/pair')?.[1] === 10)
  await emulator.codeDeploy.stop?.()
  const before = await emulator.info(id)
  const shift = await shiftOf(id)
  assert.deepEqual([before.status, shift?.status], ['InProgress', 'InProgress'])
  await emulator.revive()
  const done = await emulator.until(id, 'Succeeded')
  assert.deepEqual(done.startTime, before.startTime)
  assert.deepEqual((await shiftOf(id))?.startTime, shift?.startTime)
  assert.deepEqual(asked, [id])
  assert.equal(emulator.ecs.taskSets.size, 2)
  assert.deepEqual(weights('production/pair'), [0, 100])
  assert.deepEqual((await emulator.eventStatuses(id)).Install, 'Succeeded')
})

test('an Install adopts the task set that it had created', async () => {
  emulator.ecs.steady = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  await emulator.group()
  const id = await emulator.deploy()
  await until(() => emulator.ecs.taskSets.has('ecs-svc/2'))
  await emulator.codeDeploy.stop?.()
  emulator.ecs.steady = async () => undefined
  await emulator.revive()
  await emulator.until(id, 'Succeeded')
  assert.deepEqual(
    [...emulator.ecs.taskSets.values()].map((set) => set.targetGroupArn),
    [blue, green],
  )
})

test('an alarm that fires in a canary still stops the deployment and gives the traffic back', async () => {
  await emulator.group({ deploymentConfigName: await emulator.endlessCanary() })
  const id = await emulator.deploy()
  await until(() => weights('production/pair')?.[1] === 10)
  await restart()
  emulator.alarms.set('errors', 'ALARM')
  const done = await emulator.until(id, 'Stopped')
  assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
  assert.deepEqual(weights('production/pair'), [100, 0])
})

test('a linear shift takes no step back', async () => {
  const deploymentConfigName = 'two-fifths'
  const timeBasedLinear = { linearPercentage: 40, linearInterval: 5 }
  await emulator.client.send(
    new sdk.CreateDeploymentConfigCommand({
      deploymentConfigName,
      computePlatform: 'ECS',
      trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear },
    }),
  )
  await emulator.group({ deploymentConfigName })
  const id = await emulator.deploy()
  await until(() => Number(weights('production/pair')?.[1]) >= 80)
  await restart()
  await emulator.until(id, 'Succeeded')
  const shares = emulator.elb.history.flatMap((line) => {
    const share = /^production.*\/(\d+)$/.exec(line)?.[1]
    return share === undefined ? [] : Number(share)
  })
  assert.deepEqual([...new Set(shares)], [40, 80, 100])
  assert.deepEqual(
    shares,
    shares.toSorted((one, other) => one - other),
  )
})

test('a wait continues, and does not start over: what is left of it counts', async () => {
  await emulator.group({
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 7_200 },
      terminateBlueInstancesOnDeploymentSuccess: {
        action: 'TERMINATE',
        terminationWaitTimeInMinutes: 2_880,
      },
    },
  })
  const unattended = await emulator.deploy()
  await emulator.until(unattended, 'Ready')
  await restart()
  await emulator.until(unattended, 'Ready')
  await emulator.codeDeploy.stop?.()
  emulator.left(unattended, { readyDeadline: Date.now() - 1 })
  await emulator.revive()
  assert.equal((await emulator.until(unattended, 'Stopped')).errorInformation?.code, 'TIMEOUT')

  const done = await emulator.deploy()
  await emulator.until(done, 'Ready')
  await restart()
  await until(async () => {
    const go = new sdk.ContinueDeploymentCommand({ deploymentId: done })
    return emulator.client.send(go).then(
      () => true,
      () => false,
    )
  })
  await until(async () => (await emulator.info(done)).instanceTerminationWaitTimeStarted === true)
  await emulator.codeDeploy.stop?.()
  emulator.left(done, { terminationDeadline: Date.now() - 1 })
  await emulator.revive()
  await emulator.until(done, 'Succeeded')
})

test('a stop that was acknowledged is carried out, and a rollback that was cut short is finished', async () => {
  await emulator.group({
    ...groupInput(),
    deploymentConfigName: await emulator.endlessCanary(),
    autoRollbackConfiguration: { enabled: false },
  })
  const id = await emulator.deploy()
  await until(() => weights('production/pair')?.[1] === 10)
  await emulator.codeDeploy.stop?.()
  emulator.left(id, { stop: { rollback: true } })
  await emulator.revive()
  const done = await emulator.until(id, 'Stopped')
  assert.equal(done.errorInformation?.code, 'MANUAL_STOP')
  assert.deepEqual(weights('production/pair'), [100, 0])

  const rollback = done.rollbackInfo?.rollbackDeploymentId ?? ''
  await emulator.codeDeploy.stop?.()
  emulator.left(rollback, { status: 'Created' })
  const rule = emulator.elb.rules.get('production/pair')
  assert.ok(rule)
  emulator.elb.rules.set('production/pair', {
    ...rule,
    targetGroups: [
      { targetGroupArn: blue, weight: 90 },
      { targetGroupArn: green, weight: 10 },
    ],
  })
  await emulator.revive()
  await emulator.until(rollback, 'Succeeded')
  assert.deepEqual(weights('production/pair'), [100, 0])
})
