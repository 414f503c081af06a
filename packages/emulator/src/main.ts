/**
 * The emulator's process. Its parent passes the options as its one argument and is notified over IPC when the emulator
 * serves, or why it does not; for other processes `emulator.json` in the state directory says where it listens.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EmulatorOptions, StartMessage } from './client/description.ts'
import { descriptionFile, emulatorRuns, readDescription } from './client/emulator-process.ts'
import { openEmulator, type RunningEmulator } from './emulator.ts'
import { openProcessLog } from './process-log.ts'
import { NoEngineError, raisePriority } from './runtime/index.ts'
import { privateUmask } from './state-directory.ts'
import { isLocked, StoreError } from './store.ts'

const options: EmulatorOptions = JSON.parse(process.argv[2] ?? '{}')
const file = join(options.stateDir, descriptionFile)
let opening: Promise<RunningEmulator> | undefined
let emulator: RunningEmulator | undefined
let stopping: Promise<void> | undefined

const notifyParent = (message: StartMessage) => process.connected && process.send?.(message)

/** Stops the emulator once, however often it is called, and ends the process. It waits for an emulator that is opening. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    const opened = await opening?.catch(() => undefined)
    await opened?.stop().catch((error) => console.error('while stopping:', error))
    if (opened) rmSync(file, { force: true })
    process.exit(0)
  })()
  return stopping
}

/** Id of another emulator that serves over the same directory. */
function runningOver(): number | undefined {
  const other = readDescription(options.stateDir)
  return other && emulatorRuns(other) ? other.pid : undefined
}

function runsAlready(pid: number | undefined): { message: string; fix: string } {
  return {
    message: `An emulator runs over ${options.stateDir} already${pid === undefined ? '' : ` (process ${pid})`}.`,
    fix: 'Stop it with `baton down`, or choose another directory with --state-dir.',
  }
}

/** The system's error, however often it was wrapped. */
function systemError(error: unknown): NodeJS.ErrnoException & { port?: number } {
  const outer = error as NodeJS.ErrnoException & { port?: number }
  return outer.code === undefined && outer.cause instanceof Error ? systemError(outer.cause) : outer
}

/** Fewer open files do not suffice for the ports, databases and tasks of a small platform. */
const openFilesLeast = 128

/** How many files this process may open; undefined where the machine does not say. */
function openFilesMax(): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined
  }
}

function tooFewFiles(max: number | undefined): { message: string; fix: string } {
  return {
    message: `The emulator may open too few files${max === undefined ? '' : `: ${max}`}.`,
    fix: 'Raise the limit in the shell that starts it, e.g. `ulimit -n 4096`, and start again.',
  }
}

function explain(thrown: unknown): { message: string; fix: string } {
  // What failed while closing comes second.
  const error = thrown instanceof SuppressedError ? thrown.suppressed : thrown
  const { code, port, message } = systemError(error)
  if (isLocked(error)) return runsAlready(undefined)
  if (error instanceof NoEngineError) return { message: error.message, fix: error.fix }
  if (error instanceof StoreError) {
    return {
      message: `The state directory cannot be used: ${error.message}.`,
      fix: 'Use the version of Baton that wrote it, choose another directory with --state-dir, or delete it: baton down --destroy.',
    }
  }
  if (code === 'EADDRINUSE') {
    return {
      message: `Port ${port} is in use.`,
      fix: 'Choose another port, or stop the program that listens there.',
    }
  }
  if (code === 'EMFILE' || code === 'ENFILE') return tooFewFiles(openFilesMax())
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC') {
    return {
      message: `The state directory cannot be used: ${message}.`,
      fix: 'Choose another with --state-dir.',
    }
  }
  return {
    message: `The emulator could not start: ${message}.`,
    fix: 'Read emulator.log in the state directory.',
  }
}

process.umask(privateUmask)
openProcessLog()
// On AWS the edge and the load balancer share no processor with tasks.
raisePriority()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
// One broken connection must not end the platform: the error is logged. Before the emulator serves, it is fatal.
process.on('uncaughtException', (error) => {
  console.error('uncaught:', error)
  if (emulator) return
  refuse(explain(error))
})
process.on('unhandledRejection', (error) => console.error('unhandled:', error))
// Attached: the parent has ended, and no other process would stop this emulator.
if (!options.detached) process.on('disconnect', stop)

function refuse(reason: { message: string; fix: string }): never {
  notifyParent({ type: 'failed', ...reason })
  process.exit(1)
}

const limit = openFilesMax()
if (limit !== undefined && limit < openFilesLeast) refuse(tooFewFiles(limit))
const other = runningOver()
if (other !== undefined) refuse(runsAlready(other))
try {
  opening = openEmulator(options, stop)
  emulator = await opening
  // Moved into place, so that no reader sees half of it.
  writeFileSync(`${file}.new`, JSON.stringify(emulator.description, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  notifyParent({ type: 'ready', emulator: emulator.description })
} catch (error) {
  console.error(error)
  refuse(explain(error))
}
