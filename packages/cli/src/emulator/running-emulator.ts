/** The emulator of a state directory, for the commands that ask it. */
import { type Emulator, findEmulator, leftoverProcesses } from '@baton/emulator/client'
import { UsageError } from '../usage-error.ts'
import { emulatorDir } from './directory.ts'
import { refuseEarlierState } from './earlier-state.ts'

/** Throws `UsageError` where none runs; it names the processes that a killed one has left. */
export async function runningEmulator(stateDir: string): Promise<Emulator> {
  const emulator = await findEmulator(emulatorDir(stateDir))
  if (emulator) return emulator
  refuseEarlierState(stateDir)
  const left = leftoverProcesses(emulatorDir(stateDir))
  if (left.length === 0) {
    throw new UsageError(
      `No emulator runs in ${stateDir}.`,
      'Start one with `baton up`, or name the state directory of the one that runs: --state-dir FOLDER.',
    )
  }
  const named = left.map(({ pid, kind }) => `${pid} (${kind})`).join(', ')
  throw new UsageError(
    `No emulator runs in ${stateDir}, but one that was killed left processes: ${named}.`,
    'End them with `baton down`, or start again with `baton up`, which ends them and continues.',
  )
}
