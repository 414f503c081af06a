/**
 * The one-off task of a release: schema, then users. Safe to run again at any time; exits 0 when the database is up
 * to date, 1 otherwise, with the reason in the log.
 */
import { connectionOptions } from '@keencho/service-core/database'
import pg from 'pg'
import { alone, migrate, readMigrations } from './migrate.ts'
import { grantRoles, readRoles } from './roles.ts'

const log = (level: 'info' | 'error', message: string, details: object = {}) =>
  console.log(
    JSON.stringify({ time: new Date().toISOString(), level, service: 'migrations', message, ...details }),
  )

try {
  const roles = readRoles(process.env)
  const migrations = await readMigrations()
  const client = new pg.Client({ ...connectionOptions(process.env), application_name: 'migrations' })
  await client.connect()
  try {
    const applied = await alone(client, async () => {
      const names = await migrate(client, migrations)
      await grantRoles(client, roles)
      return names
    })
    log('info', 'database is up to date', { applied, roles: roles.map(({ user }) => user) })
  } finally {
    await client.end()
  }
} catch (error) {
  log('error', (error as Error).message, { stack: (error as Error).stack })
  process.exitCode = 1
}
