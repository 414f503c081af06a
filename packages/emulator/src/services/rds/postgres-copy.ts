/**
 * A copy of PostgreSQL's programs for another user, where that user cannot enter the installed package. The copy lies
 * in the system's temporary directory, in which every user may create files. So its name cannot be guessed before it
 * exists, and an existing copy is used only when it is complete and every entry of it belongs to this user.
 */
import { type Stats, statSync } from 'node:fs'
import { chmod, cp, lstat, mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Of a complete copy: others may enter it and cannot list it. Until it is complete, it has the 0700 of `mkdtemp`. */
const completeMode = 0o711
/** A copy that is not complete after an hour was interrupted. */
const interruptedAfterMs = 60 * 60_000

/** The directory of an existing copy, or of a new one. Throws where `parent` does not protect the copy. */
export async function copyForOthers(source: string, parent: string, version: string): Promise<string> {
  const { uid } = userInfo()
  await checkParent(parent, uid)
  const prefix = `baton-postgres-${version}-`
  const expected = await listing(source)
  let existing: string | undefined
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(prefix))) {
    const directory = join(parent, name)
    const found = await lstat(directory).catch(() => undefined)
    if (found === undefined || !found.isDirectory() || found.uid !== uid) continue
    if ((found.mode & 0o7777) === completeMode) {
      if (existing === undefined && (await isIntact(directory, expected, uid))) existing = directory
    } else if (Date.now() - found.mtimeMs > interruptedAfterMs) {
      await rm(directory, { recursive: true, force: true })
    }
  }
  if (existing !== undefined) return existing
  const directory = await mkdtemp(join(parent, prefix))
  try {
    await cp(source, directory, { recursive: true, verbatimSymlinks: true })
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue
      const path = join(entry.parentPath, entry.name)
      const executable = entry.isDirectory() || ((await lstat(path)).mode & 0o111) !== 0
      await chmod(path, executable ? 0o755 : 0o644)
    }
    await chmod(directory, completeMode)
    return directory
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/** In a directory that others may write to and that is not sticky, another user could replace the copy. */
async function checkParent(parent: string, uid: number): Promise<void> {
  const { mode, uid: owner } = await stat(parent)
  const sticky = (mode & 0o1000) !== 0
  if ((owner === 0 || owner === uid) && (sticky || (mode & 0o022) === 0)) return
  throw new Error(
    `PostgreSQL's programs cannot be copied to ${parent}: other users may replace files there. ` +
      'Fix: set TMPDIR to a directory of yours that others may enter and not write to, e.g. with mode 755.',
  )
}

/** What each entry of a tree is, by its path. */
async function listing(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const path of await readdir(root, { recursive: true })) {
    found.set(path, await describe(join(root, path), await lstat(join(root, path))))
  }
  return found
}

async function describe(path: string, stats: Stats): Promise<string> {
  if (stats.isSymbolicLink()) return `link to ${await readlink(path)}`
  if (stats.isDirectory()) return 'directory'
  return stats.isFile() ? `file of ${stats.size}` : 'other'
}

/** Whether a copy has the same entries, all of this user's own, and none that another user may write to. */
async function isIntact(
  directory: string,
  expected: ReadonlyMap<string, string>,
  uid: number,
): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true }).catch(() => [])
  if (entries.length !== expected.size) return false
  for (const entry of entries) {
    const path = join(directory, entry)
    const stats = await lstat(path).catch(() => undefined)
    if (stats === undefined || stats.uid !== uid) return false
    if (!stats.isSymbolicLink() && (stats.mode & 0o022) !== 0) return false
    if ((await describe(path, stats).catch(() => '')) !== expected.get(entry)) return false
  }
  return true
}

/** Whether every user may enter the directory: each directory on the way lets others through. */
export function enterable(directory: string): boolean {
  for (let path = resolve(directory); ; path = dirname(path)) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found && (found.mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}
