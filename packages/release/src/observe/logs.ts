/**
 * What tasks print, from CloudWatch Logs, in the order of time. A stream is named after its task, and the task's revision
 * knows its version, so every line can say which version wrote it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
 */
import { FilterLogEventsCommand, ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeTaskDefinitionCommand, DescribeTasksCommand } from '@aws-sdk/client-ecs'
import { logGroupName, type Platform } from '@baton/config'
import { versionTag } from '../service/revision.ts'
import type { Observers } from './observers.ts'

export interface LogLine {
  readonly at: number
  /** The part of the platform: `admin`, `migration`. */
  readonly part: string
  readonly container: string
  readonly task: string
  /** Undefined for a task that ended more than an hour ago: ECS has forgotten it. */
  readonly version?: string
  readonly message: string
}

export interface LogsRequest {
  readonly platform: Platform
  /** Services, jobs, `migration`. */
  readonly parts: readonly string[]
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Goes on until the signal is aborted. */
  readonly follow?: boolean
  readonly signal?: AbortSignal
  /** Between two looks, in real milliseconds. */
  readonly intervalMs?: number
}

/** Lines are late by up to a few seconds; each look goes back so far, and leaves out what was seen. */
const overlapMs = 15_000

/** Calls `onLines` with the lines of each look that has some. */
export async function readLogs(
  clients: Observers,
  request: LogsRequest,
  onLines: (lines: readonly LogLine[]) => void,
): Promise<void> {
  const { signal, follow = false, intervalMs = 1_000 } = request
  const seen = new Map<string, number>()
  const versions = new Map<string, string | undefined>()
  let since = request.since
  for (;;) {
    const until = Date.now()
    const events = (
      await Promise.all(request.parts.map((part) => eventsOf(clients, request.platform, part, since)))
    ).flat()
    const fresh = events.filter(({ id }) => !seen.has(id))
    for (const { id, line } of fresh) seen.set(id, line.at)
    await learnVersions(clients, request.platform, fresh, versions)
    const lines = fresh
      .map(({ line }) => ({ ...line, ...withVersion(versions.get(line.task)) }))
      .sort((a, b) => a.at - b.at)
    if (lines.length > 0) onLines(lines)
    if (!follow || signal?.aborted) return
    since = Math.max(request.since, until - overlapMs)
    for (const [id, at] of seen) if (at < since - overlapMs) seen.delete(id)
    await pause(intervalMs, signal)
  }
}

const withVersion = (version: string | undefined) => (version === undefined ? {} : { version })

interface Event {
  readonly id: string
  readonly line: Omit<LogLine, 'version'>
}

/** None where the part has no log group yet. */
async function eventsOf(
  { logs }: Observers,
  platform: Platform,
  part: string,
  since: number,
): Promise<readonly Event[]> {
  const events: Event[] = []
  let token: string | undefined
  try {
    do {
      const page = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: logGroupName(platform, part),
          startTime: since,
          ...(token ? { nextToken: token } : {}),
        }),
      )
      for (const { eventId = '', timestamp = 0, message = '', logStreamName = '' } of page.events ?? []) {
        // PREFIX/CONTAINER/TASK
        const [, container = '', task = ''] = logStreamName.split('/')
        events.push({
          id: `${logStreamName} ${eventId}`,
          line: { at: timestamp, part, container, task, message: message.trimEnd() },
        })
      }
      token = page.nextToken
    } while (token)
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
  }
  return events
}

async function learnVersions(
  { ecs }: Observers,
  { name: cluster }: Platform,
  events: readonly Event[],
  known: Map<string, string | undefined>,
): Promise<void> {
  const unknown = [...new Set(events.map(({ line }) => line.task))].filter(
    (task) => task !== '' && !known.has(task),
  )
  const revisions = new Map<string, string>()
  for (let start = 0; start < unknown.length; start += 100) {
    const asked = unknown.slice(start, start + 100)
    const described = await ecs
      .send(new DescribeTasksCommand({ cluster, tasks: asked }))
      .catch(() => undefined)
    for (const { taskArn = '', taskDefinitionArn } of described?.tasks ?? [])
      if (taskDefinitionArn) revisions.set(taskArn.split('/').at(-1) ?? '', taskDefinitionArn)
  }
  const tags = new Map<string, string | undefined>()
  for (const arn of new Set(revisions.values())) {
    const answer = await ecs
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] }))
      .catch(() => undefined)
    tags.set(arn, answer?.tags?.find(({ key }) => key === versionTag)?.value)
  }
  for (const task of unknown) known.set(task, tags.get(revisions.get(task) ?? ''))
}

/** Ends with the signal, too. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      done()
    })
  })
}
