/** The region of a state directory, for the commands that ask it. */
import { findRegion, leftProcesses, type Region } from '@baton/emulator/client'
import { UsageError } from '../failure.ts'
import { regionDir } from './directory.ts'

/** Throws `UsageError` where none runs, with what one that was killed has left. */
export async function runningRegion(stateDir: string): Promise<Region> {
  const region = await findRegion(regionDir(stateDir))
  if (region) return region
  const left = leftProcesses(regionDir(stateDir))
  if (left.length === 0) {
    throw new UsageError(
      `No region runs over ${stateDir}.`,
      'Start one with `baton up`, or name the directory of the one that runs: --state-dir FOLDER.',
    )
  }
  const named = left.map(({ pid, kind }) => `${pid} (${kind})`).join(', ')
  throw new UsageError(
    `No region runs over ${stateDir}, but one that was killed left processes: ${named}.`,
    'End them with `baton down`, or start again with `baton up`, which ends them and goes on.',
  )
}
