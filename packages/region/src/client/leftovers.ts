/**
 * What a region leaves that did not stop by itself, and what it keeps outside of its directory: found and taken away
 * by whoever comes next, with or without starting it again.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { endMarkedProcesses, type MarkedProcess, markedProcesses } from '../runtime/process-mark.ts'
import { descriptionFile, readDescription, regionRuns } from './start.ts'

export interface LeftProcess {
  readonly pid: number
  readonly kind: MarkedProcess['kind']
}

/** Processes of a region that was killed; none while one runs. */
export function leftProcesses(stateDir: string): LeftProcess[] {
  return runs(stateDir) ? [] : markedProcesses(join(resolve(stateDir), 'state'))
}

/** Ends what a killed region left running, and forgets where it listened. Does nothing while one runs. */
export async function endLeftProcesses(stateDir: string): Promise<LeftProcess[]> {
  if (runs(stateDir)) return []
  const ended = await endMarkedProcesses(join(resolve(stateDir), 'state'))
  await rm(join(stateDir, descriptionFile), { force: true })
  return ended
}

/** Deletes everything that a region that does not run has kept, wherever it is. */
export async function deleteRegion(stateDir: string): Promise<void> {
  for (const directory of await outsideData(join(resolve(stateDir), 'state'))) {
    for (const path of [directory, `${directory}.password`]) await rm(path, { recursive: true, force: true })
  }
  await rm(stateDir, { recursive: true, force: true })
}

function runs(stateDir: string): boolean {
  const description = readDescription(stateDir)
  return description !== undefined && regionRuns(description)
}

/** Databases whose server could not enter the state directory have their data in one of the system's. */
async function outsideData(state: string): Promise<string[]> {
  const file = join(state, 'region.sqlite')
  if (!existsSync(file)) return []
  // Only here: every other command does without the database engine.
  const { openStore } = await import('../store.ts')
  const store = openStore(file)
  try {
    const instances = store.collection<{ readonly dataDir?: string }>('rds.instances').values()
    return instances.flatMap(({ dataDir }) => (dataDir && isOutside(dataDir, state) ? [dataDir] : []))
  } finally {
    store.close()
  }
}

const isOutside = (directory: string, state: string) =>
  !directory.startsWith(state) && basename(directory).startsWith('baton-rds-')
