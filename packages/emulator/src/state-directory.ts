/**
 * The directory in which an emulator keeps everything: documents, keys, bodies, databases. Only its user may read it.
 * A server that runs as another user (PostgreSQL, where root starts the emulator) may pass through on the way to its
 * data, and see nothing else.
 */
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** For `process.umask`: what the process and its children create is their user's alone. */
export const privateUmask = 0o077

/** Makes `directory/state`, closes both and what is in them to other users, and returns it. */
export async function openStateDirectory(directory: string): Promise<string> {
  await makePrivate(directory)
  const stateDir = join(directory, 'state')
  await makePrivate(stateDir)
  // An earlier version left its files readable.
  for (const entry of await readdir(stateDir, { withFileTypes: true })) {
    const path = join(stateDir, entry.name)
    if (entry.isFile()) await chmod(path, 0o600)
    else if (entry.isDirectory() && entry.name !== 'rds') await chmod(path, 0o700)
  }
  return stateDir
}

/** Makes a directory that other users cannot read; where root owns it, they may pass through it. */
export async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await chmod(directory, process.getuid?.() === 0 ? 0o711 : 0o700)
}
