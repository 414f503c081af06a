import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Platform } from '@baton/config'
import { Fault, type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { type LogLine, readLogs } from './logs.ts'
import { createObservers, type Observers } from './observers.ts'

const platform = { name: 'keencho-production' } as Platform
const line = (eventId: string, task: string, message: string, timestamp: number) => ({
  eventId,
  logStreamName: `admin/admin/${task}`,
  message,
  timestamp,
})
let aws: StubAws
let clients: Observers
beforeEach(async () => {
  aws = await startStubAws({
    DescribeTasks: ({ tasks }) => ({
      tasks: (tasks as string[])
        .filter((task) => task !== 'forgotten')
        .map((task) => ({
          taskArn: `arn:aws:ecs:::task/keencho-production/${task}`,
          taskDefinitionArn: `arn:aws:ecs:::task-definition/admin:${task}`,
        })),
    }),
    DescribeTaskDefinition: ({ taskDefinition }) => ({
      tags: [{ key: 'baton:version', value: `v${String(taskDefinition).split(':').at(-1)}` }],
    }),
  })
  clients = createObservers(aws.settings)
})
afterEach(() => {
  clients.close()
  aws.close()
})

test('lines are in the order of time, over pages and groups, with the version of their task', async () => {
  aws.on({
    FilterLogEvents: ({ logGroupName, nextToken }) => {
      if (logGroupName === '/keencho-production/user') throw new Fault('ResourceNotFoundException', 'none')
      return nextToken === undefined
        ? { events: [line('2', '2', 'second\n', 20)], nextToken: 'more' }
        : { events: [line('1', '1', 'first', 10), line('3', 'forgotten', 'third', 30)] }
    },
  })
  const seen: LogLine[] = []
  await readLogs(clients, { platform, parts: ['admin', 'user'], since: 0 }, (lines) => seen.push(...lines))
  assert.deepEqual(
    seen.map(({ message, version, part }) => [part, version, message]),
    [
      ['admin', 'v1', 'first'],
      ['admin', 'v2', 'second'],
      ['admin', undefined, 'third'],
    ],
  )
})

test('a log that is followed shows each line once, also late ones, until its signal', async () => {
  const controller = new AbortController()
  let looks = 0
  aws.on({
    FilterLogEvents: () => {
      looks++
      if (looks === 3) controller.abort()
      const late = looks > 1 ? [line('0', '1', 'late', Date.now() - 5_000)] : []
      return { events: [...late, line('1', '1', 'first', Date.now() - 1_000)] }
    },
  })
  const seen: string[] = []
  const request = {
    platform,
    parts: ['admin'],
    since: 0,
    follow: true,
    signal: controller.signal,
    intervalMs: 5,
  }
  await readLogs(clients, request, (lines) => seen.push(...lines.map(({ message }) => message)))
  assert.deepEqual(seen, ['first', 'late'])
})
