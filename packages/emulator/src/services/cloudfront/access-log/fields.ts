/**
 * The fields of CloudFront's access log, by AWS's names, from what one request was.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html#BasicDistributionFileFormat
 */
import { accessLogFields } from '../../logs/contract.ts'
import { first, type Headers } from '../edge/message/messages.ts'

/** A request that ended, as the edge saw it. */
export interface ServedRequest {
  readonly distributionId: string
  readonly domainName: string
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Headers
  readonly scheme: 'http' | 'https'
  readonly httpVersion: string
  readonly viewer: { readonly address: string; readonly port: number }
  readonly tls?: { readonly protocol: string; readonly cipher: string }
  /** The status that was sent; 0 where the viewer left before one was. */
  readonly status: number
  /** What X-Cache said; `Error` where the viewer left before. */
  readonly result: string
  /** Whether the viewer left before it had the whole answer. */
  readonly cut: boolean
  readonly answerHeaders: Headers
  readonly bytes: { readonly received: number; readonly sent: number }
  /** Milliseconds since the epoch when it ended, and how long it took to its first byte and as a whole. */
  readonly endedAt: number
  readonly firstByteMs: number
  readonly totalMs: number
}

const pop = 'ICN57-P1'
const seconds = (ms: number) => (ms / 1000).toFixed(3)
const iso = (ms: number) => new Date(ms).toISOString()
const header = (headers: Headers, name: string) => first(headers, name) || '-'
const rangeOf = ({ headers, status }: ServedRequest) =>
  status === 206 ? /^bytes=(\d*)-(\d*)$/.exec(first(headers, 'range') ?? '') : null

/** The values as they are; `-` for none. */
const values = {
  date: ({ endedAt }) => iso(endedAt).slice(0, 10),
  time: ({ endedAt }) => iso(endedAt).slice(11, 19),
  'x-edge-location': () => pop,
  'sc-bytes': ({ bytes }) => String(bytes.sent),
  'c-ip': ({ viewer }) => viewer.address,
  'cs-method': ({ method }) => method,
  'cs(Host)': ({ domainName }) => domainName,
  'cs-uri-stem': ({ path }) => path,
  'sc-status': ({ status }) => String(status).padStart(3, '0'),
  'cs(Referer)': ({ headers }) => header(headers, 'referer'),
  'cs(User-Agent)': ({ headers }) => header(headers, 'user-agent'),
  'cs-uri-query': ({ query }) => query || '-',
  'cs(Cookie)': ({ headers }) => header(headers, 'cookie'),
  'x-edge-result-type': ({ result }) => result,
  'x-edge-request-id': ({ id }) => id,
  'x-host-header': ({ headers }) => header(headers, 'host'),
  'cs-protocol': ({ scheme }) => scheme,
  'cs-bytes': ({ bytes }) => String(bytes.received),
  'time-taken': ({ totalMs }) => seconds(totalMs),
  'x-forwarded-for': ({ headers }) => header(headers, 'x-forwarded-for'),
  'ssl-protocol': ({ tls }) => tls?.protocol ?? '-',
  'ssl-cipher': ({ tls }) => tls?.cipher ?? '-',
  'x-edge-response-result-type': ({ result }) => result,
  'cs-protocol-version': ({ httpVersion }) => `HTTP/${httpVersion}`,
  'fle-status': () => '-',
  'fle-encrypted-fields': () => '-',
  'c-port': ({ viewer }) => String(viewer.port),
  'time-to-first-byte': ({ firstByteMs }) => seconds(firstByteMs),
  'x-edge-detailed-result-type': ({ result, cut }) => (cut ? 'ClientCommError' : result),
  'sc-content-type': ({ answerHeaders }) => header(answerHeaders, 'content-type'),
  'sc-content-len': ({ answerHeaders }) => header(answerHeaders, 'content-length'),
  'sc-range-start': (served) => rangeOf(served)?.[1] || '-',
  'sc-range-end': (served) => rangeOf(served)?.[2] || '-',
  timestamp: ({ endedAt }) => String(Math.floor(endedAt / 1000)),
  'timestamp(ms)': ({ endedAt }) => String(endedAt),
  DistributionId: ({ distributionId }) => distributionId,
} satisfies Readonly<Record<Field, (served: ServedRequest) => string>>

export type Field = (typeof accessLogFields)[number]

/** The fields that a delivery has where it names none, in their order. */
export const defaultFields: readonly Field[] = accessLogFields.slice(0, -3)

export const isField = (name: string): name is Field => Object.hasOwn(values, name)

export const fieldValue = (field: Field, served: ServedRequest): string => values[field](served)
