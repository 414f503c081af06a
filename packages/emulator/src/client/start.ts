/**
 * Starts an emulator as a process of its own and waits until it serves, or finds the one that runs over a state
 * directory. An emulator that was started attached ends with the process that started it; a detached one stays
 * until it is told to stop.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identify } from '../runtime/process/process-identity.ts'
import type { EmulatorDescription, EmulatorOptions, StartMessage } from './description.ts'
import { connect, type Emulator } from './emulator.ts'
import { EmulatorError } from './emulator-error.ts'

/** Name of the file in the state directory that says where the emulator listens. */
export const descriptionFile = 'emulator.json'

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
 * one that runs already. Once the signal goes off it rejects with its reason, and only when nothing runs any more.
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

/** Whether the very process that described itself so lives. */
export function emulatorRuns({ pid, processStarted }: EmulatorDescription): boolean {
  const found = identify(pid)
  return found !== undefined && (processStarted === undefined || found.started === processStarted)
}

/** The emulator that runs over this state directory; undefined when none does. */
export async function findEmulator(stateDir: string): Promise<Emulator | undefined> {
  const description = readDescription(stateDir)
  if (!description || !emulatorRuns(description)) return undefined
  const emulator = connect(description)
  const status = await emulator.status().catch(() => undefined)
  return status?.emulator.pid === description.pid ? emulator : undefined
}

export function readDescription(stateDir: string): EmulatorDescription | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, descriptionFile), 'utf8'))
  } catch {
    return undefined
  }
}

function openLog(file: string): number {
  try {
    mkdirSync(join(file, '..'), { recursive: true })
    return openSync(file, 'a', 0o600)
  } catch (cause) {
    throw new EmulatorError(
      `The state directory cannot be written: ${cause instanceof Error ? cause.message : cause}.`,
      'Choose another with --state-dir, or mend its permissions.',
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

/** Waits for the end of a child that, until somebody waits, keeps nobody from ending. */
function exited(child: ChildProcess): Promise<void> {
  child.ref()
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
}
