/**
 * HTTP/2 beside HTTP/1.1 on one HTTPS server: the handshake agrees on one of them (ALPN), and what speaks HTTP/2 is
 * handed to a server of its own. HTTP/1.1 goes its way as if there were nothing else.
 *
 * A connection without streams is closed after an idle time-out. That of node:http2 will not do: PING frames would
 * keep a connection open, which AWS says they do not.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 */
import type { IncomingHttpHeaders } from 'node:http'
import {
  createServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'

export interface Http2Handlers {
  /** For how long a new connection may be without a stream. */
  idleTimeoutMs(socket: TLSSocket): number
  /** A connection; its socket outlives the session until the client closes it. */
  session?(session: ServerHttp2Session, socket: TLSSocket): void
  /** A request; `flat` has its headers as they came, names and values in turn. */
  stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flat: string[]): void
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration */
const maxConcurrentStreams = 128
const maxHeaderListSize = 64 * 1024

/** For the server's options: picks HTTP/2 for clients that know it, where it is offered under that server name. */
export function chooseProtocol(offered: (serverName: string) => boolean) {
  return ({ servername, protocols }: { servername: string; protocols: string[] }): string | undefined => {
    if (protocols.includes('h2') && offered(servername)) return 'h2'
    return protocols.includes('http/1.1') ? 'http/1.1' : undefined
  }
}

/** Serves those connections of `server` over HTTP/2 that have agreed on it. */
export function addHttp2(server: HttpsServer, handlers: Http2Handlers): Http2Server {
  const http2 = createServer({
    settings: { maxConcurrentStreams, maxHeaderListSize, enablePush: false },
    // The list's size is the limit, not its length.
    maxHeaderListPairs: maxHeaderListSize,
    // What is given twice that should be given once is its sender's affair, as it is over HTTP/1.1.
    strictSingleValueFields: false,
  })
  const http1 = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  /** The socket of the next 'session', which node:http2 emits before it returns and does not pass on. */
  let arriving: TLSSocket | undefined
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') {
      arriving = socket
      http2.emit('connection', socket)
    } else for (const listener of http1) listener.call(server, socket)
  })
  const streamBegins = new WeakMap<Http2Session, (stream: ServerHttp2Stream) => void>()
  http2.on('session', (session) => {
    // Its own 'close' follows; without a listener an error of a client would end the process.
    session.on('error', () => {})
    if (!arriving) return
    streamBegins.set(session, endIdle(session, arriving, handlers.idleTimeoutMs(arriving)))
    handlers.session?.(session, arriving)
  })
  http2.on('stream', (stream, headers, _flags, flat) => {
    if (stream.session) streamBegins.get(stream.session)?.(stream)
    handlers.stream(stream, headers, flat)
  })
  return http2
}

/**
 * Closes a session once it has had no stream for the idle time-out, and its socket if the client does not close it.
 * Returns what must be called with each stream that begins.
 */
function endIdle(session: ServerHttp2Session, socket: TLSSocket, idleTimeoutMs: number) {
  let streams = 0
  const timer = setTimeout(() => {
    if (streams > 0) return
    if (session.closed) return void socket.destroy()
    session.close()
    timer.refresh()
  }, idleTimeoutMs)
  socket.once('close', () => clearTimeout(timer))
  return (stream: ServerHttp2Stream) => {
    streams++
    stream.once('close', () => {
      if (--streams === 0 && !socket.destroyed) timer.refresh()
    })
  }
}
