/**
 * What makes the master user of an instance. It is no superuser on RDS but a member of rds_superuser, and so it is
 * here: a migration that needs more fails in the rehearsal too.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
import type { InstanceRecord } from './state.ts'

/** Statements for a server whose only user is its administrator. */
export function masterStatements(instance: InstanceRecord, password: string): string[] {
  const master = quoted(instance.username)
  return [
    'CREATE ROLE rds_superuser NOLOGIN',
    'GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION',
    `CREATE ROLE ${master} LOGIN CREATEDB CREATEROLE`,
    alterPassword(instance.username, password),
    `GRANT rds_superuser TO ${master}`,
  ]
}

export const alterPassword = (username: string, password: string) =>
  `ALTER ROLE ${quoted(username)} PASSWORD '${password.replace(/'/g, "''")}'`

export const quoted = (identifier: string) => `"${identifier.replace(/"/g, '""')}"`

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html */
export const managedSecret = ({ username }: InstanceRecord, password: string, id: string) => ({
  name: `rds!db-${id}`,
  secretString: JSON.stringify({ username, password }),
  owningService: 'rds',
})
