/**
 * An HTTP/2 stream as a request and an answer. To its target the request goes as HTTP/1.1: `:authority` becomes Host,
 * cookies that came in pieces are put together, a body of unknown length is sent in chunks.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { ClientRequest, ClientResponse } from '../message/messages.ts'

export interface Http2Exchange {
  readonly request: ClientRequest
  readonly response: ClientResponse
}

/** Both are the stream itself: what is read is the request's body, what is written the answer's. */
export function http2Exchange(
  stream: ServerHttp2Stream,
  received: IncomingHttpHeaders,
  flat: readonly string[],
): Http2Exchange {
  const rawHeaders = http1Headers(received, flat)
  const headers: IncomingHttpHeaders = { ...received }
  for (const name of Object.keys(headers)) if (name.startsWith(':')) delete headers[name]
  if (received[':authority'] !== undefined) headers.host = String(received[':authority'])
  const bodiless = stream.endAfterHeaders
  // Says to the rest that there is a body, and that it is sent on in chunks; HTTP/2 itself has no such header.
  if (!bodiless && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked'
  const trailers: Record<string, string> = {}
  const message = Object.assign(stream, {
    method: String(received[':method'] ?? 'GET'),
    url: String(received[':path'] ?? '/'),
    httpVersionMajor: 2,
    httpVersionMinor: 0,
    headers,
    rawHeaders,
    rawTrailers: [] as string[],
    complete: bodiless,
    socket: stream.session?.socket ?? {},
    shouldKeepAlive: true,
    writeHead(status: number, _reason: string, answered: string[]): void {
      stream.respond([':status', String(status), ...lowerCase(answered)], { waitForTrailers: true })
    },
    addTrailers(added: [string, string][]): void {
      for (const [name, value] of added) {
        const known = trailers[name.toLowerCase()]
        trailers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`
      }
    },
    writeContinue: () => stream.additionalHeaders({ ':status': 100 }),
  })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.on('trailers', (_headers, _flags, raw) => {
    message.rawTrailers = [...raw]
  })
  stream.on('end', () => {
    // A stream that is reset ends too, and what came of its body must not pass for the whole of it.
    if (!stream.closed) message.complete = true
  })
  // The client gave it up: it must not look as if its answer had been finished, which is how node:http2 ends it.
  stream.on('aborted', () => stream.destroy())
  // What breaks a stream is reported by its 'close'; without a listener it would end the process.
  stream.on('error', () => {})
  return { request: message, response: message }
}

/** Names and values as HTTP/1.1 has them, Host first. */
function http1Headers(received: IncomingHttpHeaders, flat: readonly string[]): string[] {
  const headers: string[] = []
  const authority = received[':authority']
  if (authority !== undefined) headers.push('host', String(authority))
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = flat[index] ?? ''
    if (name.startsWith(':') || name === 'cookie' || (name === 'host' && authority !== undefined)) continue
    headers.push(name, flat[index + 1] ?? '')
  }
  // https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3
  if (received.cookie !== undefined) headers.push('cookie', received.cookie)
  return headers
}

const lowerCase = (flat: readonly string[]) =>
  flat.map((each, index) => (index % 2 === 0 ? each.toLowerCase() : each))
