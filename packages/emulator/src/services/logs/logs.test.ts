import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch-logs'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createLogs } from './index.ts'

async function served() {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-logs-'))
  const logs = createLogs(testContext({ stateDir }))
  if (!logs.api) throw new Error('CloudWatch Logs has an API')
  const wire = await serveForTest([logs.api])
  return {
    logs,
    client: new sdk.CloudWatchLogsClient(wire.client),
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]()
      await logs.stop?.()
      await rm(stateDir, { recursive: true })
    },
  }
}

const messages = (events: { message?: string | undefined }[] | undefined) =>
  (events ?? []).map(({ message }) => message)

test('keeps the events of a stream and pages forwards and backwards through them', async () => {
  await using emulator = await served()
  const { client } = emulator
  const stream = { logGroupName: '/app', logStreamName: 'task/1' }
  await client.send(new sdk.CreateLogGroupCommand({ logGroupName: '/app' }))
  await client.send(new sdk.CreateLogStreamCommand(stream))
  const now = Date.now()
  const logEvents = Array.from({ length: 5 }, (_, index) => ({
    timestamp: now + index,
    message: `line ${index}`,
  }))
  await client.send(new sdk.PutLogEventsCommand({ ...stream, logEvents }))

  const tail = await client.send(new sdk.GetLogEventsCommand({ ...stream, limit: 2 }))
  assert.deepEqual(messages(tail.events), ['line 3', 'line 4'])
  const before = await client.send(
    new sdk.GetLogEventsCommand({ ...stream, limit: 2, nextToken: tail.nextBackwardToken }),
  )
  assert.deepEqual(messages(before.events), ['line 1', 'line 2'])
  const read: (string | undefined)[] = []
  for await (const page of sdk.paginateGetLogEvents(
    { client, pageSize: 2, stopOnSameToken: true },
    { ...stream, startFromHead: true },
  )) {
    read.push(...messages(page.events))
  }
  assert.deepEqual(read, ['line 0', 'line 1', 'line 2', 'line 3', 'line 4'])
})

test('filters a group over its streams by terms, and refuses patterns that it has not', async () => {
  await using emulator = await served()
  const { client } = emulator
  await client.send(new sdk.CreateLogGroupCommand({ logGroupName: '/app' }))
  assert.equal(emulator.logs.put('/app', 'a', [{ timestamp: 2, message: 'ERROR db gone' }]), true)
  assert.equal(
    emulator.logs.put('/app', 'b', [
      { timestamp: 1, message: 'ERROR time-out' },
      { timestamp: 3, message: 'ok' },
    ]),
    true,
  )
  assert.equal(emulator.logs.put('/none', 'a', []), false)
  const filter = (filterPattern: string) =>
    client.send(new sdk.FilterLogEventsCommand({ logGroupName: '/app', filterPattern }))
  assert.deepEqual(messages((await filter('ERROR')).events), ['ERROR time-out', 'ERROR db gone'])
  assert.deepEqual(messages((await filter('ERROR -"time-out"')).events), ['ERROR db gone'])
  assert.deepEqual(messages((await filter('?ok ?gone')).events), ['ERROR db gone', 'ok'])
  await assert.rejects(filter('{ $.level = "error" }'), { name: 'NotImplemented' })
  const streams = await client.send(
    new sdk.DescribeLogStreamsCommand({ logGroupName: '/app', orderBy: 'LastEventTime', descending: true }),
  )
  assert.deepEqual(
    streams.logStreams?.map(({ logStreamName }) => logStreamName),
    ['b', 'a'],
  )
})

test("gives AWS's errors for what is not there or is there already", async () => {
  await using emulator = await served()
  const { client } = emulator
  const create = () => client.send(new sdk.CreateLogGroupCommand({ logGroupName: '/app' }))
  await create()
  await assert.rejects(create(), { name: 'ResourceAlreadyExistsException' })
  const put = new sdk.PutLogEventsCommand({ logGroupName: '/app', logStreamName: 'none', logEvents: [] })
  await assert.rejects(client.send(put), { name: 'ResourceNotFoundException' })
  const retention = new sdk.PutRetentionPolicyCommand({ logGroupName: '/app', retentionInDays: 31 })
  await assert.rejects(client.send(retention), { name: 'InvalidParameterException' })
})

test('applies, changes and destroys a log group with its events', async () => {
  await using emulator = await served()
  const [type] = emulator.logs.resourceTypes ?? []
  const apply = {
    address: 'aws_cloudwatch_log_group.a',
    region: 'ap-northeast-2',
    accountId: '000000000000',
    folder: '/',
    signal: new AbortController().signal,
  }
  const created = await type?.create({ name: '/app', retention_in_days: 30 }, apply)
  assert.equal(created?.arn, 'arn:aws:logs:ap-northeast-2:000000000000:log-group:/app')
  await type?.update?.({ ...created, retention_in_days: 7 }, created ?? {}, apply)
  const described = await emulator.client.send(new sdk.DescribeLogGroupsCommand({ logGroupNamePrefix: '/a' }))
  assert.equal(described.logGroups?.[0]?.retentionInDays, 7)
  emulator.logs.put('/app', 's', [{ timestamp: 1, message: 'old' }])
  await type?.delete?.(created ?? {}, apply)
  await type?.create({ name: '/app' }, apply)
  const events = await emulator.client.send(new sdk.FilterLogEventsCommand({ logGroupName: '/app' }))
  assert.deepEqual(events.events, [])
})
