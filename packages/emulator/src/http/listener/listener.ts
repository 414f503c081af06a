/**
 * A listener: a socket server that speaks HTTP/1.1 and, over TLS, HTTP/2, for one endpoint (a load balancer's own socket)
 * or for many (the front door, which finds them by host). Certificates by server name, protocol by ALPN, WebSockets, idle
 * time-outs, the age of connections, limits of headers and the answers to what is no request are decided here once; the
 * endpoints say how long and what (http/endpoint.ts).
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
import type { TLSSocket } from 'node:tls'
import type { HttpEndpoint, Viewer } from '../endpoint.ts'
import { authorityOf } from '../request-target.ts'
import { viewerAddress } from '../viewer-address.ts'
import { isWebSocket } from '../websocket.ts'
import {
  answerUnreadable,
  beginExchange,
  type Client,
  endIdle,
  isOld,
  newClient,
  refusalFor,
  refuse,
} from './client.ts'
import { addHttp2, chooseProtocol } from './http2.ts'
import { createSecureContexts } from './secure-contexts.ts'

/** Where a request goes. */
export interface Destination {
  readonly endpoint: HttpEndpoint
  /** How AWS would have got the request. */
  readonly scheme: 'http' | 'https'
  readonly port: number
  /** What AWS would have got as Host, where that is not what was sent. */
  readonly host?: string | undefined
}

export interface ListenerOptions {
  readonly scheme: 'http' | 'https'
  readonly address: string
  /** 0 takes a free port. */
  readonly port: number
  /** Whose a connection is before its first request: for any server name, undefined included, where all are one endpoint's. */
  endpointOf(serverName: string | undefined): HttpEndpoint | undefined
  /** Where a request goes, by its authority. */
  destinationOf(authority: string | undefined): Destination | undefined
  /** Answers a request that goes nowhere. */
  notFound?(request: IncomingMessage, response: ServerResponse): void
  /** For TLS clients that send no server name, or one that has no certificate. */
  defaultCertificate?(): { key: string; cert: string } | undefined
  /** How long a client may take until it is known whose it is, and for each head of a request; half a minute more at most. */
  headTimeoutMs(): number
  /** How often heads that take too long are looked for; 30 s where it is not given. */
  readonly checkIntervalMs?: number | undefined
}

export interface Listener {
  readonly address: string
  readonly port: number
  /** Applies changed time-outs and a changed default certificate to new connections. */
  refresh(): void
  /** Ends at once: connections in use are cut. */
  close(): Promise<void>
}

/**
 * Line and headers of a request together, in bytes: those of the largest request that an endpoint takes (a load balancer's
 * 16 KB and 64 KB), so that what is a little too large is still read and answered by its endpoint.
 */
const maxHeadBytes = 80 * 1024

