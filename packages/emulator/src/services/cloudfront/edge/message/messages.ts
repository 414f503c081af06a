/** A request and an answer on their way through the edge. */
import type { Readable } from 'node:stream'

export type Headers = Record<string, string | string[]>

/** Bodies up to this size are held as a whole, and can be cached; larger ones pass through. */
export const maxBufferedBytes = 10_000_000

export interface EdgeRequest {
  readonly id: string
  readonly method: string
  /** Percent-encoded, as sent in the request line; a function may have rewritten it. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** Lower-case names. */
  readonly headers: Headers
  /** Host of the viewer, lower-case, without a port. */
  readonly host: string
  readonly scheme: 'http' | 'https'
  readonly viewerAddress: string
}

export interface EdgeAnswer {
  readonly status: number
  readonly statusText?: string
  /** Lower-case names; no connection headers. */
  readonly headers: Headers
  readonly body: Buffer | Readable | undefined
  /** What X-Cache says before "from cloudfront". */
  readonly result: Result
}

export type Result =
  | 'Hit'
  | 'RefreshHit'
  | 'Miss'
  | 'Error'
  | 'Redirect'
  | 'FunctionGeneratedResponse'
  | 'FunctionExecutionError'
  | 'FunctionValidationError'

/** A header's first value. */
export function first(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** Releases what holds a body that is not sent: the connection to its origin, or a file. */
export function discardBody(body: EdgeAnswer['body']): void {
  if (body === undefined || Buffer.isBuffer(body)) return
  // That it was cut is an error of its stream, and one without a listener ends the process.
  body.on('error', () => {}).destroy()
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers that concern one connection only (RFC 9110, 7.6.1), those that `Connection` names included. */
export function isHopByHop(name: string, connection: string | undefined): boolean {
  if (hopByHop.has(name)) return true
  return connection !== undefined && connection.length > 10 && connectionNames(connection).includes(name)
}

const connectionNames = (connection: string) => connection.toLowerCase().split(/\s*,\s*/)
