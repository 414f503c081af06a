/** What a rollback goes back to, read from the records of a target. */
import { ReleaseError } from '../release-error.ts'
import type { ReleaseRecord } from './release-record.ts'

/**
 * The version before the one that runs. Each release lies on top of the ones before, and a rollback takes away what lies
 * above its version: so two rollbacks in a row go back two versions, and not back and forth.
 */
export function versionBefore(records: readonly ReleaseRecord[], running: string): string | undefined {
  const stack: string[] = []
  for (const { state, action, version } of records.toReversed()) {
    if (state !== 'succeeded') continue
    const at = stack.indexOf(version)
    if (action === 'rollback' && at >= 0) stack.length = at + 1
    else if (stack.at(-1) !== version) stack.push(version)
  }
  const at = stack.lastIndexOf(running)
  const before = at >= 0 ? stack[at - 1] : stack.at(-1)
  return before === running ? undefined : before
}

/** The newest release of a version that succeeded. */
export const succeededRelease = (
  records: readonly ReleaseRecord[],
  version: string,
): ReleaseRecord | undefined =>
  records.find((record) => record.version === version && record.state === 'succeeded')

/**
 * Throws `contracted` where a migration took away from the schema after the version had been released: the version may
 * still read what is gone. No migration is ever undone.
 */
export function refuseContracted(
  migrations: readonly ReleaseRecord[],
  target: string,
  release: Pick<ReleaseRecord, 'version' | 'startedAt'>,
): void {
  const later = migrations.filter(
    ({ state, contracts = [], endedAt = '' }) =>
      state === 'succeeded' && contracts.length > 0 && endedAt > release.startedAt,
  )
  const [last] = later
  if (last === undefined) return
  const names = [...new Set(later.toReversed().flatMap(({ contracts = [] }) => contracts))]
  throw new ReleaseError(
    'contracted',
    `${target} ${release.version} was released before the migration of ${last.version} (${last.endedAt}), which took away from the schema: ${names.join(', ')}.`,
    `Go back to a version that was released after it, or release a fix. If ${release.version} does not use what is gone: --force.`,
  )
}
