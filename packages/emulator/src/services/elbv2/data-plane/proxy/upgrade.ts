/**
 * WebSockets: the handshake goes to a target like any request; once the target agrees, bytes flow both ways until
 * one side ends them, the idle time-out does, or the target is drained.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Viewer } from '../../../../http/endpoint.ts'
import { reasonPhrase } from '../message/answers.ts'
import { DrainingOver, failureOf } from '../message/failures.ts'
import type { RequestProxy } from './proxy.ts'

/** A handshake that node:http has handed over, with what came behind it. */
export interface Handshake {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly viewer: Viewer
}

export function upgrade(proxy: RequestProxy, listenerArn: string, handshake: Handshake): void {
  const { request, socket, head, viewer } = handshake
  socket.on('error', () => socket.destroy())
  const response = answerOn(request, socket)
  if (!response) return void socket.destroy()
  const forward = proxy.admit(listenerArn, request, response, viewer)
  if (!forward) return
  const { target } = forward
  const { responder } = proxy
  const started = performance.now()
  let upgraded = false
  const upstream = proxy.request(forward, request, true)
  // A target that refuses has often left HTTP on this connection, or closes it without an answer: it is not reused.
  upstream.shouldKeepAlive = false
  const inFlight = {
    cut: () => {
      if (upgraded) socket.destroy()
      else upstream.destroy(new DrainingOver())
    },
  }
  target.inFlight.add(inFlight)
  socket.on('close', () => {
    target.inFlight.delete(inFlight)
    upstream.destroy()
    if (!upgraded && !response.headersSent) responder.abandoned(forward, request)
  })
  // Nothing reads it yet, so nothing would notice its end.
  socket.on('end', () => {
    if (!upgraded) socket.destroy()
  })
  socket.read(0)
  upstream.on('error', (error) => {
    if (socket.destroyed || response.writableEnded) return
    responder.fail(forward, response, failureOf(error, upstream.reusedSocket))
  })
  upstream.on('response', (answered) => {
    proxy.relay({ forward, request, response }, upstream, answered, started)
  })
  upstream.on('upgrade', (answered, targetSocket, targetHead) => {
    upgraded = true
    if (response.socket) response.detachSocket(response.socket)
    const status = answered.statusCode ?? 101
    const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`]
    for (let index = 0; index + 1 < answered.rawHeaders.length; index += 2) {
      lines.push(`${answered.rawHeaders[index]}: ${answered.rawHeaders[index + 1]}`)
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    if (targetHead.length > 0) socket.write(targetHead)
    if (head.length > 0) targetSocket.write(head)
    socket.on('timeout', () => socket.destroy())
    targetSocket.on('error', () => socket.destroy())
    targetSocket.on('close', () => socket.destroy())
    socket.on('close', () => targetSocket.destroy())
    targetSocket.pipe(socket)
    socket.pipe(targetSocket)
  })
  upstream.end()
}

/**
 * A response on a socket that node:http has released for an upgrade; it ends the socket. Undefined where a request that came
 * before it on the connection is still being answered.
 */
function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse | undefined {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    if (socket instanceof Socket) response.assignSocket(socket)
  } catch {
    return undefined
  }
  response.on('finish', () => {
    socket.end()
    // Until the client closes it, too, or the idle time-out is over.
    socket.on('timeout', () => socket.destroy())
    socket.resume()
  })
  return response
}
