/**
 * What an HTTP/2 client may take its time for: the same as one that speaks HTTP/1.1. A stream on which its client stops
 * is answered or cut after the idle time-out; a connection without streams is closed after it. Those of node:http2
 * will not do for connections: PING frames would keep one open, which AWS says they do not.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 */
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { send } from './answers.ts'
import type { Http2Exchange } from './http2-messages.ts'
import { cut } from './messages.ts'

/**
 * Bounds how long nothing may come or go on a stream; `timedOut` is told of a request that is answered with 408.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
 */
export function boundStream(
  stream: ServerHttp2Stream,
  { request, response }: Http2Exchange,
  idleTimeoutMs: number,
  timedOut: () => void,
): void {
  stream.setTimeout(idleTimeoutMs, () => {
    // The client takes no more of its answer, or has all of it and does not end its request.
    if (stream.writableLength > 0) return cut(response)
    if (response.writableEnded) return stream.close(constants.NGHTTP2_NO_ERROR)
    // The target is the one that is silent, or does not read: its own time-out answers 504.
    if (request.complete || request.readableLength > 0) return
    timedOut()
    response.on('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
    send(response, { status: 408 })
  })
}

export interface BoundSession {
  /** A stream of the session begins. */
  add(stream: ServerHttp2Stream): void
}

/** Closes a session once it has had no stream for the idle time-out, and its socket if the client does not let go. */
export function boundSession(
  session: ServerHttp2Session,
  socket: TLSSocket,
  idleTimeoutMs: number,
): BoundSession {
  let streams = 0
  const timer = setTimeout(() => {
    if (streams > 0) return
    if (session.closed) return void socket.destroy()
    session.close()
    timer.refresh()
  }, idleTimeoutMs)
  socket.once('close', () => clearTimeout(timer))
  return {
    add(stream) {
      streams++
      stream.once('close', () => {
        if (--streams === 0 && !socket.destroyed) timer.refresh()
      })
    },
  }
}
