/**
 * WebSockets: the handshake goes to a target like any request; once the target agrees, bytes flow both ways until
 * one side ends them, the idle time-out does, or the target is drained.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Viewer } from '../../../service.ts'
import { reasonPhrase } from './answers.ts'
import type { Entrance } from './entrance.ts'
import type { Exchanges } from './exchange.ts'
import { failureOf } from './failures.ts'

/** Only these are handed over; other upgrades (`h2c`) are requests like any other. */
export const isWebSocket = (request: IncomingMessage) =>
  request.headers.upgrade?.toLowerCase() === 'websocket'

export function upgrade(
  { entrance, exchanges }: { entrance: Entrance; exchanges: Exchanges },
  listenerArn: string,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  viewer: Viewer,
): void {
  socket.on('error', () => socket.destroy())
  const response = answerOn(request, socket)
  const forward = entrance.admit(listenerArn, request, response, viewer)
  if (!forward) return
  const { live } = forward
  const upstream = exchanges.request(forward, request, true)
  // A target that refuses has often let go of HTTP on this connection, or closes it without a word: it is not reused.
  upstream.shouldKeepAlive = false
  const inFlight = {
    cut: () => {
      upstream.destroy()
      socket.destroy()
    },
  }
  live.inFlight.add(inFlight)
  socket.on('close', () => {
    live.inFlight.delete(inFlight)
    upstream.destroy()
  })
  upstream.on('error', (error) => {
    if (!socket.destroyed) entrance.fail(forward, response, failureOf(error, upstream.reusedSocket))
  })
  upstream.on('response', (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.statusMessage ?? '', answered.rawHeaders)
    answered.pipe(response)
  })
  upstream.on('upgrade', (answered, targetSocket, targetHead) => {
    if (response.socket) response.detachSocket(response.socket)
    const status = answered.statusCode ?? 101
    const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`]
    for (let index = 0; index + 1 < answered.rawHeaders.length; index += 2) {
      lines.push(`${answered.rawHeaders[index]}: ${answered.rawHeaders[index + 1]}`)
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    if (targetHead.length > 0) socket.write(targetHead)
    if (head.length > 0) targetSocket.write(head)
    targetSocket.on('error', () => socket.destroy())
    targetSocket.on('close', () => socket.destroy())
    socket.on('close', () => targetSocket.destroy())
    targetSocket.pipe(socket)
    socket.pipe(targetSocket)
  })
  upstream.end()
}

/** A response on a socket that node:http has let go for an upgrade; it ends the socket. */
function answerOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  if (socket instanceof Socket) response.assignSocket(socket)
  response.on('finish', () => socket.end())
  return response
}
