/**
 * A request and its answer as the balancer sees them, whatever the client speaks. Those of node:http are such as they
 * are; http2-messages.ts makes such of an HTTP/2 stream.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable, Writable } from 'node:stream'

/** What came from the client; the stream is its body. */
export interface ClientRequest extends Readable {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersionMajor: number
  readonly httpVersionMinor: number
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn. */
  readonly rawHeaders: string[]
  readonly rawTrailers: string[]
  /** Whether all of it is here. */
  readonly complete: boolean
  readonly socket: ClientSocket
}

/** What can be asked of the connection; a TLS one has the last two. */
export interface ClientSocket {
  readonly remotePort?: number | undefined
  getProtocol?(): string | null
  getCipher?(): { readonly name: string }
}

/** What goes to the client; the stream is its body. */
export interface ClientResponse extends Writable {
  /** False closes the client's connection after this answer. */
  shouldKeepAlive: boolean
  readonly headersSent: boolean
  writeHead(status: number, reason: string, headers: string[]): unknown
  addTrailers(trailers: [name: string, value: string][]): void
  writeContinue(): void
}

/** Breaks an answer off so that the client cannot take it for whole; a stream of HTTP/2 needs an error for that. */
export function cut(response: ClientResponse): void {
  response.destroy('session' in response ? new Error('the answer was broken off') : undefined)
}
