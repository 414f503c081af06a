/** Runs a program of the user's, quietly: what it prints is only of interest when it fails. */
import { spawn } from 'node:child_process'
import { BuildError } from './build-error.ts'

export interface Command {
  readonly program: string
  readonly parameters?: readonly string[]
  readonly folder?: string
  /** Lets a shell read `program`, which is a whole command line then. */
  readonly shell?: boolean
  /** Ends it, and all that it has started. */
  readonly signal?: AbortSignal | undefined
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  /** Both outputs, in the order in which they came. */
  readonly printed: string
}

const maxPrinted = 2 ** 20

/** Resolves at its end, whatever its code. Rejects with the signal's reason, and where the program does not exist. */
export function run({ program, parameters = [], folder, shell = false, signal }: Command): Promise<Ended> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    // In a process group of its own, so that all that it starts can be ended with it.
    const child = spawn(program, parameters, {
      ...(folder !== undefined && { cwd: folder }),
      shell,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const end = () => child.pid !== undefined && endGroup(child.pid)
    signal?.addEventListener('abort', end)
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-maxPrinted)
      })
    child.once('error', (error) => {
      signal?.removeEventListener('abort', end)
      reject(error)
    })
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end)
      if (signal?.aborted) reject(signal.reason)
      else resolve({ code, printed })
    })
  })
}

/** As `run`; throws a `BuildError` with the last lines where the program fails. */
export async function runToSuccess(what: string, fix: string, command: Command): Promise<string> {
  const { code, printed } = await run(command)
  if (code === 0) return printed
  const lines = printed.trimEnd().split('\n').slice(-20).join('\n')
  throw new BuildError(`${what} failed with code ${code}:\n${lines}`, fix)
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
