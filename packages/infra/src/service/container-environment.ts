/**
 * The variables of a container: those that the platform sets, and the values that the configuration names. What is
 * secret, or has a secret in it, is read from Secrets Manager when a task starts, and so is in no template and no state.
 */
import { type Container, databaseCertificates, type EnvironmentValue, type Platform } from '@baton/config'
import type { Database } from '../database/database.ts'
import { databaseOf } from '../described.ts'
import { literal } from '../terraform/literal.ts'
import { logDirectory } from './container.ts'

export interface Known {
  readonly platform: Platform
  readonly database?: Database
  /** ARN of the secret of the database user: JSON with `username`, `password`, and `url` where it is used. */
  readonly databaseSecret?: string
  /** ARN of each secret that the configuration names. */
  readonly secrets: ReadonlyMap<string, string>
}

interface Variables {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Whether the container gets the directory of the log files. */
  readonly logFiles: boolean
}

/** libpq's variables, which the main container of a service with a database has. */
function databaseVariables({ platform, database, databaseSecret }: Known): Omit<Variables, 'logFiles'> {
  if (database === undefined || databaseSecret === undefined) return { environment: {}, secrets: {} }
  return {
    environment: {
      PGHOST: database.instance.address,
      PGPORT: '5432',
      PGDATABASE: databaseOf(platform).name,
      PGSSLMODE: 'verify-full',
    },
    secrets: { PGUSER: `${databaseSecret}:username::`, PGPASSWORD: `${databaseSecret}:password::` },
  }
}

/** All variables of a container; `main` is the one that the platform's own are for. */
export function containerVariables(container: Container, main: boolean, known: Known): Variables {
  const own = main ? databaseVariables(known) : { environment: {}, secrets: {} }
  const values = Object.entries(container.environment).map(
    ([name, value]) => [name, meaning(value, known)] as const,
  )
  const texts = values.flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text] as const]))
  const hidden = values.flatMap(([name, { secret }]) =>
    secret === undefined ? [] : [[name, secret] as const],
  )
  const named = container.secrets.map((name) => [name, known.secrets.get(name) ?? ''] as const)
  const asksForLogs = Object.values(container.environment).some(
    (value) => typeof value !== 'string' && value.from === 'logs.directory',
  )
  return {
    environment: {
      ...portVariables(container),
      ...(main ? { LOG_DIR: logDirectory } : {}),
      ...own.environment,
      ...Object.fromEntries(texts),
    },
    secrets: { ...own.secrets, ...Object.fromEntries([...named, ...hidden]) },
    logFiles: main || asksForLogs,
  }
}

/** Spring Boot reads SERVER_PORT in place of its configuration. */
function portVariables({ port, image }: Container): Record<string, string> {
  if (port === undefined) return {}
  const text = String(port)
  return image.kind === 'jar' ? { PORT: text, SERVER_PORT: text } : { PORT: text }
}

interface Meaning {
  readonly text?: string
  /** ARN, and key in its JSON. */
  readonly secret?: string
}

function meaning(value: EnvironmentValue, known: Known): Meaning {
  if (typeof value === 'string') return { text: literal(value) }
  const { from } = value
  const { platform } = known
  switch (from) {
    case 'database.host':
      return { text: parts(known).instance.address }
    case 'database.port':
      return { text: '5432' }
    case 'database.name':
      return { text: databaseOf(platform).name }
    case 'database.jdbcUrl':
      return { text: jdbcUrl(platform, parts(known)) }
    case 'database.certificates':
      return { text: databaseCertificates }
    case 'database.username':
    case 'database.password':
    case 'database.url':
      return { secret: `${known.databaseSecret ?? ''}:${from.replace('database.', '')}::` }
    case 'logs.directory':
      return { text: logDirectory }
    default:
      return { text: hostOf(platform, from) }
  }
}

function parts({ database }: Known): Database {
  if (database === undefined) throw new Error('invariant: a reference to the database is checked')
  return database
}

/**
 * Verifies the server's certificate and name. User and password are variables of their own, so that no secret is in it.
 * https://jdbc.postgresql.org/documentation/ssl/
 */
const jdbcUrl = (platform: Platform, { instance }: Database) =>
  `jdbc:postgresql://${instance.address}:5432/${databaseOf(platform).name}?sslmode=verify-full&sslrootcert=${databaseCertificates}`

function hostOf(platform: Platform, from: string): string {
  const [kind, name] = from.split('.')
  const host =
    kind === 'sites'
      ? platform.sites.find((site) => site.name === name)?.host
      : platform.services.find((service) => service.name === name)?.traffic?.hosts[0]
  if (host === undefined) throw new Error(`invariant: ${from} is checked`)
  return host
}
