/**
 * Brings the schema up to date: the files of `sql/`, in order, each once.
 *
 * A release runs this before its new version starts, and the old version goes on meanwhile, during the shift, and
 * after a rollback. So a migration only ever *expands*: new tables, new columns that may be null or have a default,
 * new indexes. What the new version no longer needs is *contracted* by a later release, when no version that
 * needs it is left to roll back to. Files that have run never change; their checksums are kept and compared.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ClientBase } from 'pg'

export interface Migration {
  /** File name without its ending: `0001_accounts`. */
  readonly name: string
  readonly sql: string
}

/** The migrations of a folder, by name. */
export async function readMigrations(folder: string = sqlFolder()): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.sql$/, ''),
      sql: await readFile(`${folder}/${file}`, 'utf8'),
    })),
  )
}

/** Does the work while no other runner does its own: others wait for it. */
export async function alone<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query(`select pg_advisory_lock(hashtext('schema_migration'))`)
  try {
    return await work()
  } finally {
    // A session that is gone has given the lock back, and why it is gone is the error to tell.
    await client.query(`select pg_advisory_unlock(hashtext('schema_migration'))`).catch(() => undefined)
  }
}

/** Runs what has not run yet; returns the names of those. To be run `alone`. */
export async function migrate(client: ClientBase, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(`
    create table if not exists schema_migration (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`)
  const { rows } = await client.query('select name, checksum from schema_migration')
  const applied = new Map(rows.map((row) => [String(row.name), String(row.checksum)]))
  const changed = migrations.filter(
    ({ name, sql }) => applied.has(name) && applied.get(name) !== checksum(sql),
  )
  if (changed.length > 0) {
    const names = changed.map(({ name }) => `${name}.sql`).join(', ')
    throw new Error(`${names} changed after it had run. Restore it, and write what is new into a new file.`)
  }
  const pending = migrations.filter(({ name }) => !applied.has(name))
  for (const migration of pending) await apply(client, migration)
  return pending.map(({ name }) => name)
}

async function apply(client: ClientBase, { name, sql }: Migration): Promise<void> {
  await client.query('begin')
  try {
    // A change that waits for a lock makes all queries behind it wait too: better to fail and be run again.
    await client.query(`set local lock_timeout = '5s'`)
    await client.query(sql)
    await client.query('insert into schema_migration (name, checksum) values ($1, $2)', [name, checksum(sql)])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw new Error(`${name}.sql failed, and nothing of it was kept: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function checksum(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** `sql/` stands beside the bundle in the image, and beside `src/` in the repository. */
function sqlFolder(): string {
  const candidates = ['./sql', '../sql'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined) throw new Error(`No folder of migrations: looked for ${candidates.join(' and ')}`)
  return found
}
