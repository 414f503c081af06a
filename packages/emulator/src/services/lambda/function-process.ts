/**
 * The process in which a function runs, and its time limits. Loading the module does not count for the function's
 * time-out: it has a separate limit of ten seconds. Where that is exceeded, or the module fails, it is loaded once more
 * in a new process, and then within the time-out. The start of Node.js itself counts for neither.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../clock.ts'
import type { Finish, FromProcess, Start } from './bootstrap.ts'

const bootstrap = fileURLToPath(new URL('./bootstrap.ts', import.meta.url))
export const initTimeoutMs = 10_000
/** A process that has not begun to run by then never will. */
const startTimeoutMs = 60_000

export interface FunctionProcess {
  readonly clock: Clock
  readonly start: Omit<Start, 'initCounts'>
  readonly environment: Record<string, string>
  readonly directory: string
  readonly memoryMiB: number
  /** How long the module may take to load outside of the time-out, in real milliseconds. */
  readonly initTimeoutMs: number
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

export interface Ran {
  readonly finish: Finish
  /** What the time-out counts. */
  readonly durationMs: number
  /** How long the module took to load, where the time-out does not count that. */
  readonly initMs?: number
}

export async function runFunction(given: FunctionProcess): Promise<Ran> {
  const first = await attempt(given, false)
  if (first.began === undefined || given.signal.aborted) return { finish: first.finish, durationMs: 0 }
  if (first.loaded !== undefined) {
    const initMs = first.loaded - first.began
    return { finish: first.finish, durationMs: first.ended - first.loaded, initMs }
  }
  const status = first.timedOut ? 'timeout' : `error\tError Type: ${errorTypeOf(first.finish)}`
  given.log(`INIT_REPORT Init Duration: ${first.ended - first.began} ms\tPhase: init\tStatus: ${status}`)
  const { finish, began, ended } = await attempt(given, true)
  return { finish, durationMs: ended - (began ?? ended) }
}

interface Attempt {
  readonly finish: Finish
  readonly timedOut: boolean
  /** Wall-clock milliseconds: when the process began to run, had loaded the module, was over. */
  readonly began: number | undefined
  readonly loaded: number | undefined
  readonly ended: number
}

/** `initCounts`: loading the module is part of the time-out. */
function attempt(given: FunctionProcess, initCounts: boolean): Promise<Attempt> {
  const { clock, signal, start } = given
  const failed = (errorType: string, errorMessage: string): Finish => ({
    error: {
      errorType,
      errorMessage: `RequestId: ${start.context.awsRequestId} Error: ${errorMessage}`,
      trace: [],
    },
  })
  return new Promise((resolve) => {
    const child = fork(bootstrap, [], {
      cwd: given.directory,
      env: given.environment,
      execArgv: [`--max-old-space-size=${given.memoryMiB}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own process group, so that what the function started ends with it.
      detached: true,
    })
    let finish: Finish | undefined
    let timedOut = false
    let began: number | undefined
    let loaded: number | undefined
    let over = new AbortController()
    const kill = () => endGroup(child.pid)
    signal.addEventListener('abort', kill, { once: true })
    if (signal.aborted) kill()

    /** Ends the process unless the next phase begins in time. */
    const limit = (ms: number, errorMessage: string) => {
      over.abort()
      over = new AbortController()
      clock.sleepReal(ms, over.signal).then(
        () => {
          timedOut = true
          finish ??= failed('Sandbox.Timedout', errorMessage)
          kill()
        },
        () => undefined,
      )
    }
    const limitInvocation = () =>
      limit(start.timeoutMs, `Task timed out after ${(start.timeoutMs / 1000).toFixed(2)} seconds`)
    limit(startTimeoutMs, 'The process of the function did not start')
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') given.log(line)
      })
    }
    child.on('message', (message: FromProcess) => {
      if (message === 'began') {
        began = clock.now()
        if (initCounts) limitInvocation()
        else limit(given.initTimeoutMs, 'The initialization timed out')
      } else if (message === 'loaded') {
        loaded = clock.now()
        if (!initCounts) limitInvocation()
      } else finish ??= message
    })
    child.on('exit', kill)
    child.on('error', (error) => {
      finish ??= failed('Runtime.ExitError', error.message)
    })
    child.on('close', (code, killedBy) => {
      over.abort()
      signal.removeEventListener('abort', kill)
      finish ??= failed('Runtime.ExitError', `Runtime exited with ${killedBy ?? `exit status ${code}`}`)
      resolve({ finish, timedOut, began, loaded, ended: clock.now() })
    })
    child.send({ ...start, initCounts } satisfies Start, (error) => {
      if (error) finish ??= failed('Runtime.ExitError', error.message)
    })
  })
}

const errorTypeOf = (finish: Finish) => ('error' in finish ? finish.error.errorType : 'Runtime.Unknown')

/** Ends the function's process and all that it started. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}
