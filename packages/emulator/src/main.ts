/**
 * The emulator's process. Its parent passes the options as its one argument and hears over IPC when it serves, or
 * why it does not; `emulator.json` in the state directory tells everyone else where it listens.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EmulatorOptions, StartMessage } from './client/description.ts'
import { descriptionFile, emulatorRuns, readDescription } from './client/emulator-process.ts'
import { openEmulator, type RunningEmulator } from './emulator.ts'
import { goFirst } from './runtime/index.ts'
import { isLocked, StoreError } from './store.ts'

const options: EmulatorOptions = JSON.parse(process.argv[2] ?? '{}')
const file = join(options.stateDir, descriptionFile)
let opening: Promise<RunningEmulator> | undefined
let emulator: RunningEmulator | undefined
let stopping: Promise<void> | undefined

const tell = (message: StartMessage) => process.connected && process.send?.(message)

/** Stops the emulator once, however often it is asked to, and ends the process; one that opens is waited for. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    const opened = await opening?.catch(() => undefined)
    await opened?.stop().catch((error) => console.error('while stopping:', error))
    if (opened) rmSync(file, { force: true })
    process.exit(0)
  })()
  return stopping
}

/** Id of another emulator that runs over the same directory, where it has said so. */
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

/** What the system said, however often it was wrapped since. */
function systemError(error: unknown): NodeJS.ErrnoException & { port?: number } {
  const found = error as NodeJS.ErrnoException & { port?: number }
  return found.code === undefined && found.cause instanceof Error ? systemError(found.cause) : found
}

function explain(error: unknown): { message: string; fix: string } {
  const { code, port, message } = systemError(error)
  if (isLocked(error)) return runsAlready(undefined)
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

// On AWS the edge and the load balancer share no processor with anybody.
goFirst()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
// One broken connection must not take the platform down; what it was is in the log. Before it serves, it is fatal.
process.on('uncaughtException', (error) => {
  console.error('uncaught:', error)
  if (emulator) return
  tell({ type: 'failed', ...explain(error) })
  process.exit(1)
})
process.on('unhandledRejection', (error) => console.error('unhandled:', error))
// Attached: the parent is gone, and nobody else would ever stop this emulator.
if (!options.detached) process.on('disconnect', stop)

const other = runningOver()
if (other !== undefined) {
  tell({ type: 'failed', ...runsAlready(other) })
  process.exit(1)
}
try {
  opening = openEmulator(options, stop)
  emulator = await opening
  // Moved into place, so that nobody reads half of it.
  writeFileSync(`${file}.new`, JSON.stringify(emulator.description, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  tell({ type: 'ready', emulator: emulator.description })
} catch (error) {
  console.error(error)
  tell({ type: 'failed', ...explain(error) })
  process.exit(1)
}
