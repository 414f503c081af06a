/**
 * The way in for AWS clients that take no endpoint, or not for every service that they call, such as
 * `aws ecs deploy` before version 2.13 of the CLI: the API's port is an HTTPS proxy for AWS's host names.
 * `HTTPS_PROXY=http://localhost:7070 AWS_CA_BUNDLE=…/ca.pem` leads every call here. Nothing is passed on to AWS or
 * to anybody else.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { CertificateAuthority } from '../certificate-authority.ts'

/** Host names of AWS's APIs: `codedeploy.ap-northeast-2.amazonaws.com:443`, `s3.dualstack…`, `ecs.….api.aws:443`. */
const awsName = /^[a-z0-9.-]+\.(?:amazonaws\.com|api\.aws)$/i
const isAws = (hostAndPort: string) =>
  hostAndPort.endsWith(':443') && awsName.test(hostAndPort.slice(0, -':443'.length))

/** Certificates are kept for that many names. */
const namesMax = 200

/** How long a client may take, in milliseconds; by default as long as node:http lets it on the API's own port. */
export interface TunnelTimes {
  /** For TLS, and for the head of each request; what lies between two requests is less than that. */
  readonly headMs: number
  /** For a whole request. */
  readonly requestMs: number
}

const usualTimes: TunnelTimes = { headMs: 60_000, requestMs: 300_000 }
/** How long a connection may rest between two requests. */
const restMs = 75_000

export interface Tunnels {
  /** Serves a connection that begins with TLS for one of AWS's host names. */
  accept(socket: Duplex): void
  close(): void
}

/** Takes CONNECT requests on the server from now on, until it is closed. */
export function openTunnels(
  server: Server,
  authority: Pick<CertificateAuthority, 'issue'>,
  handle: RequestListener,
  times: TunnelTimes = usualTimes,
): Tunnels {
  const contexts = new Map<string, Promise<SecureContext>>()
  const contextFor = (name: string): Promise<SecureContext> => {
    const known = contexts.get(name)
    if (known) return known
    if (contexts.size >= namesMax) contexts.clear()
    const made = authority.issue([name]).then(createSecureContext)
    contexts.set(name, made)
    return made
  }
  // It listens nowhere: connections are given to it.
  const inside = createServer(
    {
      keepAliveTimeout: restMs,
      handshakeTimeout: times.headMs,
      SNICallback: (name, done) => {
        if (!awsName.test(name)) return done(new Error(`${name} is no name of AWS's`))
        contextFor(name).then(
          (context) => done(null, context),
          (error) => done(error),
        )
      },
    },
    handle,
  )
  boundTimes(inside, times)
  inside.on('tlsClientError', (_error, socket) => socket.destroy())
  // Neither server closes them: one has let them go, the other, which listens nowhere, keeps no list.
  const sockets = new Set<Duplex>()
  const keep = (socket: Duplex) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    keep(socket)
    if (!isAws(request.url ?? '')) {
      const reason = 'This proxy leads to the APIs of AWS that the emulator has, and nowhere else.\n'
      socket.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${reason.length}\r\nconnection: close\r\n\r\n${reason}`,
      )
      socket.resume()
      const timer = setTimeout(() => socket.destroy(), times.headMs)
      socket.once('close', () => clearTimeout(timer))
      return
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    inside.emit('connection', socket)
  })
  return {
    accept(socket) {
      keep(socket)
      inside.emit('connection', socket)
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A server that listens nowhere never begins to look after its own time-outs for heads and requests. */
function boundTimes(inside: TlsServer, { headMs, requestMs }: TunnelTimes): void {
  const timers = new WeakMap<Socket, NodeJS.Timeout>()
  const bound = (socket: Socket, ms: number, response?: ServerResponse) => {
    clearTimeout(timers.get(socket))
    timers.set(
      socket,
      setTimeout(() => {
        if (response?.headersSent) socket.destroy()
        else socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n').destroySoon()
      }, ms),
    )
  }
  inside.on('secureConnection', (socket: TLSSocket) => {
    bound(socket, headMs)
    socket.once('close', () => clearTimeout(timers.get(socket)))
  })
  inside.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    bound(socket, requestMs, response)
    // An answer may take as long as it likes.
    const progress = () => {
      if (!request.complete || socket.destroyed) return
      if (response.writableFinished) bound(socket, restMs + headMs)
      else clearTimeout(timers.get(socket))
    }
    request.once('close', progress)
    response.once('close', progress)
  })
}
