/**
 * Log events on disk, in a separate database: they are many, come in bursts, and are read by stream and time.
 * Bounded: each group keeps its newest events only, up to a number, and only as long as its retention says.
 */
import { DatabaseSync } from 'node:sqlite'
import { asStoreError, StoreError } from '../../store.ts'
import type { LogEvent } from './contract.ts'

export interface StoredEvent extends LogEvent {
  /** Ascending in the order of ingestion. */
  readonly id: number
  readonly stream: string
  readonly ingestedAt: number
}

/** Which events of a group: bounds include `from`, exclude `to`. */
export interface EventQuery {
  readonly group: string
  readonly streams?: readonly string[] | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Events after (or, descending, before) this one in the order of time. */
  readonly beyond?: { readonly timestamp: number; readonly id: number } | undefined
  readonly order: 'ascending' | 'descending'
  readonly limit: number
}

export interface EventTable {
  append(group: string, stream: string, events: readonly LogEvent[], now: number): void
  select(query: EventQuery): StoredEvent[]
  /** Times of the first and the last event of a stream. */
  span(group: string, stream: string): { first: number; last: number; ingestedAt: number } | undefined
  bytes(group: string): number
  deleteGroup(group: string): void
  deleteStream(group: string, stream: string): void
  /** Drops what is older than `before`. */
  expire(group: string, before: number): void
  /** Reads every page; throws `StoreError` where one is damaged. A rehearsal's events take a fraction of a second. */
  check(): void
  close(): void
}

/** A rehearsal's worth: some ten minutes of 300 requests per second with one line each. */
const EVENTS_PER_GROUP_MAX = 200_000
/** The bound is enforced now and then, not at each event. */
const TRIM_EVERY = 10_000

export function openEventTable(file: string): EventTable {
  const database = new DatabaseSync(file)
  prepareTable(database, file)
  const insert = database.prepare(
    'INSERT INTO event (log_group, stream, timestamp, ingested_at, message) VALUES (?, ?, ?, ?, ?)',
  )
  const trim = database.prepare(`
    DELETE FROM event WHERE log_group = ? AND id <=
      (SELECT id FROM event WHERE log_group = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
  `)
  const spanOf = database.prepare(`
    SELECT min(timestamp) AS first, max(timestamp) AS last, max(ingested_at) AS ingestedAt
    FROM event WHERE log_group = ? AND stream = ?
  `)
  const bytesOf = database.prepare(
    'SELECT coalesce(sum(length(message) + 26), 0) AS bytes FROM event WHERE log_group = ?',
  )
  const removeGroup = database.prepare('DELETE FROM event WHERE log_group = ?')
  const removeStream = database.prepare('DELETE FROM event WHERE log_group = ? AND stream = ?')
  const removeOld = database.prepare('DELETE FROM event WHERE log_group = ? AND timestamp < ?')
  const untrimmed = new Map<string, number>()

  return {
    append(group, stream, events, now) {
      if (events.length === 0) return
      database.exec('BEGIN')
      for (const { timestamp, message } of events) insert.run(group, stream, timestamp, now, message)
      database.exec('COMMIT')
      const pending = (untrimmed.get(group) ?? 0) + events.length
      untrimmed.set(group, pending < TRIM_EVERY ? pending : 0)
      if (pending < TRIM_EVERY) return
      trim.run(group, group, EVENTS_PER_GROUP_MAX)
    },
    select(query) {
      const { sql, parameters } = statement(query)
      return database
        .prepare(sql)
        .all(...parameters)
        .map(stored)
    },
    span(group, stream) {
      const row = spanOf.get(group, stream)
      if (row === undefined || row.first === null) return undefined
      return { first: Number(row.first), last: Number(row.last), ingestedAt: Number(row.ingestedAt) }
    },
    bytes: (group) => Number(bytesOf.get(group)?.bytes ?? 0),
    deleteGroup: (group) => void removeGroup.run(group),
    deleteStream: (group, stream) => void removeStream.run(group, stream),
    expire: (group, before) => void removeOld.run(group, before),
    check() {
      let found: unknown
      try {
        found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check
      } catch (error) {
        throw asStoreError(file, error)
      }
      if (found !== 'ok') throw new StoreError(`${file} is damaged: ${found}`)
    },
    close: () => database.close(),
  }
}

function statement(query: EventQuery): { sql: string; parameters: (string | number)[] } {
  const { streams, beyond } = query
  const descending = query.order === 'descending'
  const conditions: readonly (readonly [sql: string, ...parameters: (string | number)[]])[] = [
    ['log_group = ?', query.group],
    ...(streams ? [[`stream IN (${streams.map(() => '?').join(', ')})`, ...streams] as const] : []),
    ...(query.from === undefined ? [] : [['timestamp >= ?', query.from] as const]),
    ...(query.to === undefined ? [] : [['timestamp < ?', query.to] as const]),
    ...(beyond
      ? [[`(timestamp, id) ${descending ? '<' : '>'} (?, ?)`, beyond.timestamp, beyond.id] as const]
      : []),
  ]
  const direction = descending ? 'DESC' : 'ASC'
  const where = conditions.map(([sql]) => sql).join(' AND ')
  return {
    sql: `SELECT * FROM event WHERE ${where} ORDER BY timestamp ${direction}, id ${direction} LIMIT ?`,
    parameters: [...conditions.flatMap(([, ...parameters]) => parameters), query.limit],
  }
}

const stored = (row: Record<string, unknown>): StoredEvent => ({
  id: Number(row.id),
  stream: String(row.stream),
  timestamp: Number(row.timestamp),
  ingestedAt: Number(row.ingested_at),
  message: String(row.message),
})

/** Throws `StoreError` where the file is damaged. */
function prepareTable(database: DatabaseSync, file: string): void {
  try {
    database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS event (
      id INTEGER PRIMARY KEY AUTOINCREMENT, log_group TEXT NOT NULL, stream TEXT NOT NULL,
      timestamp INTEGER NOT NULL, ingested_at INTEGER NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS by_time ON event (log_group, timestamp, id);
    CREATE INDEX IF NOT EXISTS by_stream ON event (log_group, stream, timestamp, id);
  `)
  } catch (error) {
    database.close()
    throw asStoreError(file, error)
  }
}
