/**
 * What an emulator leaves that did not stop by itself, and what it keeps outside of its directory: found and taken away
 * by whoever comes next, with or without starting it again.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import {
  endMarkedProcesses,
  isOriginal,
  type MarkedProcess,
  markedProcesses,
} from '../runtime/process/process-mark.ts'
import type { Store } from '../store.ts'
import { EmulatorError } from './emulator-error.ts'
import { descriptionFile, emulatorRuns, readDescription } from './start.ts'

export interface LeftProcess {
  readonly pid: number
  readonly kind: MarkedProcess['kind']
}

/** Processes of an emulator that was killed; none while one runs. */
export function leftProcesses(stateDir: string): LeftProcess[] {
  return runs(stateDir) ? [] : markedProcesses(join(resolve(stateDir), 'state'))
}

/**
 * Ends what a killed emulator left running, and forgets where it listened. Does nothing while one runs. Throws
 * `EmulatorError` while one is starting, which has not said yet where it listens.
 */
export async function endLeftProcesses(stateDir: string): Promise<LeftProcess[]> {
  if (runs(stateDir)) return []
  await refuseWhileStarting(stateDir)
  const ended = await endMarkedProcesses(join(resolve(stateDir), 'state'))
  await rm(join(stateDir, descriptionFile), { force: true })
  return ended
}

/** Deletes everything that an emulator that does not run has kept, wherever it is. */
export async function deleteEmulator(stateDir: string): Promise<void> {
  for (const directory of await outsideData(join(resolve(stateDir), 'state'))) {
    for (const path of [directory, `${directory}.password`]) await rm(path, { recursive: true, force: true })
  }
  await rm(stateDir, { recursive: true, force: true })
}

function runs(stateDir: string): boolean {
  const description = readDescription(stateDir)
  return description !== undefined && emulatorRuns(description)
}

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
 * Only `down` asks: every other command does without the database engine. One that this version cannot read says
 * nothing of processes and data; it must not keep its directory from being deleted.
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
