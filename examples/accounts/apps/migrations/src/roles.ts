/**
 * One database user per service, with no more rights than it needs: it reads and writes the tables that begin with
 * its name (`admin` → `admin_account`), and creates, alters or reads nothing else. The master user's password never
 * reaches a service.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { ClientBase } from 'pg'

export interface ServiceRole {
  /** Name of the service in snake case, the prefix of its tables: `admin`. */
  readonly service: string
  readonly user: string
  readonly password: string
}

/** The roles named by `DB_USER_<SERVICE>` and `DB_PASSWORD_<SERVICE>`. Throws one error with all that is missing. */
export function readRoles(env: Readonly<Record<string, string | undefined>>): ServiceRole[] {
  const services = new Set(
    Object.keys(env).flatMap((name) => /^DB_(?:USER|PASSWORD)_([A-Z0-9_]+)$/.exec(name)?.[1] ?? []),
  )
  const problems: string[] = []
  const roles = [...services].sort().map((service) => {
    const user = env[`DB_USER_${service}`]
    const password = env[`DB_PASSWORD_${service}`]
    if (!user) problems.push(`DB_USER_${service} is not set`)
    if (!password) problems.push(`DB_PASSWORD_${service} is not set`)
    return { service: service.toLowerCase(), user: user ?? '', password: password ?? '' }
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return roles
}

/** Creates the roles that do not exist, and sets the passwords and rights of all. Run after the migrations. */
export async function grantRoles(client: ClientBase, roles: readonly ServiceRole[]): Promise<void> {
  const database = await format(client, `select format('%I', current_database()) as sql`, [])
  await client.query(`revoke all on database ${database} from public`)
  await client.query('revoke create on schema public from public')
  for (const role of roles) await grantRole(client, database, role)
}

async function grantRole(client: ClientBase, database: string, role: ServiceRole): Promise<void> {
  const user = await format(client, `select format('%I', $1::text) as sql`, [role.user])
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role.user])
  if (rowCount === 0) await client.query(`create role ${user}`)
  const verifier = scramVerifier(role.password)
  const login = 'login nocreatedb nocreaterole noinherit connection limit 100'
  await client.query(`alter role ${user} with ${login} password '${verifier}'`)
  await client.query(`grant connect on database ${database} to ${user}`)
  await client.query(`grant usage on schema public to ${user}`)
  const { rows } = await client.query(
    `select format('%I', tablename) as sql from pg_tables where schemaname = 'public' and starts_with(tablename, $1)`,
    [`${role.service}_`],
  )
  for (const { sql } of rows) await client.query(`grant select, insert, update, delete on ${sql} to ${user}`)
}

async function format(client: ClientBase, sql: string, values: string[]): Promise<string> {
  const { rows } = await client.query(sql, values)
  return String(rows[0]?.sql)
}

/**
 * What PostgreSQL stores of a password. Made here, so that the password itself is in no statement, which the server
 * might log. https://www.postgresql.org/docs/17/sql-createrole.html, RFC 5803
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), iterations = 4096): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}
