/** Groups and streams, and the events below them. */
import { join } from 'node:path'
import type { EmulatorContext } from '../../service.ts'
import type { LogEvent } from './contract.ts'
import { groupExists, groupNotFound, invalidParameter, streamExists, streamNotFound } from './errors.ts'
import { type EventTable, openEventTable } from './event-table.ts'

export interface LogGroup {
  readonly name: string
  readonly createdAt: number
  readonly retentionDays: number | undefined
  readonly kmsKeyId: string | undefined
  readonly logGroupClass: string
  readonly tags: Readonly<Record<string, string>>
}

export interface LogStream {
  readonly group: string
  readonly name: string
  readonly createdAt: number
}

export interface LogsState {
  arn(group: string): string
  groups(): LogGroup[]
  streams(group: string): LogStream[]
  group(name: string): LogGroup | undefined
  /** By name or ARN; throws where there is none. */
  findGroup(nameOrArn: string): LogGroup
  findStream(group: string, stream: string): LogStream
  createGroup(group: Omit<LogGroup, 'createdAt'>): LogGroup
  saveGroup(group: LogGroup): void
  deleteGroup(name: string): void
  createStream(group: string, stream: string): void
  deleteStream(group: string, stream: string): void
  /** Appends; makes the stream if it is not there. */
  append(group: string, stream: string, events: readonly LogEvent[]): void
  readonly events: EventTable
  /** Drops what is older than each group keeps. */
  expire(): void
  close(): void
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

export function createState(context: EmulatorContext): LogsState {
  const { accountId, region, clock, stateDir } = context
  const groups = context.store.collection<LogGroup>('logs.groups')
  const streams = context.store.collection<LogStream>('logs.streams')
  let table: EventTable | undefined
  // Also opened when the emulator starts, which a damaged file must keep from starting, and not some later request.
  const events = () => {
    table ??= openEventTable(join(stateDir, 'logs.sqlite'))
    return table
  }
  const prefix = `arn:aws:logs:${region}:${accountId}:log-group:`
  const nameOf = (nameOrArn: string) =>
    nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length).replace(/:\*$/, '') : nameOrArn
  const keyOf = (group: string, stream: string) => `${group} ${stream}`

  const findGroup = (nameOrArn: string) => {
    const group = groups.get(nameOf(nameOrArn))
    if (group === undefined) throw groupNotFound()
    return group
  }
  const saveGroup = (group: LogGroup) => {
    checkRetention(group.retentionDays)
    groups.put(group.name, group)
  }
  return {
    arn: (group) => `${prefix}${group}`,
    groups: () => groups.values(),
    streams: (group) => streams.values().filter((stream) => stream.group === group),
    group: (name) => groups.get(name),
    findGroup,
    findStream(group, name) {
      const stream = streams.get(keyOf(findGroup(group).name, name))
      if (stream === undefined) throw streamNotFound()
      return stream
    },
    createGroup(group) {
      if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(group.name)) {
        throw invalidParameter(`The log group name ${group.name} is not valid.`)
      }
      if (groups.has(group.name)) throw groupExists()
      const created = { ...group, createdAt: clock.now() }
      saveGroup(created)
      return created
    },
    saveGroup,
    deleteGroup(name) {
      findGroup(name)
      // Events first: a new group of that name must not find them.
      events().deleteGroup(name)
      context.store.transaction(() => {
        for (const stream of streams.values())
          if (stream.group === name) streams.delete(keyOf(name, stream.name))
        groups.delete(name)
      })
    },
    createStream(group, name) {
      findGroup(group)
      if (!/^[^:*]{1,512}$/.test(name)) throw invalidParameter(`The log stream name ${name} is not valid.`)
      if (streams.has(keyOf(group, name))) throw streamExists()
      streams.put(keyOf(group, name), { group, name, createdAt: clock.now() })
    },
    deleteStream(group, name) {
      const key = keyOf(findGroup(group).name, name)
      if (!streams.has(key)) throw streamNotFound()
      events().deleteStream(group, name)
      streams.delete(key)
    },
    append(group, stream, added) {
      const key = keyOf(group, stream)
      if (!streams.has(key)) streams.put(key, { group, name: stream, createdAt: clock.now() })
      events().append(group, stream, added, clock.now())
    },
    get events() {
      return events()
    },
    expire() {
      for (const { name, retentionDays } of groups.values()) {
        if (retentionDays !== undefined) events().expire(name, clock.now() - retentionDays * 24 * 3_600_000)
      }
    },
    close() {
      table?.close()
      table = undefined
    },
  }
}

function checkRetention(days: number | undefined): void {
  if (days === undefined || RETENTION_DAYS.includes(days)) return
  throw invalidParameter(`A retention of ${days} days is not one of ${RETENTION_DAYS.join(', ')}.`)
}
