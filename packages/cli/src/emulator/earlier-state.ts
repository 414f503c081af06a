/**
 * State of an earlier version of Baton, which called the emulator a region: `region/` with `region.json` and
 * `region.sqlite`. This version does not read it, because absolute paths of that folder are in it. It is refused by name,
 * so that it is neither overlooked nor left behind, and `baton down --destroy` deletes it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { deleteEmulator, endLeftoverProcesses } from '@baton/emulator/client'
import { UsageError } from '../usage-error.ts'
import { emulatorDir } from './directory.ts'

/** Folder of the earlier version's state; undefined where there is none. */
function earlierState(stateDir: string): string | undefined {
  const folder = resolve(stateDir, 'region')
  const files = ['region.json', 'state/region.sqlite']
  return files.some((file) => existsSync(join(folder, file))) ? folder : undefined
}

/** Throws `UsageError` where there is state of an earlier version, and none of this one. */
export function refuseEarlierState(stateDir: string): void {
  const folder = earlierState(stateDir)
  if (folder === undefined || existsSync(emulatorDir(stateDir))) return
  const pid = runningPid(folder)
  if (pid !== undefined) throw stillRuns(folder, pid)
  throw new UsageError(
    `${folder} has the state of an earlier version of Baton, which this version does not read.`,
    'Delete it with `baton down --destroy` and start again with `baton up`; or use the earlier version, or another directory: --state-dir FOLDER.',
  )
}

/** Deletes the state of an earlier version. Throws `UsageError` while its emulator runs. */
export async function deleteEarlierState(stateDir: string): Promise<void> {
  const folder = earlierState(stateDir)
  if (folder === undefined) return
  const pid = runningPid(folder)
  if (pid !== undefined) throw stillRuns(folder, pid)
  await endLeftoverProcesses(folder)
  // Under the name of today, so that data that it names outside of the folder is deleted too.
  for (const end of ['', '-wal', '-shm']) {
    const file = join(folder, `state/region.sqlite${end}`)
    if (existsSync(file)) await rename(file, join(folder, `state/emulator.sqlite${end}`))
  }
  await deleteEmulator(folder)
}

const stillRuns = (folder: string, pid: number) =>
  new UsageError(
    `An emulator of an earlier version of Baton runs over ${folder} (process ${pid}).`,
    `Stop it with that version (\`baton down\`), or end the process: kill ${pid}. Then run the command again.`,
  )

/** The process that the description names, if it is still the emulator of this folder: it has the folder as an argument. */
function runningPid(folder: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'region.json'), 'utf8'))
    return typeof pid === 'number' && commandOf(pid).includes(folder) ? pid : undefined
  } catch {
    return undefined
  }
}

/** Throws where there is no such process. */
function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`
  if (process.platform === 'linux') return readFileSync(file, 'utf8')
  return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    encoding: 'utf8',
    timeout: 5_000,
  })
}
