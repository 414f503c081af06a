import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../test-kit/until.test-kit.ts'
import {
  createService,
  NETWORK,
  register,
  type TestEmulator,
  testEmulator,
} from './test-kit/service.test-kit.ts'
import { addressOf, running, stopped, tasksOf } from './test-kit/tasks.test-kit.ts'

test('what does not exist is answered with AWS’s errors', async () => {
  await using here = await testEmulator()
  const { client } = here
  await assert.rejects(client.send(new sdk.DescribeServicesCommand({ cluster: 'none', services: ['x'] })), {
    name: 'ClusterNotFoundException',
  })
  await assert.rejects(client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'x' })), {
    name: 'ServiceNotFoundException',
  })
  await assert.rejects(client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: 'none:1' })), {
    name: 'ClientException',
    message: 'Unable to describe task definition.',
  })
  await assert.rejects(register(client, 'app:1', {}, { cpu: '256', memory: '4096' }), {
    message: /No Fargate configuration exists/,
  })
  const { failures } = await client.send(
    new sdk.DescribeServicesCommand({ cluster: 'main', services: ['x'] }),
  )
  assert.deepEqual(failures, [
    { arn: 'arn:aws:ecs:ap-northeast-2:000000000000:service/main/x', reason: 'MISSING' },
  ])
})

test('services start again after a restart of the emulator, and no process runs in between', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-ecs-test-'))
  let pids: number[]
  {
    await using here = await testEmulator({ stateDir })
    await createService(here, 'web', await register(here.client, 'app:1'))
    await running(here, 'web', 1)
    pids = here.context.store
      .collection<{ pid: number }>('runtime.processes')
      .values()
      .map(({ pid }) => pid)
    const [before] = await running(here, 'web', 1)
    await here.ecs.stop?.()
    // Its target would be unhealthy after the next start.
    assert.ok(here.loadBalancing.journal.includes(`deregister ${addressOf(before)}:8080`))
    for (const pid of pids) assert.throws(() => process.kill(pid, 0))
    await here.ecs.start?.()
    const [task] = await running(here, 'web', 1)
    assert.ok(task)
    assert.equal((await tasksOf(here, 'web', 'STOPPED'))[0]?.stopCode, 'TerminationNotice')
  }
  await rm(stateDir, { recursive: true, force: true })
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
test('a restart of the emulator does not shorten the back-off after failed starts', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-ecs-test-'))
  const stoppedTasks = async (here: TestEmulator) =>
    (await tasksOf(here, 'fails', 'STOPPED')).filter(({ lastStatus }) => lastStatus === 'STOPPED')
  const times = (tasks: sdk.Task[], when: 'createdAt' | 'stoppingAt') =>
    tasks.map((task) => task[when]?.getTime() ?? 0).sort((a, b) => a - b)
  let lastEnd: number | undefined
  {
    await using here = await testEmulator({ stateDir })
    await createService(here, 'fails', await register(here.client, 'app:none'))
    const failed = await until('six tasks have failed', async () => {
      const tasks = await stoppedTasks(here)
      return tasks.length === 6 && tasks
    })
    lastEnd = times(failed, 'stoppingAt').at(-1)
  }
  await using here = await testEmulator({ stateDir })
  const next = await until('it starts another', async () => {
    const tasks = await stoppedTasks(here)
    return tasks.length > 6 && tasks
  })
  // After the sixth failure it is 320 s of AWS's time.
  const pauseMs = (times(next, 'createdAt')[6] ?? 0) - (lastEnd ?? 0)
  assert.ok(pauseMs >= here.context.clock.toReal(320_000), `${pauseMs} ms`)
  await rm(stateDir, { recursive: true, force: true })
})

test('only the last 200 stopped tasks are kept, so that memory does not grow', async () => {
  await using here = await testEmulator()
  const taskDefinition = await register(here.client, 'app:none')
  const runTen = () =>
    here.client.send(
      new sdk.RunTaskCommand({ cluster: 'main', taskDefinition, count: 10, networkConfiguration: NETWORK }),
    )
  const arns: string[] = []
  for (let round = 0; round < 21; round++) {
    const { tasks = [] } = await runTen()
    arns.push(...tasks.map(({ taskArn = '' }) => taskArn))
  }
  const last = arns.at(-1) ?? ''
  await stopped(here, last)
  const kept = await until('all have stopped and the first are removed', async () => {
    const records = here.context.store.collection<{ lastStatus: string }>('ecs.tasks').values()
    return records.every(({ lastStatus }) => lastStatus === 'STOPPED') && records.length <= 200 && records
  })
  assert.equal(kept.length, 200)
  const { failures } = await here.client.send(
    new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arns[0] ?? ''] }),
  )
  assert.equal(failures?.[0]?.reason, 'MISSING')
})
