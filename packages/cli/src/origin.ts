/**
 * Who releases and from which commit, as the record of a release holds it, and the version that follows from the commit.
 * A repository is read with git itself; outside of one there is no commit, and the version has to be given.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ReleaseOrigin } from '@baton/release'
import { versionOption } from './settings.ts'
import { UsageError } from './usage-error.ts'

const run = promisify(execFile)

export interface Commit {
  readonly hash: string
  /** Digest of what differs from the commit; undefined where nothing does. */
  readonly changes?: string
}

/** The commit of the configuration's repository; undefined outside of git, and before the first commit. */
export async function commitOf(configFile: string): Promise<Commit | undefined> {
  const cwd = dirname(configFile)
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd, encoding: 'buffer', maxBuffer: 256 << 20 })).stdout
  try {
    const hash = String(await git('rev-parse', '--verify', 'HEAD')).trim()
    const top = String(await git('rev-parse', '--show-toplevel')).trim()
    const differs = await git('diff', 'HEAD', '--binary', '--no-ext-diff')
    const others = String(
      await git('-C', top, 'ls-files', '--others', '--exclude-standard', '-z', '--full-name'),
    )
      .split('\0')
      .filter(Boolean)
    if (differs.length === 0 && others.length === 0) return { hash }
    const digest = createHash('sha256').update(differs)
    for (const file of others) {
      digest.update(`\0${file}\0`).update(await readFile(join(top, file)).catch(() => ''))
    }
    return { hash, changes: digest.digest('hex') }
  } catch {
    return undefined
  }
}

/**
 * The name of a release: what was given, or the short hash of the commit. Where files differ from the commit it carries
 * `-dirty` and a digest of the differences, so that a version never changes its content. Throws `UsageError`.
 */
export function versionFor(given: string | undefined, commit: Commit | undefined): string {
  if (given !== undefined) return versionOption(given)
  if (commit === undefined) {
    throw new UsageError(
      'There is no commit to name the release after: the configuration is not in a git repository with a commit.',
      'Name the release: --version v2.',
    )
  }
  const short = commit.hash.slice(0, 12)
  return commit.changes === undefined ? short : `${short}-dirty-${commit.changes.slice(0, 6)}`
}

/**
 * Throws `UsageError` for a release from files that are in no commit, where they would go into production on AWS: no one
 * could build it again.
 */
export function refuseDirty(
  commit: Commit | undefined,
  { on, environment, force }: { on: 'emulator' | 'aws'; environment: string; force: boolean },
): void {
  if (commit?.changes === undefined || force || on !== 'aws' || environment !== 'production') return
  throw new UsageError(
    'Files differ from the commit, and a release to production must be one that can be built again.',
    'Commit or stash them; git status lists them. To release them as they are: --force.',
  )
}

export function originOf(commit: Commit | undefined): ReleaseOrigin {
  return {
    by: caller(),
    ...(commit ? { commit: commit.hash, ...(commit.changes === undefined ? {} : { dirty: true }) } : {}),
  }
}

/** Of a pipeline the person who started it, where the pipeline says so. */
function caller(): string {
  const { GITHUB_ACTOR, GITHUB_RUN_ID, GITLAB_USER_LOGIN, CI_JOB_ID } = process.env
  if (GITHUB_ACTOR) return `${GITHUB_ACTOR} (GitHub Actions ${GITHUB_RUN_ID ?? ''})`
  if (GITLAB_USER_LOGIN) return `${GITLAB_USER_LOGIN} (GitLab job ${CI_JOB_ID ?? ''})`
  return `${userName()}@${hostname()}`
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
