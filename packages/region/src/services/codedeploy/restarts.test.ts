/**
 * A deployment that is under way when its region stops, and goes on when it has started again over the same store. The
 * stop is an orderly one here; test/journeys/kill.test.ts kills the process.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { until } from '../../until.test-kit.ts'
import { appSpec, startCodedeploy } from './testing.ts'
import { blue, green } from './testing-services.ts'

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
  assert.equal((await region.info(id)).status, 'InProgress')
  await region.revive()
  await region.until(id, 'Succeeded')
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
