/**
 * The socket of a listener: a server on a free port of this machine that speaks HTTP or HTTPS for a load
 * balancer's port. What a client may take its time for is decided here: idle connections, their age.
 */
import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Http2Session } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HttpEndpoint, Viewer } from '../../../../http/endpoint.ts'
import { addHttp2, chooseProtocol } from '../../../../http/http2.ts'
import { viewerAddress } from '../../../../http/viewer-address.ts'
import type { Acm } from '../../../acm/contract.ts'
import type { Listener } from '../../model/model.ts'
import { maxHead, refuse, type Unreadable, unreadable } from '../admission/refusals.ts'
import { send } from '../message/answers.ts'
import { certificateChooser, defaultMaterial } from './certificates.ts'
import { isWebSocket } from './upgrade.ts'

export interface ListenerServer {
  readonly address: string
  readonly port: number
  /** Connections of clients that are open. */
  readonly connections: number
  /** Bytes that came and went since the last call. */
  takeBytes(): number
  /** Takes up changed time-outs and a changed default certificate. */
  refresh(): void
  close(): Promise<void>
}

/** What happens to connections before there is a request, for whoever counts. */
export interface ConnectionEvents {
  opened(): void
  tlsFailed(): void
  /** A request that could not be read, or not in time, was answered. */
  unreadable(what: Unreadable): void
}

