/** What the admin and the user service have in common: everything but their name and their table. */
export type { Account, AccountPage } from './accounts.ts'
export { connectionOptions, poolOptions } from './database.ts'
export { hashPassword, passwordMatches } from './passwords.ts'
export { runService } from './run.ts'
export { createServer, type ServerOptions } from './server.ts'
