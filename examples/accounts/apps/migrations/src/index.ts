/** Migrations and roles as functions, for programs that need a database that is up to date: the services' tests. */
export { alone, type Migration, migrate, readMigrations } from './migrate.ts'
export { grantRoles, readRoles, type ServiceRole, scramVerifier } from './roles.ts'
