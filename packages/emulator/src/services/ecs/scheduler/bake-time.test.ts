/** The bake time of a deployment when the emulator stops in the middle of it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { createCloudWatch } from '../../cloudwatch/index.ts'
import { plainAlarm } from '../../cloudwatch/test-kit/cloudwatch.test-kit.ts'
import type { TaskSetRecord } from '../model/model.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { tasksOf } from '../test-kit/tasks.test-kit.ts'

/** By service and alarm, the seconds of AWS's time that it looks back: one ends soon, the other during no test. */
const windows = { quiet: 600, late: 43_200 } as const
const names = ['quiet', 'late'] as const
/** The delay of a data point to its alarm is part of the bake time. */
const LAG_SECONDS = 60

const open = (stateDir: string) =>
  testEmulator({
    stateDir,
    metrics: (context) => createCloudWatch(context, { notify: () => true, invoke: () => true }),
  })

const setState = (alarms: CloudWatchClient, AlarmName: string, StateValue: 'OK' | 'ALARM') =>
  alarms.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by the test' }))

async function deployed(here: TestEmulator, name: string, taskDefinition: string): Promise<void> {
  await until(`${name} is deployed`, async () => {
    const [deployment, ...others] = (await describeService(here, name)).deployments ?? []
    return (
      others.length === 0 &&
      deployment?.rolloutState === 'COMPLETED' &&
      deployment.taskDefinition === taskDefinition
    )
  })
}

const newest = (here: TestEmulator, name: string) =>
  here.context.store
    .collection<TaskSetRecord>('ecs.task-sets')
    .values()
    .findLast(({ serviceName, status }) => serviceName === name && status === 'PRIMARY')

/** A service whose second revision runs alone and bakes. */
async function baking(
  here: TestEmulator,
  alarms: CloudWatchClient,
  name: keyof typeof windows,
  first: string,
  next: string,
) {
  const silent = { AlarmName: name, Period: windows[name], TreatMissingData: 'ignore' } as const
  await alarms.send(new PutMetricAlarmCommand({ ...plainAlarm, ...silent }))
  await setState(alarms, name, 'OK')
  await createService(here, name, first)
  await deployed(here, name, first)
  const deploymentConfiguration = { alarms: { alarmNames: [name], enable: true, rollback: true } }
  const change = { cluster: 'main', service: name, taskDefinition: next, deploymentConfiguration }
  await here.client.send(new sdk.UpdateServiceCommand(change))
  return until(`${name} bakes`, async () => newest(here, name)?.bakingSince)
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
test('a bake time continues, and its alarms still count, after a restart of the emulator in the middle of it', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-ecs-test-'))
  const revisions: string[] = []
  const since: number[] = []
  {
    await using here = await open(stateDir)
    const alarms = new CloudWatchClient(here.wire.client)
    const [first, next] = [await register(here.client, 'app:1'), await register(here.client, 'app:2')]
    revisions.push(first, next)
    since.push(...(await Promise.all(names.map((name) => baking(here, alarms, name, first, next)))))
    alarms.destroy()
  }
  await using here = await open(stateDir)
  const alarms = new CloudWatchClient(here.wire.client)
  const [first = '', next = ''] = revisions
  const { deployments } = await describeService(here, 'late')
  assert.deepEqual(
    deployments?.map(({ status, rolloutState, taskDefinition }) => [status, rolloutState, taskDefinition]),
    [
      ['PRIMARY', 'IN_PROGRESS', next],
      ['ACTIVE', 'COMPLETED', first],
    ],
  )
  await until('a task runs again', async () =>
    (await tasksOf(here, 'late')).some(({ lastStatus }) => lastStatus === 'RUNNING'),
  )
  await setState(alarms, 'late', 'ALARM')
  await Promise.all([deployed(here, 'late', first), deployed(here, 'quiet', next)])
  const quiet = newest(here, 'quiet')
  // It did not start from the beginning.
  assert.equal(quiet?.bakingSince, since[0])
  const bakedMs = (quiet?.updatedAt ?? 0) - (since[0] ?? 0)
  assert.ok(bakedMs >= here.context.clock.toReal((windows.quiet + LAG_SECONDS) * 1000), `${bakedMs} ms`)
  alarms.destroy()
  await rm(stateDir, { recursive: true, force: true })
})