/** Rejects with the error of the socket where the port is taken. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { scheme, endpointOf, destinationOf } = options
  const clients = new WeakMap<Socket, Client>()
  const secureContext = createSecureContexts()
  const settings: ServerOptions = {
    maxHeaderSize: maxHeadBytes,
    // AWS's own times, not those of node:http: idle by the socket's, and no Keep-Alive header that would publish it.
    keepAliveTimeout: 0,
    requestTimeout: 0,
    ...(options.checkIntervalMs === undefined
      ? {}
      : { connectionsCheckingInterval: options.checkIntervalMs }),
    // Endpoints answer such a request.
    requireHostHeader: false,
    // In a pipeline it would take the connection from the answers before its own: a request like any other there.
    shouldUpgradeCallback: (request) =>
      isWebSocket(request) &&
      !clients.get(request.socket)?.exchange &&
      destinationOf(authorityOf(request))?.endpoint.upgrade !== undefined,
  }
  const tls =
    scheme === 'https'
      ? createHttps({
          ...settings,
          minVersion: 'TLSv1.2',
          handshakeTimeout: options.headTimeoutMs(),
          ALPNCallback: chooseProtocol((name) => endpointOf(name)?.http2?.enabled() ?? false),
          SNICallback(serverName, done) {
            try {
              const material = endpointOf(serverName)?.certificate?.(serverName.toLowerCase())
              done(null, material && secureContext(material))
            } catch (error) {
              done(error instanceof Error ? error : new Error(String(error)))
            }
          },
        })
      : undefined
  const server: HttpServer = tls ?? createHttp(settings)
  // The endpoints bound their size, not their number.
  server.maxHeadersCount = 0
  const refresh = () => {
    server.headersTimeout = options.headTimeoutMs()
    const material = options.defaultCertificate?.()
    if (material) tls?.setSecureContext(material)
  }
  refresh()

  /** All connections, by their other end: the way from a TLS socket to the one below it. */
  const sockets = new Map<string, Socket>()
  const otherEnd = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
  const adopt = (endpoint: HttpEndpoint | undefined, socket: Socket) => {
    const raw = sockets.get(otherEnd(socket))
    if (raw) endpoint?.connections.opened?.(raw)
  }
  server.on('connection', (socket: Socket) => {
    const key = otherEnd(socket)
    sockets.set(key, socket)
    socket.once('close', () => sockets.delete(key))
    adopt(endpointOf(undefined), socket)
  })
  /** The endpoint of a connection by its server name; it is counted there unless it was already, without one. */
  const ownerOf = (socket: TLSSocket) => {
    const only = endpointOf(undefined)
    if (only) return only
    const endpoint = socket.servername ? endpointOf(socket.servername) : undefined
    adopt(endpoint, socket)
    return endpoint
  }
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const endpoint = tls ? ownerOf(socket as TLSSocket) : endpointOf(undefined)
    clients.set(socket, newClient(socket, endpoint, options.headTimeoutMs()))
  })

  const viewerOf = (
    { scheme, port }: Destination,
    socket: { remoteAddress?: string | undefined },
  ): Viewer => ({
    scheme,
    port,
    address: viewerAddress(socket.remoteAddress),
  })
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const destination = destinationOf(authorityOf(request))
    if (!destination) return options.notFound?.(request, response)
    const { endpoint, host } = destination
    const client = clients.get(request.socket)
    if (client) {
      if (!client.endpoint) {
        client.endpoint = endpoint
        adopt(endpoint, request.socket)
      }
      beginExchange(client, endpoint, request, response)
    }
    if (host !== undefined) request.headers.host = host
    endpoint.handle(request, response, viewerOf(destination, request.socket))
  }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  // Whether it can meet another expectation, the target says.
  server.on('checkExpectation', onRequest)
  server.on('timeout', (socket: Socket) => endIdle(socket, clients.get(socket)))
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    refuse(socket, refusalFor(clients.get(request.socket), { kind: 'connect' }))
    socket.resume()
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // No answer of HTTP belongs on it any more, not even a 408.
    clients.delete(request.socket)
    const destination = destinationOf(authorityOf(request))
    if (!destination?.endpoint.upgrade) return void socket.destroy()
    const { endpoint, host } = destination
    if (host !== undefined) request.headers.host = host
    request.socket.setTimeout(endpoint.connections.idleTimeoutMs())
    endpoint.upgrade?.(request, socket, head, viewerOf(destination, request.socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerUnreadable(error, socket, clients.get(socket)),
  )
  server.on('tlsClientError', (_error, socket: TLSSocket) => {
    ownerOf(socket)?.connections.tlsFailed?.()
    socket.destroy()
  })
  if (tls) {
    const opened = new WeakMap<Http2Session, number>()
    addHttp2(tls, {
      idleTimeoutMs: (socket) =>
        endpointOf(socket.servername || undefined)?.connections.idleTimeoutMs() ?? options.headTimeoutMs(),
      session(session, socket) {
        opened.set(session, performance.now())
        ownerOf(socket)
      },
      stream(stream, headers, flat) {
        const { session } = stream
        stream.on('error', () => {})
        // The client may have left before its request is looked at.
        if (!session || session.destroyed) return void stream.destroy()
        const host = headers[':authority'] ?? headers.host
        const destination = destinationOf(host === undefined ? undefined : String(host))
        const http2 = destination?.endpoint.http2
        // Where the connection is not this host's, its client must open another one.
        if (!destination || !http2 || !(endpointOf(undefined) !== undefined || http2.enabled())) {
          return void stream.respond({ ':status': 421 }, { endStream: true })
        }
        const openedAt = opened.get(session)
        if (openedAt !== undefined && isOld(openedAt, destination.endpoint)) session.close()
        if (destination.host !== undefined) headers[':authority'] = destination.host
        http2.handle(stream, headers, flat, viewerOf(destination, session.socket))
      },
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.address, resolve)
  })
  const { address, port } = server.address() as AddressInfo
  return {
    address,
    port,
    refresh,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // Upgraded connections are no longer the server's to close, and would hold it open.
        for (const socket of sockets.values()) socket.destroy()
      }),
  }
}
