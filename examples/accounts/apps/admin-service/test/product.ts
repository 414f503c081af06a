/** The product's database users, and what the tests ask of it and of its services without their own clients. */
import { connect } from 'node:net'
import pg from 'pg'
import { startDatabase, type TestDatabase } from './database.ts'

export const roles = {
  DB_USER_ADMIN: 'admin_service',
  DB_PASSWORD_ADMIN: `it's a "secret"`,
  DB_USER_USER: 'user_service',
  DB_PASSWORD_USER: 'another secret',
}

/** A database server and the environments of those who log in there; without TLS, unless a test asks for it. */
export interface Product {
  readonly database: TestDatabase
  readonly master: Record<string, string>
  readonly asAdmin: Record<string, string>
  readonly asUser: Record<string, string>
}

export async function startProduct(): Promise<Product> {
  const database = await startDatabase()
  const master = { ...database.env, PGSSLMODE: 'disable' }
  return {
    database,
    master,
    asAdmin: { ...master, PGUSER: roles.DB_USER_ADMIN, PGPASSWORD: roles.DB_PASSWORD_ADMIN },
    asUser: { ...master, PGUSER: roles.DB_USER_USER, PGPASSWORD: roles.DB_PASSWORD_USER },
  }
}

export async function withClient<T>(
  env: Record<string, string>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(env.PGPORT),
    database: env.PGDATABASE,
    user: env.PGUSER,
    password: env.PGPASSWORD,
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Sends raw bytes and returns all that comes back. */
export function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

export async function eventually(check: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
