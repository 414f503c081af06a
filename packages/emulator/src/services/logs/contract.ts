/** What CloudWatch Logs offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly message: string
}

/**
 * The fields of CloudFront's access log that are known here, in their order; the last three only where they are asked for.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html#BasicDistributionFileFormat
 */
export const accessLogFields = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(Referer)',
  'cs(User-Agent)',
  'cs-uri-query',
  'cs(Cookie)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'x-forwarded-for',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'fle-status',
  'fle-encrypted-fields',
  'c-port',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
  'sc-content-type',
  'sc-content-len',
  'sc-range-start',
  'sc-range-end',
  'timestamp',
  'timestamp(ms)',
  'DistributionId',
] as const

/** Where the logs of a resource go: a bucket, and how its files are named and written. */
export interface LogDelivery {
  readonly id: string
  readonly bucket: string
  /** Before AWS's own part of the key; empty for none. */
  readonly prefix: string
  /** Behind AWS's own part of the key, with its variables such as `{yyyy}`. */
  readonly suffixPath: string
  /** Whether the variables of the suffix are written as `year=2026`. */
  readonly hiveCompatible: boolean
  readonly format: string
  /** Empty for the default of the log. */
  readonly fields: readonly string[]
  readonly delimiter: string
}

export interface CloudWatchLogs extends Service {
  /** The deliveries of one kind of log of a resource, as they are now. */
  deliveriesOf(resourceArn: string, logType: string): LogDelivery[]
  /** Appends to a stream, which is made when it does not exist. False when the group does not exist. */
  put(group: string, stream: string, events: readonly LogEvent[]): boolean
}
