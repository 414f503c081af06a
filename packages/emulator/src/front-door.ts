/**
 * The front door: the one place where viewers come in, as the internet's routing brings them to AWS. The host of a
 * request (and of a TLS handshake) is looked up in Route 53, and what that points at (a distribution, a load
 * balancer) answers.
 *
 * `http://<host>.localhost:PORT` is the comfortable door for browsers: loopback is a secure context there, so such a
 * viewer counts as one over HTTPS and is not redirected.
 *
 * HTTP/2 is offered over HTTPS where the endpoint takes it: load balancers do. Gap: distributions speak HTTP/1.1, and
 * nobody HTTP/3.
 */
import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { HttpEndpoint, Viewer } from './http/endpoint.ts'
import { addHttp2, chooseProtocol } from './http/http2.ts'
import type { EmulatorContext } from './service.ts'

export interface FrontDoorOptions {
  /** Where a host belongs; Route 53's. */
  readonly resolveAlias: (host: string) => { readonly target: string } | undefined
  /** Hosts to name to whoever asks for another one. */
  readonly hosts?: () => readonly string[]
  /** 0 takes a free port. */
  readonly ports: { readonly http: number; readonly https: number }
}

export interface FrontDoor {
  readonly httpUrl: string
  readonly httpsUrl: string
  /** Ends at once: connections in use are cut. */
  close(): Promise<void>
}

const address = '127.0.0.1'
/** As long as a load balancer keeps an idle viewer; shorter would race with the next request. */
const keepAliveMs = 3600 * 1000
const secureContextLimit = 256
/** Of the largest request that an endpoint takes: a load balancer's. */
const maxHeaderSize = 80 * 1024

/** Listens on both ports; rejects with a message that names the port when one is taken. */
export async function openFrontDoor(
  context: Pick<EmulatorContext, 'names' | 'authority'>,
  options: FrontDoorOptions,
): Promise<FrontDoor> {
  const fallback = await context.authority.issue(['localhost', address])
  const secureContexts = new Map<string, SecureContext>()

  function find(rawHost: string | undefined, scheme: 'http' | 'https'): Found | undefined {
    const host = (rawHost ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
    const local = scheme === 'http' && host.endsWith('.localhost')
    const name = local ? host.slice(0, -'.localhost'.length) : host
    const seen = local ? 'https' : scheme
    const port = seen === 'https' ? 443 : 80
    // AWS's own names (a distribution's, a load balancer's) reach their resource without a record.
    const target = options.resolveAlias(name)?.target ?? name
    const endpoint = context.names.lookup(target, port)?.http
    return endpoint && { endpoint, name, scheme: seen, port, local }
  }

  function listener(scheme: 'http' | 'https'): RequestListener {
    return (request, response) => {
      const found = find(request.headers.host, scheme)
      if (found === undefined) {
        const body = unknownHost(request.headers.host, options.hosts?.() ?? [])
        response.writeHead(404, {
          'content-type': 'text/plain; charset=utf-8',
          'content-length': Buffer.byteLength(body),
        })
        return void response.end(body)
      }
      if (found.local) request.headers.host = found.name
      found.endpoint.handle(request, response, viewerOf(request, found))
    }
  }

  /** A request over HTTP/2 for a host that is not where its connection went is told to open one of its own. */
  function onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flat: string[]): void {
    const host = headers[':authority'] ?? headers.host
    const found = find(host === undefined ? undefined : String(host), 'https')
    stream.on('error', () => {})
    if (found?.endpoint.http2?.enabled()) {
      const address = addressOf(stream.session?.socket.remoteAddress)
      found.endpoint.http2.handle(stream, headers, flat, { scheme: 'https', port: found.port, address })
    } else stream.respond({ ':status': constants.HTTP_STATUS_MISDIRECTED_REQUEST }, { endStream: true })
  }

  function onUpgrade(scheme: 'http' | 'https') {
    return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const found = find(request.headers.host, scheme)
      // Whoever takes over the socket brings its own handler; until then an error must not end the process.
      socket.on('error', () => socket.destroy())
      if (found?.endpoint.upgrade === undefined) {
        const status = found === undefined ? '404 Not Found' : '501 Not Implemented'
        return void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      }
      if (found.local) request.headers.host = found.name
      found.endpoint.upgrade(request, socket, head, viewerOf(request, found))
    }
  }

  function secureContextFor(serverName: string): SecureContext {
    const material = find(serverName, 'https')?.endpoint.certificate?.(serverName.toLowerCase()) ?? fallback
    const known = secureContexts.get(material.cert)
    if (known !== undefined) return known
    if (secureContexts.size >= secureContextLimit) secureContexts.clear()
    const made = createSecureContext({ key: material.key, cert: material.cert })
    secureContexts.set(material.cert, made)
    return made
  }

  const settings = { keepAliveTimeout: keepAliveMs, requestTimeout: 0, maxHeaderSize }
  const http = createHttpServer(settings, listener('http'))
  const https = createHttpsServer(
    {
      ...settings,
      ...fallback,
      minVersion: 'TLSv1.2',
      ALPNCallback: chooseProtocol((name) => find(name, 'https')?.endpoint.http2?.enabled() ?? false),
      SNICallback(serverName, callback) {
        try {
          callback(null, secureContextFor(serverName))
        } catch (error) {
          callback(error instanceof Error ? error : new Error(String(error)))
        }
      },
    },
    listener('https'),
  )
  const http2Of = (name: string | false | null) =>
    typeof name === 'string' ? find(name, 'https')?.endpoint.http2 : undefined
  addHttp2(https, {
    idleTimeoutMs: ({ servername }) => http2Of(servername)?.idleTimeoutMs() ?? keepAliveMs,
    stream: onStream,
  })
  // The endpoints bound their size, not their number.
  for (const server of [http, https]) server.maxHeadersCount = 0
  http.on('upgrade', onUpgrade('http'))
  https.on('upgrade', onUpgrade('https'))

  const opened: Server[] = []
  const sockets = new Set<Socket>()
  for (const server of [http, https]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  }
  const close = async () => {
    const closed = opened.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    // Upgraded connections are no longer the HTTP server's to close, and would hold it open.
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
  }
  try {
    for (const [server, port] of [
      [http, options.ports.http],
      [https, options.ports.https],
    ] as const) {
      await listen(server, port)
      opened.push(server)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    httpUrl: `http://${address}:${portOf(http)}`,
    httpsUrl: `https://${address}:${portOf(https)}`,
    close,
  }
}

interface Found {
  readonly endpoint: HttpEndpoint
  readonly name: string
  readonly scheme: 'http' | 'https'
  readonly port: number
  readonly local: boolean
}

function viewerOf(request: IncomingMessage, { scheme, port }: Found): Viewer {
  const socket = request.socket as TLSSocket
  return { scheme, port, address: addressOf(socket.remoteAddress) }
}

const addressOf = (remote: string | undefined) => (remote ?? '').replace(/^::ffff:/, '')

function unknownHost(host: string | undefined, hosts: readonly string[]): string {
  const known =
    hosts.length === 0
      ? 'No record points at anything yet.'
      : `Hosts with a record:\n${hosts.map((one) => `  ${one}`).join('\n')}`
  return `Nothing in the emulator serves the host ${host ?? '(none given)'}.\n${known}\n`
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, address)
    await once(server, 'listening')
  } catch (cause) {
    throw new Error(`the front door cannot listen on ${address}:${port}; choose another port`, { cause })
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
