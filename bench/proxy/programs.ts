/**
 * The programs of the bench: each started on a core and at a priority, watched, and ended by its own id when the
 * bench ends, however it ends.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { accessSync, constants as files, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Numbers of cores; undefined where programs run on any. */
export interface Cores {
  readonly proxy: number | undefined
  readonly backEnd: number | undefined
  readonly load: number | undefined
}

export interface Program {
  readonly pid: number
  /** What it has written so far, both streams. */
  output(): string
  /** Whether it has ended, by itself or not. */
  ended(): boolean
  stop(): Promise<void>
}

export interface StartOptions {
  readonly core: number | undefined
  readonly environment?: Readonly<Record<string, string>>
}

const stopTimeoutMs = 3_000
const readyTimeoutMs = 15_000

/** Where a program lies; undefined where this machine has none. Debian's servers lie where only root's PATH leads. */
export function find(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, files.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** The proxy under test has a core alone; back end and load share another where there is no third. */
export function shareCores(): Cores {
  const allowed = allowedCores()
  const [proxy, backEnd, third] = allowed.reverse()
  if (find('taskset') === undefined || backEnd === undefined) {
    return { proxy: undefined, backEnd: undefined, load: undefined }
  }
  return { proxy, backEnd, load: third ?? backEnd }
}

/** `0-1,4` in Linux's words; by count elsewhere. */
function allowedCores(): number[] {
  const status = readText('/proc/self/status')
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1]
  if (list === undefined) return Array.from({ length: availableParallelism() }, (_, core) => core)
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/**
 * The command line that runs a program, with all its threads, on a core and before others, as the emulator runs where it
 * may, and that ends it with the bench where even that is killed.
 */
function bound(core: number | undefined, command: string, args: readonly string[]): string[] {
  const administrator = process.getuid?.() === 0
  const first = administrator && find('nice') !== undefined ? ['nice', '-n', '-7'] : []
  const dying = find('setpriv') === undefined ? [] : ['setpriv', '--pdeathsig', 'KILL']
  const pinned = core === undefined ? [] : ['taskset', '-c', `${core}`]
  return [...first, ...dying, ...pinned, command, ...args]
}

/** Moves a running process to a core, all its threads. */
export function pin(pid: number, core: number | undefined): void {
  if (core === undefined) return
  const run = spawnSync('taskset', ['-acp', `${core}`, `${pid}`], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`process ${pid} cannot be moved to core ${core}: ${run.stderr}`)
}

/** Starts a server and waits until it answers 200; throws with what it wrote when it does not. */
export async function startServer(
  name: string,
  port: number,
  [command, ...args]: readonly [string, ...string[]],
  options: StartOptions,
): Promise<Program> {
  const program = start(command, args, options)
  try {
    await answers(name, program, port)
  } catch (error) {
    await program.stop()
    throw error
  }
  return program
}

function start(command: string, args: readonly string[], options: StartOptions): Program {
  const [first = command, ...rest] = bound(options.core, command, args)
  const child = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own, as the emulator has: Linux shares a core among sessions first. And Ctrl-C is ours to handle.
    detached: true,
    env: { ...process.env, ...options.environment },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} cannot be started`)
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const ended = () => child.exitCode !== null || child.signalCode !== null
  return { pid, output: () => output, ended, stop: () => stop(child, ended) }
}

async function stop(child: ChildProcess, ended: () => boolean): Promise<void> {
  if (ended()) return
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await over
  clearTimeout(timer)
}

async function answers(name: string, program: Program, port: number): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs
  while (performance.now() < deadline) {
    if (program.ended()) throw new Error(`${name} ended while it started: ${program.output().trim()}`)
    if ((await statusOf(port)) === 200) return
    await sleep(20)
  }
  throw new Error(`${name} did not answer 200 within ${readyTimeoutMs / 1000} s: ${program.output().trim()}`)
}

function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', () => resolve(undefined))
  })
}

/** Runs a program to its end and returns what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  options: StartOptions & { readonly signal: AbortSignal },
): Promise<string> {
  options.signal.throwIfAborted()
  const program = start(command, args, options)
  const abort = () => void program.stop()
  options.signal.addEventListener('abort', abort)
  try {
    while (!program.ended()) await sleep(20)
  } finally {
    options.signal.removeEventListener('abort', abort)
  }
  options.signal.throwIfAborted()
  return program.output()
}

/** A port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

/** Processor time that a process has used, in milliseconds; undefined where the system does not say. */
export function processorMs(pid: number): number | undefined {
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it, in 1/100 s.
  const fields = readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks * 10 : undefined
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
