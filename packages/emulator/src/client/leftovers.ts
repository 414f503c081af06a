/**
 * What a killed emulator leaves, processes of this machine and data outside of its directory: found and removed by the
 * next command over the directory, with or without starting the emulator again.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { removeEverything, removeLeftovers } from '../runtime/container/leftovers.ts'
import * as runtime from '../runtime/process/leftover-processes.ts'
import { isOriginal } from '../runtime/process/process-mark.ts'
import type { Store } from '../store.ts'
import { EmulatorError } from './emulator-error.ts'
import { descriptionFile, emulatorRuns, readDescription } from './emulator-process.ts'

export type LeftoverProcess = Pick<runtime.LeftoverProcess, 'pid' | 'kind'>

/** Processes of an emulator that was killed; none while one runs. */
export function leftoverProcesses(stateDir: string): LeftoverProcess[] {
  return runs(stateDir) ? [] : runtime.leftoverProcesses(join(resolve(stateDir), 'state'))
}

/**
 * Ends what a killed emulator left running, and forgets where it listened. Does nothing while one runs. Throws
 * `EmulatorError` while one is starting, which has not published yet where it listens.
 */
export async function endLeftoverProcesses(stateDir: string): Promise<LeftoverProcess[]> {
  if (runs(stateDir)) return []
  await refuseWhileStarting(stateDir)
  const state = join(resolve(stateDir), 'state')
  const ended = await runtime.endLeftoverProcesses(state)
  await inEngine(() => removeLeftovers(state))
  await rm(join(stateDir, descriptionFile), { force: true })
  return ended
}

/** Deletes everything that an emulator has kept, wherever it is. Throws `EmulatorError` while one runs. */
export async function deleteEmulator(stateDir: string): Promise<void> {
  const description = readDescription(stateDir)
  if (description && emulatorRuns(description)) throw stillRuns(stateDir, description.pid)
  await inEngine(() => removeEverything(join(resolve(stateDir), 'state')))
  for (const directory of await outsideData(join(resolve(stateDir), 'state'))) {
    for (const path of [directory, `${directory}.password`]) await rm(path, { recursive: true, force: true })
  }
  await rm(stateDir, { recursive: true, force: true })
}

/** What could not be removed is said, and the state that names it is kept. */
async function inEngine(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw Object.assign(
      new EmulatorError(
        `The containers, networks and images of the emulator could not be removed: ${cause instanceof Error ? cause.message : cause}.`,
        'Start the container engine that it used, and run the command again.',
      ),
      { cause },
    )
  }
}

function runs(stateDir: string): boolean {
  const description = readDescription(stateDir)
  return description !== undefined && emulatorRuns(description)
}

const stillRuns = (stateDir: string, pid: number) =>
  new EmulatorError(
    `The emulator (process ${pid}) still runs over ${stateDir}.`,
    'Stop it first: baton down.',
  )

async function refuseWhileStarting(stateDir: string): Promise<void> {
  const { isLocked } = await import('../store.ts')
  try {
    ;(await storeOf(join(resolve(stateDir), 'state')))?.close()
  } catch (error) {
    if (!isLocked(error)) throw error
    throw new EmulatorError(
      `An emulator is starting over ${stateDir}.`,
      'Wait until it serves, or stop it with Ctrl-C where it was started.',
    )
  }
}

/**
 * Loaded for `down` only: other commands do without the database engine. A store that this version cannot read names no
 * processes and no data; its directory can be deleted all the same.
 */
async function storeOf(state: string): Promise<Store | undefined> {
  const file = join(state, 'emulator.sqlite')
  if (!existsSync(file)) return undefined
  const { openStore, StoreError } = await import('../store.ts')
  try {
    return openStore(file)
  } catch (error) {
    if (error instanceof StoreError) return undefined
    throw error
  }
}

/** Databases whose server could not enter the state directory have their data in one of the system's. */
async function outsideData(state: string): Promise<string[]> {
  const store = isOriginal(state) ? await storeOf(state) : undefined
  if (!store) return []
  try {
    const instances = store.collection<{ readonly dataDir?: string }>('rds.instances').values()
    return instances.flatMap(({ dataDir }) => (dataDir && isOutside(dataDir, state) ? [dataDir] : []))
  } finally {
    store.close()
  }
}

const isOutside = (directory: string, state: string) =>
  !directory.startsWith(`${state}/`) && basename(directory).startsWith('baton-rds-')
