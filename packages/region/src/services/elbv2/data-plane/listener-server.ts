/**
 * The socket of a listener: a server on a free port of this machine that speaks HTTP or HTTPS for a load
 * balancer's port. HTTPS presents the certificate that fits the client's server name, else the default one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { HttpEndpoint, Viewer } from '../../../service.ts'
import type { Certificates } from '../../acm/contract.ts'
import type { Listener } from '../model.ts'
import { errorPage, reasonPhrase, send } from './answers.ts'
import { isWebSocket } from './upgrade.ts'

export interface ListenerServer {
  readonly address: string
  readonly port: number
  /** Takes up changed time-outs and a changed default certificate. */
  refresh(): void
  close(): Promise<void>
}

/** All headers of a request: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const maxHeaderSize = 64 * 1024

export async function openListenerServer(options: {
  /** The listener as it is now; certificates and port may change while it is open. */
  listener(): Listener
  endpoint: HttpEndpoint
  certificates: Certificates
  idleTimeoutMs(): number
  clientKeepAliveMs(): number
}): Promise<ListenerServer> {
  const { endpoint } = options
  const https = options.listener().protocol === 'HTTPS'
  const settings: ServerOptions = {
    maxHeaderSize,
    // ALB's own times, not Node's: idle by `timeout`, and no Keep-Alive header that would tell it.
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: options.idleTimeoutMs(),
    shouldUpgradeCallback: isWebSocket,
  }
  const secureContext = certificateChooser(options)
  const tls = https
    ? createHttps({
        ...settings,
        ALPNProtocols: ['http/1.1'],
        SNICallback: (name, done) => done(null, secureContext(name)),
      })
    : undefined
  const server: HttpServer = tls ?? createHttp(settings)
  const refresh = () => {
    server.timeout = options.idleTimeoutMs()
    // A client that sends no server name gets the default certificate.
    const fallback = defaultMaterial(options.certificates, options.listener())
    if (fallback) tls?.setSecureContext(fallback)
  }
  refresh()

  const viewerOf = (socket: Socket): Viewer => ({
    scheme: https ? 'https' : 'http',
    port: options.listener().port,
    address: (socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
  })
  const exchanges = new WeakMap<Socket, Exchange>()
  const opened = new WeakMap<Socket, number>()
  const sockets = new Set<Socket>()
  server.on(https ? 'secureConnection' : 'connection', (socket: Socket) => {
    opened.set(socket, performance.now())
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const onRequest: NonNullable<Parameters<typeof createHttp>[1]> = (request, response) => {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
    const age = performance.now() - (opened.get(request.socket) ?? 0)
    if (age > options.clientKeepAliveMs()) response.shouldKeepAlive = false
    exchanges.set(request.socket, { request, response })
    response.on('close', () => {
      if (exchanges.get(request.socket)?.response === response) exchanges.delete(request.socket)
    })
    endpoint.handle(request, response, viewerOf(request.socket))
  }
  server.on('timeout', (socket: Socket) => endIdle(socket, exchanges.get(socket)))
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('upgrade', (request, socket: Duplex, head) => {
    endpoint.upgrade?.(request, socket, head, viewerOf(request.socket))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuse(error, socket))
  server.on('tlsClientError', (_error, socket) => socket.destroy())

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { address, port } = server.address() as AddressInfo
  return {
    address,
    port,
    refresh,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Nothing came or went for the idle time-out. */
function endIdle(socket: Socket, exchange: Exchange | undefined): void {
  if (!exchange) return void socket.destroy()
  const { request, response } = exchange
  // The target is the one that is silent: its own time-out answers 504.
  if (request.complete) return
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
  response.shouldKeepAlive = false
  response.on('finish', () => socket.destroy())
  send(response, { status: 408 })
}

/** Answers what is no request: 400, or 408 where the client was too slow. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = errorPage(status)
  socket.end(
    [
      `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
      'Server: awselb/2.0',
      `Date: ${new Date().toUTCString()}`,
      'Content-Type: text/html',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/** The certificate for a server name: the default one where it fits or none does. */
export function certificateFor(certificates: Certificates, listener: Listener, serverName: string) {
  const all = [listener.certificateArn, ...listener.certificateArns].flatMap((arn) => {
    const material = arn === undefined ? undefined : certificates.material(arn)
    return material ? [material] : []
  })
  return all.find(({ names }) => names.some((name) => covers(name, serverName))) ?? all[0]
}

/** Whether a certificate's name, `*.` for one label, covers a host name. */
export function covers(name: string, host: string): boolean {
  const [wanted, asked] = [name.toLowerCase(), host.toLowerCase()]
  if (!wanted.startsWith('*.')) return wanted === asked
  return (
    asked.endsWith(wanted.slice(1)) &&
    !asked.slice(0, -wanted.length + 1).includes('.') &&
    asked.length >= wanted.length
  )
}

const defaultMaterial = (certificates: Certificates, listener: Listener) =>
  listener.certificateArn === undefined ? undefined : certificates.material(listener.certificateArn)

function certificateChooser(options: { listener(): Listener; certificates: Certificates }) {
  /** By the certificate itself, so that a renewed one is taken up. */
  const contexts = new Map<string, SecureContext>()
  return (serverName: string): SecureContext | undefined => {
    const material = certificateFor(options.certificates, options.listener(), serverName)
    if (!material) return undefined
    const known = contexts.get(material.cert)
    if (known) return known
    const made = createSecureContext({ key: material.key, cert: material.cert, minVersion: 'TLSv1.2' })
    contexts.set(material.cert, made)
    return made
  }
}
