/**
 * How an emulator knows its processes again. Every process that it starts carries the mark of its state directory in its
 * environment, and hands it on to whatever it starts in turn. So after a `kill -9` of the emulator nothing of it runs
 * unseen: not what was started a moment before its id could be written down, and not what has left its process group.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessIdentity, signalGroup } from './process-identity.ts'

export type ProcessKind = 'task' | 'function' | 'database'

export interface MarkedProcess extends ProcessIdentity {
  readonly kind: ProcessKind
}

const variable = 'BATON_REGION'
/** What `/proc` has between two variables; where there is none, a space of `ps` may as well be part of a value. */
const between = process.platform === 'linux' ? '\\0' : ' '
const fileName = 'process-mark'
const lookEveryMs = 20
/** What a database gets for its shutdown before it is asked less kindly. */
const patienceMs = 5_000
/** A process may start another while it is being ended; more rounds than this are no accident. */
const roundsMax = 50

/** The variable that marks a process; the mark is made at the first use. */
export function processMark(stateDir: string, kind: ProcessKind): Readonly<Record<string, string>> {
  return { [variable]: `${readMark(stateDir) ?? makeMark(stateDir)}/${kind}` }
}

/** Whether this directory is where its emulator began, and no copy of that: what a copy names is the original's. */
export const isOriginal = (stateDir: string): boolean => readMark(stateDir) !== undefined

/** Processes that run and carry the mark of this state directory, in any emulator's name. */
export function markedProcesses(stateDir: string): MarkedProcess[] {
  const mark = readMark(stateDir)
  if (mark === undefined) return []
  const pattern = new RegExp(`(?:^|${between})${variable}=${mark}/(task|function|database)(?=${between}|$)`)
  return environments().flatMap(([pid, environment]) => {
    const kind = pattern.exec(environment)?.[1] as ProcessKind | undefined
    const identity = kind === undefined || pid === process.pid ? undefined : identify(pid)
    return kind === undefined || identity === undefined ? [] : [{ ...identity, kind }]
  })
}

/**
 * Ends every process that carries the mark, and resolves with them when none is left: databases by their own
 * shutdown, everything else at once. Only for who knows that no emulator runs over this directory.
 */
export async function endMarkedProcesses(stateDir: string): Promise<MarkedProcess[]> {
  const ended: MarkedProcess[] = []
  for (let round = 0; round < roundsMax; round++) {
    const found = markedProcesses(stateDir)
    if (found.length === 0) break
    ended.push(...found.filter(({ pid }) => !ended.some((one) => one.pid === pid)))
    await Promise.all(found.map(endProcess))
  }
  return ended
}

async function endProcess(found: MarkedProcess): Promise<void> {
  // Fast, then immediate shutdown: https://www.postgresql.org/docs/17/server-shutdown.html
  const signals =
    found.kind === 'database' ? (['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) : ['SIGKILL' as const]
  for (const signal of signals) {
    if (!isAlive(found)) return
    if (signal === 'SIGKILL') signalGroup(found.pid, signal)
    try {
      process.kill(found.pid, signal)
    } catch {
      return
    }
    for (let waited = 0; waited < patienceMs && isAlive(found); waited += lookEveryMs)
      await sleep(lookEveryMs)
  }
}

/** None where the file came with a copy of another directory: the processes of that one are not ours to end. */
function readMark(stateDir: string): string | undefined {
  const text = attempt(() => readFileSync(join(stateDir, fileName), 'utf8'))
  const [mark, place] = text?.trim().split(' ') ?? []
  return mark && place === attempt(() => placeOf(stateDir)) ? mark : undefined
}

/** What a directory keeps when it is moved, and its copy does not have. */
function placeOf(stateDir: string): string {
  const { dev, ino } = statSync(stateDir, { bigint: true })
  return `${dev}:${ino}`
}

/** Written beside and moved, so that a file that is there is whole. */
function makeMark(stateDir: string): string {
  const mark = randomUUID()
  mkdirSync(stateDir, { recursive: true })
  const file = join(stateDir, fileName)
  writeFileSync(`${file}.new`, `${mark} ${placeOf(stateDir)}`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return mark
}

/** What each process of this machine was started with, as far as it can be read. */
function environments(): [pid: number, environment: string][] {
  if (process.platform !== 'linux') return listed()
  return (attempt(() => readdirSync('/proc')) ?? []).flatMap((name): [number, string][] => {
    const environment = /^\d+$/.test(name)
      ? attempt(() => readFileSync(`/proc/${name}/environ`, 'latin1'))
      : undefined
    return environment === undefined ? [] : [[Number(name), environment]]
  })
}

/** Best effort where there is no /proc: `ps` of BSD and macOS shows the environment behind the command. */
function listed(): [pid: number, environment: string][] {
  const output = attempt(() =>
    execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 << 20 }),
  )
  return (output ?? '').split('\n').flatMap((line): [number, string][] => {
    const [, pid, rest] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return pid === undefined || rest === undefined ? [] : [[Number(pid), rest]]
  })
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
