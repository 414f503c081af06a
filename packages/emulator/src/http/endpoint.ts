/** Where requests of clients end, and what a listener must know of it: how long connections may take, and who counts. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Where HTTP requests for a name of the emulator end: a load balancer's listener, a distribution. */
export interface HttpEndpoint {
  handle(request: IncomingMessage, response: ServerResponse, viewer: Viewer): void
  /** Handshakes of WebSockets; without it, they are requests like any other. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, viewer: Viewer): void
  /** Requests over HTTP/2; an endpoint without it speaks HTTP/1.1 only. */
  readonly http2?: {
    /** Whether clients are offered it at this moment. */
    enabled(): boolean
    /** `flat` has the headers as they came, names and values in turn. */
    handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flat: string[], viewer: Viewer): void
  }
  /** Certificate for a TLS client that asks for this name; undefined where the endpoint has none for it. */
  certificate?(serverName: string): { key: string; cert: string } | undefined
  readonly connections: ConnectionPolicy
}

/** What holds for the connections of an endpoint's clients, whichever listener they came by. All times are real. */
export interface ConnectionPolicy {
  /** For how long nothing may come or go on a connection. */
  idleTimeoutMs(): number
  /** For how long after it was opened a connection takes new requests. */
  keepAliveMs(): number
  /** A connection was opened; the socket is the one below TLS, whose bytes count. */
  opened?(socket: Socket): void
  /** A TLS handshake failed. */
  tlsFailed?(): void
  /** The answer to what is no request, or did not come in time. */
  refusal(problem: ClientProblem): Refusal
}

/** What a client did that never became a whole request. */
export type ClientProblem =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'unreadable'; readonly error: ParserError }

/** An error of node:http's parser. */
export type ParserError = Error & { readonly code?: string | undefined; readonly rawPacket?: Buffer }

/** A whole answer. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  /** Names and values in turn, without those of the connection and of the length. */
  readonly headers: readonly string[]
  readonly body: string
}

/** How the request reached the endpoint: what AWS would see of its connection. */
export interface Viewer {
  readonly scheme: 'http' | 'https'
  /** The port by AWS's count, 80 or 443, not the local one. */
  readonly port: number
  readonly address: string
}
