/** What an emulator keeps that has nothing any more: what `destroy` of every stack leaves (docs/decisions/0020). */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Files of its directory, those apart by which a database protects its own writing. */
export const keptFiles: readonly string[] = [
  'emulator.log',
  'state/authority/ca.key',
  'state/authority/ca.pem',
  'state/emulator.sqlite',
  'state/logs.sqlite',
  'state/process-mark',
]

/** What is remembered, as AWS remembers it: history, numbers that are never given out again, keys of the emulator's own. */
const remembered = new Set([
  'cloudwatch.alarm-history',
  'codedeploy.deployments',
  'ecr.signing-keys',
  'ecs.clusters',
  'ecs.families',
  'ecs.run-task-requests',
  'ecs.service-deployments',
  'ecs.service-events',
  'ecs.service-revisions',
  'ecs.services',
  'ecs.task-definitions',
  'ecs.tasks',
  'rds.account',
  'sns.inbox',
  'sts.sessions',
])

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !/\.sqlite-(wal|shm)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** Collections of a store, of an emulator that does not run, in which something is left that should not be. */
export function unexpectedDocuments(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database.prepare('SELECT DISTINCT collection FROM document ORDER BY collection').all()
    return rows.map(({ collection }) => String(collection)).filter((name) => !remembered.has(name))
  } finally {
    database.close()
  }
}
