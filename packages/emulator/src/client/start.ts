/**
 * Starts an emulator as a process of its own and waits until it serves, or finds the one that runs over a state
 * directory. An emulator that was started attached ends with the process that started it; a detached one runs
 * until it is asked to stop.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { noAnswer } from './ask.ts'
import type { EmulatorDescription, EmulatorOptions, StartMessage } from './description.ts'
import { connect, type Emulator } from './emulator.ts'
import { EmulatorError } from './emulator-error.ts'
import { emulatorRuns, readDescription } from './emulator-process.ts'
import { endLeftoverProcesses, type LeftoverProcess } from './leftovers.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))
const startTimeoutMs = 60_000

/**
 * How V8 keeps house, so that traffic waits for it seldom (`npm run bench:proxy`). Room for what requests leave behind, in
 * MiB: with its default of 16 at most much of it is promoted, and full collections come sooner. And what was given to the
 * heap stays there: V8 shrinks one that rests for some seconds, and collects it whole, for 20 ms, as soon as load comes.
 */
const semiSpaceMiB = { min: 16, max: 64 }
const nodeOptions = [
  '--disable-warning=ExperimentalWarning',
  `--min-semi-space-size=${semiSpaceMiB.min}`,
  `--max-semi-space-size=${semiSpaceMiB.max}`,
  '--no-memory-reducer',
]

/**
 * Starts an emulator. Throws `EmulatorError` when it cannot be: a port in use, a directory that cannot be written,
 * one that runs already. When the signal is aborted it rejects with its reason, once nothing runs any more.
 */
export async function startEmulator({
  signal,
  ...options
}: Partial<EmulatorOptions> & { stateDir: string; signal?: AbortSignal }): Promise<Emulator> {
  signal?.throwIfAborted()
  const complete: EmulatorOptions = {
    speed: 1,
    awsRegion: 'us-east-1',
    accountId: '000000000000',
    ports: { api: 0, http: 0, https: 0, dns: 0 },
    detached: false,
    ...options,
    stateDir: resolve(options.stateDir),
  }
  const logFile = join(complete.stateDir, 'emulator.log')
  const log = openLog(logFile)
  const child = spawn(process.execPath, [...nodeOptions, program, JSON.stringify(complete)], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  closeSync(log)
  const description = await ready(child, logFile, signal)
  if (complete.detached) {
    child.disconnect()
    child.unref()
    return connect(description)
  }
  child.unref()
  child.channel?.unref()
  return connect(description, () => exited(child))
}

/**
 * The emulator that runs over this state directory; undefined when none does. Throws `EmulatorError` when its process
 * runs and does not answer: to report that none runs would be wrong.
 */
export async function findEmulator(stateDir: string): Promise<Emulator | undefined> {
  const description = readDescription(stateDir)
  if (!description || !emulatorRuns(description)) return undefined
  const emulator = connect(description)
  try {
    const { emulator: found } = await emulator.status()
    if (found.pid === description.pid) return emulator
  } catch (error) {
    if (error instanceof EmulatorError) throw error
  }
  if (!emulatorRuns(description)) return undefined
  throw noAnswer(description.pid)
}

/**
 * Stops the emulator that runs over this state directory, whether it answers or not, and ends what it or one before it
 * left running. Throws `EmulatorError` while one is starting.
 */
export async function stopEmulator(
  stateDir: string,
): Promise<{ outcome: 'stopped' | 'killed' | undefined; leftovers: LeftoverProcess[] }> {
  const description = readDescription(stateDir)
  const runs = description !== undefined && emulatorRuns(description)
  const outcome = runs ? await connect(description).stop() : undefined
  return { outcome, leftovers: await endLeftoverProcesses(stateDir) }
}

function openLog(file: string): number {
  try {
    mkdirSync(join(file, '..'), { recursive: true })
    return openSync(file, 'a', 0o600)
  } catch (cause) {
    throw new EmulatorError(
      `The state directory cannot be written: ${cause instanceof Error ? cause.message : cause}.`,
      'Choose another with --state-dir, or correct its permissions.',
    )
  }
}

function ready(
  child: ChildProcess,
  logFile: string,
  signal: AbortSignal | undefined,
): Promise<EmulatorDescription> {
  return new Promise((resolve, reject) => {
    // One that opens stops as soon as it is open: it has processes of its own to end.
    const interrupt = () => {
      clearTimeout(timer)
      child.removeAllListeners()
      child.once('exit', () => reject(signal?.reason))
      child.kill('SIGTERM')
    }
    const fail = (message: string, fix: string) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      child.removeAllListeners()
      child.kill('SIGKILL')
      reject(new EmulatorError(message, fix))
    }
    const timer = setTimeout(
      () => fail(`The emulator did not start within ${startTimeoutMs / 1000} s.`, `Read ${logFile}.`),
      startTimeoutMs,
    )
    signal?.addEventListener('abort', interrupt)
    child.once('error', (error) =>
      fail(`The emulator could not be started: ${error.message}.`, `Read ${logFile}.`),
    )
    child.once('exit', (code, signal) =>
      fail(`The emulator ended while it started (${signal ?? code}).`, `Read ${logFile}.`),
    )
    child.on('message', (message: StartMessage) => {
      if (message.type === 'failed') return fail(message.message, message.fix)
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      child.removeAllListeners()
      resolve(message.emulator)
    })
  })
}

/** Waits for the end of a child, which keeps this process alive from here on only. */
function exited(child: ChildProcess): Promise<void> {
  child.ref()
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
}
