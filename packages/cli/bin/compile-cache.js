/**
 * Where compiled code is kept: below the user's own cache directory, readable and writable for that user only. Node runs
 * what it finds in its compile cache, so a folder that another user could have written to is never used, and the shared
 * temporary directory is none. Older versions of Node load this file too.
 */
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder, created where it is missing; undefined where there is none that can be trusted.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function compileCacheFolder(environment = process.env) {
  const { XDG_CACHE_HOME: named } = environment
  try {
    const base = named && isAbsolute(named) ? named : join(homedir(), '.cache')
    const folder = join(base, 'baton', 'compile-cache')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return [folder, join(base, 'baton')].every(isPrivate) ? folder : undefined
  } catch {
    return undefined
  }
}

/** A directory, no link to one, of this user, that no other user may enter. */
function isPrivate(folder) {
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
}
