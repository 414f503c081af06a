/**
 * A client's connection over HTTP/1.1: what it is doing, and what becomes of it when it stops halfway or sends what is no
 * request. Its endpoint says how long that may take, and how it is answered.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ClientProblem, HttpEndpoint, Refusal } from '../endpoint.ts'

export interface Client {
  /** By `performance.now()`. */
  readonly openedAt: number
  /** Whose client it is; undefined until its first request, where a listener serves several endpoints. */
  endpoint: HttpEndpoint | undefined
  /** As set on the socket. */
  idleTimeoutMs: number
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined
  /** How many bytes had come when it last had nothing to do: more of them are the beginning of a request. */
  bytesAtRest: number
  /** A request that has its answer, and of which a part may still come. */
  unread: IncomingMessage | undefined
}

export function newClient(
  socket: Socket,
  endpoint: HttpEndpoint | undefined,
  initialTimeoutMs: number,
): Client {
  const idleTimeoutMs = endpoint?.connections.idleTimeoutMs() ?? initialTimeoutMs
  socket.setTimeout(idleTimeoutMs)
  return {
    openedAt: performance.now(),
    endpoint,
    idleTimeoutMs,
    exchange: undefined,
    bytesAtRest: socket.bytesRead,
    unread: undefined,
  }
}

/** Notes a request of the client, and applies what its endpoint says of connections. */
export function beginExchange(
  client: Client,
  endpoint: HttpEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { socket } = request
  const idleTimeoutMs = endpoint.connections.idleTimeoutMs()
  if (idleTimeoutMs !== client.idleTimeoutMs) {
    client.idleTimeoutMs = idleTimeoutMs
    socket.setTimeout(idleTimeoutMs)
  }
  if (isOld(client.openedAt, endpoint)) response.shouldKeepAlive = false
  client.exchange = { request, response }
  response.on('close', () => {
    if (client.exchange?.response === response) client.exchange = undefined
    client.bytesAtRest = socket.bytesRead
    if (request.complete) return
    // It was answered before it was whole: what is still to come is the rest of it, and begins nothing.
    client.unread = request
    request.once('end', () => {
      client.bytesAtRest = socket.bytesRead
    })
  })
}

/** Whether a connection takes no more requests after the one under way. */
export function isOld(openedAt: number, { connections }: HttpEndpoint): boolean {
  return performance.now() - openedAt > connections.keepAliveMs()
}

/** Nothing came or went for the idle time-out: 408 where a request had begun. */
export function endIdle(socket: Socket, client: Client | undefined): void {
  const exchange = client?.exchange
  // It has had its last answer, or takes no more of it: what was written has not left for as long.
  if (!socket.writable || socket.writableLength > 0) return void socket.destroy()
  if (!client || !exchange) {
    const atRest = !client || socket.bytesRead === client.bytesAtRest || client.unread?.complete === false
    if (atRest) return void socket.destroy()
    refuse(socket, refusalFor(client, { kind: 'timeout' }))
    return
  }
  const { request, response } = exchange
  // The endpoint is the one that is silent, or does not read: its own time-out answers.
  if (request.complete || request.readableLength > 0) return
  refuseExchange(socket, response, refusalFor(client, { kind: 'timeout' }))
}

/** Answers what is no request, or no whole one. */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Socket,
  client: Client | undefined,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const refusal = refusalFor(client, { kind: 'unreadable', error })
  // With an exchange it is the body that cannot be read, and the endpoint has had a part of it.
  const response = client?.exchange?.response
  if (response) refuseExchange(socket, response, refusal)
  else refuse(socket, refusal)
}

export function refusalFor(client: Client | undefined, problem: ClientProblem): Refusal {
  if (client?.endpoint) return client.endpoint.connections.refusal(problem)
  const late =
    problem.kind === 'timeout' ||
    (problem.kind === 'unreadable' && problem.error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
  const status = late ? 408 : 400
  return { status, reason: STATUS_CODES[status] ?? '', headers: [], body: '' }
}

/** Answers on a socket without a request, and closes it. */
export function refuse(socket: Duplex, { status, reason, headers, body }: Refusal): void {
  const lines = [`HTTP/1.1 ${status} ${reason}`]
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(`${headers[index]}: ${headers[index + 1]}`)
  }
  lines.push(`Date: ${new Date().toUTCString()}`, `Content-Length: ${Buffer.byteLength(body)}`)
  socket.end([...lines, 'Connection: close', '', body].join('\r\n'))
}

function refuseExchange(socket: Socket, response: ServerResponse, refusal: Refusal): void {
  response.shouldKeepAlive = false
  response.on('finish', () => socket.destroy())
  if (response.headersSent || response.destroyed) return void response.destroy()
  const { status, reason, headers, body } = refusal
  response.writeHead(status, reason, [...headers, 'Content-Length', String(Buffer.byteLength(body))])
  response.end(body)
}
