/**
 * Accounts: list, add, delete. Administrators and users are kept apart, each in a table of their own that only
 * their own service may enter; the routes are the same.
 */
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { ApiError } from './errors.ts'
import { hashPassword } from './passwords.ts'

export interface Account {
  readonly id: number
  readonly loginId: string
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
}

export interface AccountPage {
  /** Newest first. */
  readonly accounts: readonly Account[]
  /** Pass it as `before` to get the next page; null on the last one. */
  readonly next: number | null
}

export interface AccountRoutes {
  readonly pool: Pool
  readonly table: 'admin_account' | 'user_account'
  readonly passwordCost: number
}

const columns = 'id, login_id, name, created_at'

/** GET, POST /api/accounts and DELETE /api/accounts/:id. */
export function accountRoutes(server: FastifyInstance, { pool, table, passwordCost }: AccountRoutes): void {
  server.get<{ Querystring: Record<string, unknown> }>(
    '/api/accounts',
    async (request): Promise<AccountPage> => {
      const limit = wholeNumber(request.query.limit, 'limit', 20, 100)
      const before = wholeNumber(
        request.query.before,
        'before',
        Number.MAX_SAFE_INTEGER,
        Number.MAX_SAFE_INTEGER,
      )
      // By key, not by offset: pages neither overlap nor skip while others write, and the last is as quick as the first.
      const { rows } = await pool.query({
        name: 'list-accounts',
        text: `select ${columns} from ${table} where id < $1 order by id desc limit $2`,
        values: [before, limit + 1],
      })
      const accounts = rows.slice(0, limit).map(toAccount)
      return { accounts, next: rows.length > limit ? (accounts.at(-1)?.id ?? null) : null }
    },
  )

  server.post('/api/accounts', async (request, reply): Promise<Account> => {
    const input = readNewAccount(request.body)
    const hash = await hashPassword(input.password, passwordCost)
    const { rows } = await pool.query({
      name: 'add-account',
      text: `insert into ${table} (login_id, password_hash, name) values ($1, $2, $3)
             on conflict (login_id) do nothing returning ${columns}`,
      values: [input.loginId, hash, input.name],
    })
    if (rows.length === 0) {
      const message = `The login id "${input.loginId}" is already in use.`
      throw new ApiError(409, 'login_id_taken', message, { loginId: message })
    }
    const account = toAccount(rows[0])
    reply.code(201).header('location', `/api/accounts/${account.id}`)
    return account
  })

  server.delete<{ Params: { id: string } }>('/api/accounts/:id', async (request, reply) => {
    const id = Number(request.params.id)
    const known = Number.isSafeInteger(id) && id > 0
    const { rowCount } = known
      ? await pool.query({ name: 'delete-account', text: `delete from ${table} where id = $1`, values: [id] })
      : { rowCount: 0 }
    if (rowCount === 0) throw new ApiError(404, 'not_found', `There is no account ${request.params.id}.`)
    return reply.code(204).send()
  })
}

export interface NewAccount {
  readonly loginId: string
  readonly password: string
  readonly name: string
}

/** Checks a request's body; throws a 400 that names every field that is wrong. */
function readNewAccount(body: unknown): NewAccount {
  const { loginId, password, name } = (body ?? {}) as Record<string, unknown>
  const fields: Record<string, string> = {}
  if (typeof loginId !== 'string' || !/^[a-z0-9][a-z0-9._@-]{2,63}$/.test(loginId))
    fields.loginId = '3 to 64 lower-case letters, digits, or . _ @ -, starting with a letter or digit.'
  if (typeof password !== 'string' || password.length < 8 || password.length > 128)
    fields.password = '8 to 128 characters.'
  // PostgreSQL keeps no U+0000, and no person's name has a control character.
  if (typeof name !== 'string' || !/^\P{Cc}{1,100}$/u.test(name.trim()))
    fields.name = '1 to 100 characters, none of them a control character.'
  if (Object.keys(fields).length > 0) throw new ApiError(400, 'invalid', 'Some fields are not valid.', fields)
  return { loginId: String(loginId), password: String(password), name: String(name).trim() }
}

function wholeNumber(value: unknown, name: string, fallback: number, max: number): number {
  if (value === undefined) return fallback
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= 1 && number <= max) return number
  throw new ApiError(400, 'invalid', `${name} must be a whole number from 1 to ${max}.`)
}

function toAccount(row: Record<string, unknown>): Account {
  return {
    id: Number(row.id),
    loginId: String(row.login_id),
    name: String(row.name),
    createdAt: (row.created_at as Date).toISOString(),
  }
}
