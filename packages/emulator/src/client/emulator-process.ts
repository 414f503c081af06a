/**
 * The process of an emulator: whether it runs, and its end. An id alone may be another process's by now, so every
 * question is about the id together with the moment at which the process began.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '../runtime/process/process-identity.ts'
import type { EmulatorDescription } from './description.ts'

/** Name of the file in the state directory that says where the emulator listens. */
export const descriptionFile = 'emulator.json'

type Described = Pick<EmulatorDescription, 'pid' | 'processStarted'>

const lookEveryMs = 20

export function readDescription(stateDir: string): EmulatorDescription | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, descriptionFile), 'utf8'))
  } catch {
    return undefined
  }
}

/** Whether the very process that described itself so lives. */
export function emulatorRuns({ pid, processStarted }: Described): boolean {
  const found = identify(pid)
  return found !== undefined && (processStarted === undefined || found.started === processStarted)
}

/** Asks the process to stop, or kills it. One that was suspended is resumed: it could not act on the signal. */
export function signalEmulator(described: Described, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (described.pid === process.pid || !emulatorRuns(described)) return
  try {
    process.kill(described.pid, signal)
    process.kill(described.pid, 'SIGCONT')
  } catch {
    // It ended in between.
  }
}

/** Resolves when the process has ended; rejects when the signal is aborted before. */
export async function emulatorEnded(described: Described, signal?: AbortSignal): Promise<void> {
  while (emulatorRuns(described)) await sleep(lookEveryMs, undefined, signal ? { signal } : {})
}
