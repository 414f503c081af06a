/**
 * What an HTTP/2 client may take its time for: the same as one that speaks HTTP/1.1. A stream on which its client stops
 * is answered or cut after the idle time-out; that a connection without streams is closed after it, http2.ts sees to.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 */
import { constants, type ServerHttp2Stream } from 'node:http2'
import { send } from '../message/answers.ts'
import { cut } from '../message/messages.ts'
import type { Http2Exchange } from './http2-messages.ts'

/**
 * Bounds how long nothing may come or go on a stream; `timedOut` is called for a request that is answered with 408.
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
