/**
 * A deployment that is under way when its region stops, and goes on when it has started again over the same store. The
 * stop is an orderly one here; test/journeys/kill.test.ts kills the process.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { blue, green } from '../test-kit/services.test-kit.ts'

let region: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  region = await startCodedeploy()
})
afterEach(() => region.stop())

const weights = (rule: string) => region.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
const restart = async () => {
  await region.delivery.stop?.()
  await region.revive()
}
const shiftOf = async (id: string) =>
  (await region.target(id)).lifecycleEvents?.find((event) => event.lifecycleEventName === 'AllowTraffic')

test('a canary goes on where it was, with the task set it has and no hook asked twice', async () => {
  const asked: string[] = []
  region.handlers.early = async (event) => {
    asked.push(event.DeploymentId)
    await region.succeed(event)
  }
  await region.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent15Minutes' })
  const id = await region.deploy({}, appSpec({ hooks: [{ BeforeInstall: 'early' }] }))
  await until(() => weights('production/pair')?.[1] === 10)
  await region.delivery.stop?.()
  const before = await region.info(id)
  const shift = await shiftOf(id)
  assert.deepEqual([before.status, shift?.status], ['InProgress', 'InProgress'])
  await region.revive()
  const done = await region.until(id, 'Succeeded')
  assert.deepEqual(done.startTime, before.startTime)
  assert.deepEqual((await shiftOf(id))?.startTime, shift?.startTime)
  assert.deepEqual(asked, [id])
  assert.equal(region.ecs.taskSets.size, 2)
  assert.deepEqual(weights('production/pair'), [0, 100])
  assert.deepEqual((await region.eventStatuses(id)).Install, 'Succeeded')
})

test('an Install adopts the task set that it had created', async () => {
  region.ecs.steady = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  await region.group()
  const id = await region.deploy()
  await until(() => region.ecs.taskSets.has('ecs-svc/2'))
  await region.delivery.stop?.()
  region.ecs.steady = async () => undefined
  await region.revive()
  await region.until(id, 'Succeeded')
  assert.deepEqual(
    [...region.ecs.taskSets.values()].map((set) => set.targetGroupArn),
    [blue, green],
  )
})

test('an alarm that goes off in a canary still stops the deployment and gives the traffic back', async () => {
  await region.group({ deploymentConfigName: await region.endlessCanary() })
  const id = await region.deploy()
  await until(() => weights('production/pair')?.[1] === 10)
  await restart()
  region.alarms.set('errors', 'ALARM')
  const done = await region.until(id, 'Stopped')
  assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
  assert.deepEqual(weights('production/pair'), [100, 0])
})

test('a linear shift takes no step back', async () => {
  const deploymentConfigName = 'two-fifths'
  const timeBasedLinear = { linearPercentage: 40, linearInterval: 5 }
  await region.client.send(
    new sdk.CreateDeploymentConfigCommand({
      deploymentConfigName,
      computePlatform: 'ECS',
      trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear },
    }),
  )
  await region.group({ deploymentConfigName })
  const id = await region.deploy()
  await until(() => Number(weights('production/pair')?.[1]) >= 80)
  await restart()
  await region.until(id, 'Succeeded')
  const shares = region.elb.history.flatMap((line) => {
    const share = /^production.*\/(\d+)$/.exec(line)?.[1]
    return share === undefined ? [] : Number(share)
  })
  assert.deepEqual([...new Set(shares)], [40, 80, 100])
  assert.deepEqual(
    shares,
    shares.toSorted((one, other) => one - other),
  )
})

test('a wait goes on, and does not begin anew: what is left of it counts', async () => {
  await region.group({
    blueGreenDeploymentConfiguration: {
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 7_200 },
      terminateBlueInstancesOnDeploymentSuccess: {
        action: 'TERMINATE',
        terminationWaitTimeInMinutes: 2_880,
      },
    },
  })
  const unattended = await region.deploy()
  await region.until(unattended, 'Ready')
  await restart()
  await region.until(unattended, 'Ready')
  await region.delivery.stop?.()
  region.left(unattended, { readyDeadline: Date.now() - 1 })
  await region.revive()
  assert.equal((await region.until(unattended, 'Stopped')).errorInformation?.code, 'TIMEOUT')

  const done = await region.deploy()
  await region.until(done, 'Ready')
  await restart()
  await until(async () => {
    const go = new sdk.ContinueDeploymentCommand({ deploymentId: done })
    return region.client.send(go).then(
      () => true,
      () => false,
    )
  })
  await until(async () => (await region.info(done)).instanceTerminationWaitTimeStarted === true)
  await region.delivery.stop?.()
  region.left(done, { terminationDeadline: Date.now() - 1 })
  await region.revive()
  await region.until(done, 'Succeeded')
})

test('a stop that was acknowledged is carried out, and a rollback that was cut short is finished', async () => {
  await region.group({
    ...groupInput(),
    deploymentConfigName: await region.endlessCanary(),
    autoRollbackConfiguration: { enabled: false },
  })
  const id = await region.deploy()
  await until(() => weights('production/pair')?.[1] === 10)
  await region.delivery.stop?.()
  region.left(id, { stop: { rollback: true } })
  await region.revive()
  const done = await region.until(id, 'Stopped')
  assert.equal(done.errorInformation?.code, 'MANUAL_STOP')
  assert.deepEqual(weights('production/pair'), [100, 0])

  const rollback = done.rollbackInfo?.rollbackDeploymentId ?? ''
  await region.delivery.stop?.()
  region.left(rollback, { status: 'Created' })
  const rule = region.elb.rules.get('production/pair')
  assert.ok(rule)
  region.elb.rules.set('production/pair', {
    ...rule,
    targetGroups: [
      { targetGroupArn: blue, weight: 90 },
      { targetGroupArn: green, weight: 10 },
    ],
  })
  await region.revive()
  await region.until(rollback, 'Succeeded')
  assert.deepEqual(weights('production/pair'), [100, 0])
})
