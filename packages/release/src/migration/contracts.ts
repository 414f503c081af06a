/**
 * Which migrations take away from the schema. A version from before such a one may still read what is gone, so it is no
 * version to go back to. Files of SQL are read for statements that take away; a line of a file may say it instead:
 * `-- baton: contract`, or `-- baton: expand` where nothing that runs needs what goes.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform } from '@baton/config'

/** Those of a platform, where its migrations have sources on this machine: what is in an image is not read. */
export async function contractsOf({ database }: Pick<Platform, 'database'>): Promise<readonly string[]> {
  const image = database?.migrations?.image
  if (image?.kind === 'source') return contractsBelow(image.folder)
  if (image?.kind === 'dockerfile') return contractsBelow(image.context)
  if (image?.kind === 'jar' && image.build) return contractsBelow(join(image.build.folder, 'src'))
  return []
}

/** Names of the contracting migrations below a folder of sources, in their order: `0003_drop_login_id`. */
async function contractsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .filter((entry) => !entry.parentPath.split(/[\\/]/).includes('node_modules'))
    .map((entry) => ({ name: entry.name.replace(/\.sql$/, ''), path: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const found = await Promise.all(
    files.map(async ({ name, path }) => (takesAway(await readFile(path, 'utf8')) ? [name] : [])),
  )
  return found.flat()
}

/** Whether a migration takes away from the schema what a running version may use. */
export function takesAway(sql: string): boolean {
  if (/^\s*--\s*baton:\s*expand\b/im.test(sql)) return false
  if (/^\s*--\s*baton:\s*contract\b/im.test(sql)) return true
  return statements.some((statement) => statement.test(withoutText(sql)))
}

/** Indexes are not among them: without one a query is slower, and still right. */
const statements: readonly RegExp[] = [
  /\bdrop\s+(table|view|materialized\s+view|schema|sequence|type|function|procedure|domain)\b/i,
  /\bdrop\s+column\b/i,
  // The word COLUMN may be left out: https://www.postgresql.org/docs/17/sql-altertable.html
  /\balter\s+table\b[^;]*\bdrop\s+(?!constraint\b|default\b|not\b|expression\b|identity\b|column\b)/i,
  /\brename\b/i,
  /\balter\s+(column\s+)?\S+\s+(set\s+data\s+)?type\b/i,
  /\bset\s+not\s+null\b/i,
  /\btruncate\b/i,
]

/** Without comments and without what is quoted. */
const withoutText = (sql: string) =>
  sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
