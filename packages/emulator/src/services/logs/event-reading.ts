/**
 * Reading events in pages: one stream forwards and backwards (`GetLogEvents`), a whole group through a filter
 * (`FilterLogEvents`). A token is the place of an event in the order of time.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs'
import { invalidToken } from './errors.ts'
import type { EventQuery, StoredEvent } from './event-table.ts'
import { filterPattern } from './filter-pattern.ts'
import type { LogsState } from './state.ts'

type Position = NonNullable<EventQuery['beyond']>

const PAGE_EVENTS_MAX = 10_000

export function getLogEvents(logs: LogsState, input: sdk.GetLogEventsRequest): sdk.GetLogEventsResponse {
  const group = logs.findGroup(input.logGroupName ?? input.logGroupIdentifier ?? '').name
  const stream = input.logStreamName ?? ''
  logs.findStream(group, stream)
  const token = input.nextToken === undefined ? undefined : readToken(input.nextToken)
  const descending = token ? token.direction === 'b' : input.startFromHead !== true
  const found = logs.events.select({
    group,
    streams: [stream],
    from: input.startTime,
    to: input.endTime,
    beyond: token?.position,
    order: descending ? 'descending' : 'ascending',
    limit: Math.min(input.limit ?? PAGE_EVENTS_MAX, PAGE_EVENTS_MAX),
  })
  const events = descending ? found.reverse() : found
  // At an end the token stays the same: that is how clients see that there is no more.
  const first = events.at(0) ?? token?.position ?? { timestamp: 0, id: 0 }
  const last = events.at(-1) ?? token?.position ?? { timestamp: 0, id: 0 }
  return {
    events: events.map(({ timestamp, message, ingestedAt }) => ({
      timestamp,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: writeToken('f', last),
    nextBackwardToken: writeToken('b', first),
  }
}

export function filterLogEvents(
  logs: LogsState,
  input: sdk.FilterLogEventsRequest,
): sdk.FilterLogEventsResponse {
  const group = logs.findGroup(input.logGroupName ?? input.logGroupIdentifier ?? '').name
  const matches = filterPattern(input.filterPattern)
  const streams = input.logStreamNamePrefix
    ? logs
        .streams(group)
        .flatMap(({ name }) => (name.startsWith(input.logStreamNamePrefix ?? '') ? [name] : []))
    : input.logStreamNames
  const limit = Math.min(input.limit ?? PAGE_EVENTS_MAX, PAGE_EVENTS_MAX)
  const scanned = logs.events.select({
    group,
    streams,
    from: input.startTime,
    to: input.endTime === undefined ? undefined : input.endTime + 1,
    beyond: input.nextToken === undefined ? undefined : readToken(input.nextToken).position,
    order: 'ascending',
    limit: PAGE_EVENTS_MAX,
  })
  const found = scanned.filter(({ message }) => matches(message))
  const page = found.slice(0, limit)
  // More to come: matches that the page has no room for, or events that have not been looked at.
  const last =
    found.length > limit ? page.at(-1) : scanned.length === PAGE_EVENTS_MAX ? scanned.at(-1) : undefined
  return {
    events: page.map(filtered),
    searchedLogStreams: [],
    ...(last ? { nextToken: writeToken('f', last) } : {}),
  }
}

const filtered = ({ id, stream, timestamp, message, ingestedAt }: StoredEvent): sdk.FilteredLogEvent => ({
  logStreamName: stream,
  timestamp,
  message,
  ingestionTime: ingestedAt,
  eventId: String(id).padStart(56, '0'),
})

const writeToken = (direction: 'f' | 'b', { timestamp, id }: Position) => `${direction}/${timestamp}/${id}`

function readToken(token: string): { direction: string; position: Position } {
  const [, direction, timestamp, id] = /^([fb])\/(\d+)\/(\d+)$/.exec(token) ?? []
  if (direction === undefined) throw invalidToken()
  return { direction, position: { timestamp: Number(timestamp), id: Number(id) } }
}
