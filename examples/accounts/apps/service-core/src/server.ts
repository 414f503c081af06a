/**
 * The HTTP server of a service, without its life: routes, headers, errors, and the time-outs that keep it in step
 * with the load balancer in front of it.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Pool } from 'pg'
import { type AccountRoutes, accountRoutes } from './accounts.ts'
import { warmConnections } from './database.ts'
import { answerError, answerNotFound } from './errors.ts'
import { healthCheck } from './health.ts'

export interface ServerOptions {
  readonly pool: Pool
  readonly table: AccountRoutes['table']
  readonly version: string
  readonly passwordCost: number
  readonly logger: FastifyBaseLogger
}

/** A server that is ready to listen. */
export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({
    loggerInstance: options.logger,
    // One line per request, when it is answered.
    logController: new LogController({ disableRequestLogging: true }),
    // Longer than the load balancer's idle time-out (60 s): were the server first to close an idle connection, the
    // balancer might have just sent a request on it, and would answer 502.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
    keepAliveTimeout: 75_000,
    requestTimeout: 120_000,
    bodyLimit: 64 * 1024,
    // Requests that still arrive while stopping are served: they were sent before the balancer knew.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler(_error, socket) {
      if (!socket.writable) return socket.destroy()
      const text = JSON.stringify({ error: { code: 'bad_request', message: 'This is no HTTP request.' } })
      const head = `x-app-version: ${options.version}\r\ncontent-type: application/json\r\nconnection: close`
      socket.end(
        `HTTP/1.1 400 Bad Request\r\n${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      )
    },
  })
  // Above the keep-alive: it bounds the headers of a request, and counts from the end of the one before.
  server.server.headersTimeout = 80_000

  server.addHook('onRequest', async (_request, reply) => {
    // API answers belong to one moment and one viewer; nothing on the way may keep them.
    reply.header('x-app-version', options.version).header('cache-control', 'no-store')
  })
  server.addHook('onResponse', async (request, reply) => {
    if (request.url === '/api/health' && reply.statusCode === 200) return
    const { method, url } = request
    request.log.info(
      { method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 },
      'request',
    )
  })
  server.setErrorHandler(answerError)
  server.setNotFoundHandler(answerNotFound)

  const health = healthCheck(databaseProbe(options))
  server.get('/api/health', async (_request, reply) => {
    const { status, body } = await health()
    return reply.code(status).send({ ...body, version: options.version })
  })
  accountRoutes(server, options)
  return server
}

/**
 * The first time it opens the connections that the task will need: traffic that comes over all at once must not
 * wait for handshakes.
 */
function databaseProbe({ pool, table }: Pick<ServerOptions, 'pool' | 'table'>): () => Promise<void> {
  let queries = warmConnections
  return async () => {
    await Promise.all(Array.from({ length: queries }, () => pool.query(`select 1 from ${table} limit 1`)))
    queries = 1
  }
}
