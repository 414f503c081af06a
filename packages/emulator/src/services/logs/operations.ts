/** CloudWatch Logs' API. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalidParameter, invalidToken } from './errors.ts'
import { filterLogEvents, getLogEvents } from './event-reading.ts'
import type { LogGroup, LogStream, LogsState } from './state.ts'

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BATCH_EVENTS_MAX = 10_000
const DAY_MS = 24 * 3_600_000

export function createOperations(logs: LogsState, now: () => number) {
  const change = (name: string | undefined, changes: Partial<LogGroup>) => {
    logs.saveGroup({ ...logs.findGroup(name ?? ''), ...changes })
    return {}
  }
  return {
    CreateLogGroup(input) {
      logs.createGroup({
        name: input.logGroupName ?? '',
        retentionDays: undefined,
        kmsKeyId: input.kmsKeyId,
        logGroupClass: input.logGroupClass ?? 'STANDARD',
        tags: input.tags ?? {},
      })
      return {}
    },
    DeleteLogGroup({ logGroupName = '' }) {
      logs.deleteGroup(logGroupName)
      return {}
    },
    DescribeLogGroups(input) {
      const found = logs
        .groups()
        .filter(({ name }) => name.startsWith(input.logGroupNamePrefix ?? ''))
        .filter(({ name }) => name.includes(input.logGroupNamePattern ?? ''))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      const { items, next } = pageOf(found, input.nextToken, input.limit ?? 50, invalidToken)
      return {
        logGroups: items.map((group) => describedGroup(logs, group)),
        ...(next ? { nextToken: next } : {}),
      }
    },

    CreateLogStream({ logGroupName = '', logStreamName = '' }) {
      logs.createStream(logGroupName, logStreamName)
      return {}
    },
    DeleteLogStream({ logGroupName = '', logStreamName = '' }) {
      logs.deleteStream(logGroupName, logStreamName)
      return {}
    },
    DescribeLogStreams(input) {
      const group = logs.findGroup(input.logGroupName ?? input.logGroupIdentifier ?? '')
      const found = logs
        .streams(group.name)
        .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''))
        .map((stream) => describedStream(logs, stream))
        .sort((a, b) =>
          input.orderBy === 'LastEventTime'
            ? (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0)
            : a.logStreamName < b.logStreamName
              ? -1
              : 1,
        )
      if (input.descending) found.reverse()
      const { items, next } = pageOf(found, input.nextToken, input.limit ?? 50, invalidToken)
      return { logStreams: items, ...(next ? { nextToken: next } : {}) }
    },

    PutLogEvents({ logGroupName = '', logStreamName = '', logEvents = [] }) {
      const { name } = logs.findGroup(logGroupName)
      logs.findStream(name, logStreamName)
      if (logEvents.length > BATCH_EVENTS_MAX)
        throw invalidParameter(`A batch has at most ${BATCH_EVENTS_MAX} events.`)
      const events = logEvents.map(({ timestamp = now(), message = '' }) => ({ timestamp, message }))
      if (events.some((event, index) => event.timestamp < (events[index - 1]?.timestamp ?? 0))) {
        throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.')
      }
      // AWS drops what is older than 14 days or more than two hours ahead, and says where it began.
      const tooOld = events.filter(({ timestamp }) => timestamp < now() - 14 * DAY_MS).length
      const tooNew = events.findIndex(({ timestamp }) => timestamp > now() + 2 * 3_600_000)
      logs.append(name, logStreamName, events.slice(tooOld, tooNew < 0 ? undefined : tooNew))
      const rejected = {
        ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
        ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }),
      }
      return Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {}
    },
    GetLogEvents: (input) => getLogEvents(logs, input),
    FilterLogEvents: (input) => filterLogEvents(logs, input),

    PutRetentionPolicy: ({ logGroupName, retentionInDays }) =>
      change(logGroupName, { retentionDays: retentionInDays }),
    DeleteRetentionPolicy: ({ logGroupName }) => change(logGroupName, { retentionDays: undefined }),

    // Deprecated, and what the AWS provider calls to this day.
    ListTagsLogGroup: ({ logGroupName = '' }) => ({ tags: { ...logs.findGroup(logGroupName).tags } }),
    TagLogGroup({ logGroupName = '', tags }) {
      return change(logGroupName, { tags: { ...logs.findGroup(logGroupName).tags, ...tags } })
    },
    UntagLogGroup({ logGroupName = '', tags = [] }) {
      const kept = Object.entries(logs.findGroup(logGroupName).tags).filter(([key]) => !tags.includes(key))
      return change(logGroupName, { tags: Object.fromEntries(kept) })
    },
    AssociateKmsKey: ({ logGroupName, kmsKeyId }) => change(logGroupName, { kmsKeyId }),
    DisassociateKmsKey: ({ logGroupName }) => change(logGroupName, { kmsKeyId: undefined }),
    ListTagsForResource: ({ resourceArn = '' }) => ({ tags: { ...logs.findGroup(resourceArn).tags } }),
    TagResource({ resourceArn = '', tags }) {
      return change(resourceArn, { tags: { ...logs.findGroup(resourceArn).tags, ...tags } })
    },
    UntagResource({ resourceArn = '', tagKeys = [] }) {
      const kept = Object.entries(logs.findGroup(resourceArn).tags).filter(([key]) => !tagKeys.includes(key))
      return change(resourceArn, { tags: Object.fromEntries(kept) })
    },
  } satisfies Operations<typeof sdk>
}

const describedGroup = (logs: LogsState, group: LogGroup): sdk.LogGroup => ({
  logGroupName: group.name,
  creationTime: group.createdAt,
  // `arn` ends in `:*` for policies, `logGroupArn` does not.
  arn: `${logs.arn(group.name)}:*`,
  logGroupArn: logs.arn(group.name),
  logGroupClass: group.logGroupClass as sdk.LogGroupClass,
  metricFilterCount: 0,
  storedBytes: logs.events.bytes(group.name),
  ...(group.retentionDays === undefined ? {} : { retentionInDays: group.retentionDays }),
  ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
})

function describedStream(logs: LogsState, stream: LogStream) {
  const span = logs.events.span(stream.group, stream.name)
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    arn: `${logs.arn(stream.group)}:log-stream:${stream.name}`,
    storedBytes: 0,
    ...(span && {
      firstEventTimestamp: span.first,
      lastEventTimestamp: span.last,
      lastIngestionTime: span.ingestedAt,
    }),
  }
}
