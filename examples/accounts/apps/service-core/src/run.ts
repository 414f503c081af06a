/** The life of a service from its environment to its end; `main.ts` of a service is one call of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { AccountRoutes } from './accounts.ts'
import { type Environment, readServiceConfig } from './config.ts'
import { poolOptions } from './database.ts'
import { createLog } from './logging.ts'
import { createServer } from './server.ts'
import { closeGracefully } from './shutdown.ts'

const poolEndTimeoutMs = 2_000

/** Starts the service and resolves once it listens. Ends the process on SIGTERM or SIGINT. */
export async function runService(
  service: { readonly name: string; readonly table: AccountRoutes['table'] },
  env: Environment = process.env,
): Promise<void> {
  const config = readServiceConfig(env)
  const pool = new pg.Pool(poolOptions(env, `${service.name}-service`))
  const { logger, flush } = createLog(service.name, config.version, config.logDir, env)
  // An idle connection that the server closed (a fail-over): the pool makes a new one when it is needed.
  pool.on('error', (error) => logger.warn({ err: error }, 'idle database connection lost'))
  const server = createServer({ ...config, pool, table: service.table, logger })

  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    const inTime = await closeGracefully(server, config.shutdownTimeoutMs)
    // A query that hangs in a database that is away must not use up what is left until SIGKILL.
    await Promise.race([pool.end(), sleep(poolEndTimeoutMs)]).catch((error) =>
      logger.warn({ err: error }, 'database pool not closed cleanly'),
    )
    logger[inTime ? 'info' : 'error']({ inTime }, 'stopped')
    flush()
    process.exit(inTime ? 0 : 1)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  await server.listen({ host: config.host, port: config.port })
}