export async function openListenerServer(options: {
  /** The listener as it is now; certificates and port may change while it is open. */
  listener(): Listener
  endpoint: HttpEndpoint
  acm: Acm
  events: ConnectionEvents
  idleTimeoutMs(): number
  clientKeepAliveMs(): number
}): Promise<ListenerServer> {
  const { endpoint, events } = options
  const https = options.listener().protocol === 'HTTPS'
  const clients = new WeakMap<Socket, Client>()
  const settings: ServerOptions = {
    maxHeaderSize: maxHead,
    // ALB's own times, not Node's: idle by `timeout`, and no Keep-Alive header that would tell it.
    keepAliveTimeout: 0,
    requestTimeout: 0,
    // Answered as all that is not a request is: refusals.ts.
    requireHostHeader: false,
    // In a pipeline it would take the connection from the answers before its own: a request like any other there.
    shouldUpgradeCallback: (request) => isWebSocket(request) && !clients.get(request.socket)?.exchange,
  }
  const secureContext = certificateChooser(options)
  const tls = https
    ? createHttps({
        ...settings,
        ALPNCallback: chooseProtocol(() => endpoint.http2?.enabled() ?? false),
        SNICallback: (name, done) => done(null, secureContext(name)),
      })
    : undefined
  const server: HttpServer = tls ?? createHttp(settings)
  // AWS bounds their size, not their number.
  server.maxHeadersCount = 0
  const refresh = () => {
    server.timeout = options.idleTimeoutMs()
    server.headersTimeout = server.timeout
    // A client that sends no server name gets the default certificate.
    const fallback = defaultMaterial(options.acm, options.listener())
    if (fallback) tls?.setSecureContext(fallback)
  }
  refresh()

  const viewerOf = (socket: Socket): Viewer => ({
    scheme: https ? 'https' : 'http',
    port: options.listener().port,
    address: viewerAddress(socket.remoteAddress),
  })
  const sockets = new Set<Socket>()
  let bytesOfClosed = 0
  let bytesTaken = 0
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    events.opened()
    socket.on('close', () => {
      sockets.delete(socket)
      bytesOfClosed += socket.bytesRead + socket.bytesWritten
    })
  })
  const isOld = (openedAt: number) =>
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
    performance.now() - openedAt > options.clientKeepAliveMs()
  const onRequest: NonNullable<Parameters<typeof createHttp>[1]> = (request, response) => {
    const client = clients.get(request.socket)
    if (client) {
      if (isOld(client.openedAt)) response.shouldKeepAlive = false
      client.exchange = { request, response }
      response.on('close', () => {
        if (client.exchange?.response === response) client.exchange = undefined
        client.readAtRest = request.socket.bytesRead
        if (request.complete) return
        // It was answered before it was whole: what is still to come is the rest of it, and begins nothing.
        client.rest = request
        request.once('end', () => {
          client.readAtRest = request.socket.bytesRead
        })
      })
    }
    endpoint.handle(request, response, viewerOf(request.socket))
  }
  server.on(https ? 'secureConnection' : 'connection', (socket: Socket) => {
    clients.set(socket, {
      openedAt: performance.now(),
      exchange: undefined,
      readAtRest: socket.bytesRead,
      rest: undefined,
    })
  })
  server.on('timeout', (socket: Socket) => endIdle(socket, clients.get(socket), events))
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  // Whether it can meet another expectation, the target says.
  server.on('checkExpectation', onRequest)
  server.on('connect', (_request, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    events.unreadable({ status: 400, desync: false })
    refuse(socket, 400)
    socket.resume()
  })
  server.on('upgrade', (request, socket: Duplex, head) => {
    // No answer of HTTP belongs on it any more, not even a 408.
    clients.delete(request.socket)
    endpoint.upgrade?.(request, socket, head, viewerOf(request.socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerUnreadable(error, socket, clients.get(socket), events)
  })
  server.on('tlsClientError', (_error, socket) => {
    events.tlsFailed()
    socket.destroy()
  })
  if (tls) {
    const openings = new WeakMap<Http2Session, number>()
    addHttp2(tls, {
      idleTimeoutMs: options.idleTimeoutMs,
      session: (session) => void openings.set(session, performance.now()),
      stream(stream, headers, flat) {
        const { session } = stream
        // The client may have gone before its request is looked at.
        if (!session || session.destroyed) return void stream.destroy()
        const openedAt = openings.get(session)
        if (openedAt !== undefined && isOld(openedAt)) session.close()
        endpoint.http2?.handle(stream, headers, flat, viewerOf(session.socket))
      },
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { address, port } = server.address() as AddressInfo
  return {
    address,
    port,
    get connections() {
      return sockets.size
    },
    takeBytes() {
      let bytes = bytesOfClosed
      for (const socket of sockets) bytes += socket.bytesRead + socket.bytesWritten
      const taken = bytes - bytesTaken
      bytesTaken = bytes
      return taken
    },
    refresh,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** A connection over HTTP/1.1. */
interface Client {
  /** By `performance.now()`. */
  readonly openedAt: number
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined
  /** How many bytes had come when it last had nothing to do: more of them are the beginning of a request. */
  readAtRest: number
  /** A request that has its answer, and of which a part may still come. */
  rest: IncomingMessage | undefined
}

/**
 * Nothing came or went for the idle time-out: 408 where a request had begun.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
 */
function endIdle(socket: Socket, client: Client | undefined, events: ConnectionEvents): void {
  const { exchange } = client ?? {}
  // It has had its last answer, or takes no more of it: what was written has not left for as long.
  if (!socket.writable || socket.writableLength > 0) return void socket.destroy()
  if (!client || !exchange) {
    const resting = !client || socket.bytesRead === client.readAtRest || client.rest?.complete === false
    if (resting) return void socket.destroy()
    events.unreadable({ status: 408, desync: false })
    refuse(socket, 408)
    return
  }
  const { request, response } = exchange
  // The target is the one that is silent, or does not read: its own time-out answers 504.
  if (request.complete || request.readableLength > 0) return
  events.unreadable({ status: 408, desync: false })
  response.shouldKeepAlive = false
  response.on('finish', () => socket.destroy())
  send(response, { status: 408 })
}

/** Answers what is no request, or no whole one. */
function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Socket,
  client: Client | undefined,
  events: ConnectionEvents,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const what = unreadable(error)
  const response = client?.exchange?.response
  events.unreadable(what)
  if (!response) {
    refuse(socket, what.status)
    return
  }
  // It is the body that cannot be read, and the target has had a part of it.
  response.shouldKeepAlive = false
  response.on('finish', () => socket.destroy())
  send(response, { status: what.status })
}
