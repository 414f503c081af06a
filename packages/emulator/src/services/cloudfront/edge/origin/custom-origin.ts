/**
 * An HTTP server as origin: the load balancer. Connections are kept per origin and server name; a connection is
 * tried three times, and GET and HEAD are sent again after a response time-out, POST and PUT never.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
 */
import { PassThrough, type Readable } from 'node:stream'
import { buildConnector, errors, Pool } from 'undici'
import type { CertificateAuthority } from '../../../../certificate-authority.ts'
import type { EndpointRegistry } from '../../../../endpoint-registry.ts'
import type { CustomOrigin, Origin } from '../../model/distribution.ts'
import { errorPage } from '../message/error-page.ts'
import { type EdgeAnswer, type Headers, isHopByHop } from '../message/messages.ts'

export interface OriginRequest {
  readonly method: string
  /** With the origin path and the query string. */
  readonly target: string
  readonly headers: readonly string[]
  /** Name for TLS: the Host that is forwarded, else the origin's domain name. */
  readonly serverName: string
  readonly scheme: 'http' | 'https'
  readonly body: Readable | undefined
  readonly signal: AbortSignal
}

export interface CustomOrigins {
  fetch(origin: Origin, custom: CustomOrigin, request: OriginRequest): Promise<EdgeAnswer>
  close(): Promise<void>
}

export function createCustomOrigins(names: EndpointRegistry, authority: CertificateAuthority): CustomOrigins {
  const pools = new Map<string, Pool>()

  function poolFor(origin: Origin, custom: CustomOrigin, scheme: string, serverName: string): Pool {
    const port = scheme === 'https' ? custom.httpsPort : custom.httpPort
    const settings = [custom.keepaliveSeconds, custom.readTimeoutSeconds, origin.connectionAttempts]
    const key = `${scheme} ${origin.domainName} ${port} ${serverName} ${settings} ${origin.connectionTimeoutSeconds}`
    const known = pools.get(key)
    if (known !== undefined) return known
    const pool = new Pool(`${scheme}://${origin.domainName}:${port}`, {
      connect: connector(names, authority, origin, port, serverName),
      keepAliveTimeout: custom.keepaliveSeconds * 1000,
      keepAliveMaxTimeout: custom.keepaliveSeconds * 1000,
      headersTimeout: custom.readTimeoutSeconds * 1000,
      bodyTimeout: custom.readTimeoutSeconds * 1000,
      pipelining: 1,
      // Time limits on the connection are the connector's.
      connectTimeout: 0,
    })
    pools.set(key, pool)
    return pool
  }

  return {
    async fetch(origin, custom, request) {
      const pool = poolFor(origin, custom, request.scheme, request.serverName)
      const repeatable = request.method === 'GET' || request.method === 'HEAD'
      for (let attempt = 1; ; attempt++) {
        try {
          return await send(pool, request)
        } catch (error) {
          const again = repeatable && error instanceof errors.HeadersTimeoutError
          if (again && attempt < origin.connectionAttempts && !request.signal.aborted) continue
          return unreachable(error, origin)
        }
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

async function send(pool: Pool, request: OriginRequest): Promise<EdgeAnswer> {
  const body = request.body?.pipe(new PassThrough())
  // A client that stops while it sends: the request fails, and says so.
  body?.on('error', () => {})
  const response = await pool.request({
    method: request.method,
    path: request.target,
    headers: [...request.headers],
    // Through a stream of our own: a failing origin must not tear down the viewer's connection.
    body: body ?? null,
    signal: request.signal,
  })
  // It may break while something else is waited for: what reads it later gets the error all the same.
  response.body.on('error', () => {})
  const headers: Headers = {}
  const connection = response.headers.connection
  for (const name in response.headers) {
    const value = response.headers[name]
    if (value !== undefined && !isHopByHop(name, typeof connection === 'string' ? connection : undefined)) {
      headers[name] = value
    }
  }
  return {
    status: response.statusCode,
    statusText: response.statusText,
    headers,
    body: response.body,
    result: response.statusCode >= 400 ? 'Error' : 'Miss',
  }
}

function connector(
  names: EndpointRegistry,
  authority: CertificateAuthority,
  origin: Origin,
  port: number,
  serverName: string,
): buildConnector.connector {
  const connect = buildConnector({
    ca: authority.certificate,
    timeout: origin.connectionTimeoutSeconds * 1000,
    allowH2: false,
  })
  return (options, callback) => {
    const attempt = (left: number) => {
      const socket = names.lookup(origin.domainName, port)?.socket
      if (socket === undefined) return callback(new UnknownOrigin(origin.domainName, port), null)
      const target = {
        ...options,
        hostname: socket.address,
        port: String(socket.port),
        servername: serverName,
      }
      connect(target, (error, connected) => {
        if (error !== null && left > 1) attempt(left - 1)
        else if (error !== null) callback(error, null)
        else callback(null, connected)
      })
    }
    attempt(origin.connectionAttempts)
  }
}

class UnknownOrigin extends Error {
  override name = 'UnknownOrigin'
  constructor(domainName: string, port: number) {
    super(`nothing in the emulator is bound to ${domainName}:${port}`)
  }
}

/** 504 for what takes too long, 502 for everything else that goes wrong between edge and origin. */
function unreachable(error: unknown, { domainName }: Origin): EdgeAnswer {
  const late =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.BodyTimeoutError
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return errorPage(late ? 504 : 502, `CloudFront cannot get an answer from ${domainName}: ${detail}`)
}
