/** The answers of RunTask to a repeated client token, and how long a token is valid. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { systemClock } from '../../../clock.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { NETWORK, register, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'

let emulator: TestEmulator
let client: sdk.ECSClient
let taskDefinition: string
const speed = 500
/** How much the emulator's wall clock is ahead. */
let aheadMs = 0

before(async () => {
  const clock = { ...systemClock(speed), now: () => Date.now() + aheadMs }
  emulator = await testEmulator({ clock })
  client = emulator.client
  taskDefinition = await register(client, 'none:1')
})
after(() => emulator[Symbol.asyncDispose]())

const run = async (more: Partial<sdk.RunTaskCommandInput>) => {
  const input = { cluster: 'main', taskDefinition, networkConfiguration: NETWORK, ...more }
  const { tasks = [] } = await client.send(new sdk.RunTaskCommand(input))
  return tasks.map(({ taskArn = '' }) => taskArn)
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
test('runs a task once for a client token of a cluster', async () => {
  await client.send(new sdk.CreateClusterCommand({ clusterName: 'other' }))
  const first = await run({ clientToken: 'token-1' })
  assert.deepEqual(await run({ clientToken: 'token-1' }), first)
  await assert.rejects(run({ clientToken: 'token-1', count: 2 }), (error) => {
    assert.ok(error instanceof sdk.ConflictException)
    assert.deepEqual(error.resourceIds, first)
    return true
  })
  const [elsewhere] = await run({ clientToken: 'token-1', cluster: 'other', count: 2 })
  assert.match(elsewhere ?? '', /:task\/other\//)
})

test('answers a client token with its tasks when they are no longer described', async () => {
  const [first = ''] = await run({ clientToken: 'kept' })
  const described = async () => {
    const { tasks = [] } = await client.send(
      new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [first] }),
    )
    return tasks[0]
  }
  await until('it stops', async () => (await described())?.lastStatus === 'STOPPED')
  await until('it is forgotten', async () => {
    await Promise.all(Array.from({ length: 5 }, () => run({ count: 10 })))
    return (await described()) === undefined
  })
  assert.deepEqual(await run({ clientToken: 'kept' }), [first])
})

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
test('a client token expires after a day', async () => {
  const first = await run({ clientToken: 'daily' })
  const kept = () => emulator.context.store.collection('ecs.run-task-requests').entries()
  aheadMs = 23 * (3_600_000 / speed)
  assert.deepEqual(await run({ clientToken: 'daily' }), first)
  aheadMs = 25 * (3_600_000 / speed)
  assert.notDeepEqual(await run({ clientToken: 'daily' }), first)
  assert.deepEqual(
    kept().map(([key]) => key),
    ['main/daily'],
  )
})
