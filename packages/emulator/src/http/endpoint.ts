/** Where requests of viewers end, and what is known of how they came. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'

/** Where HTTP requests for a name of the emulator end: a load balancer's listener, a distribution. */
export interface HttpEndpoint {
  handle(request: IncomingMessage, response: ServerResponse, viewer: Viewer): void
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, viewer: Viewer): void
  /** Requests over HTTP/2; an endpoint without it speaks HTTP/1.1 only. */
  readonly http2?: {
    /** Whether clients are offered it at this moment. */
    enabled(): boolean
    /** For how long a client's connection may be without a request. */
    idleTimeoutMs(): number
    /** `flat` has the headers as they came, names and values in turn. */
    handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flat: string[], viewer: Viewer): void
  }
  /** Certificate for a TLS client that asks for this name; undefined where the endpoint has none for it. */
  certificate?(serverName: string): { key: string; cert: string } | undefined
}

/** How the request reached the front door: what AWS would see of its connection. */
export interface Viewer {
  readonly scheme: 'http' | 'https'
  /** The port by AWS's count, 80 or 443, not the local one. */
  readonly port: number
  readonly address: string
}
