/**
 * The processes that an emulator left when it was killed. They are found by the mark of its state directory
 * (`process-mark.ts`) and ended by their ids, never by name. What else a killed emulator leaves in its store (tasks
 * that count as running) is closed by the service that recorded it.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessIdentity, signalGroup } from './process-identity.ts'
import { markVariable, type ProcessKind, readMark } from './process-mark.ts'

export interface LeftoverProcess extends ProcessIdentity {
  readonly kind: ProcessKind
}

/** What `/proc` has between two variables; where there is no `/proc`, a space of `ps` may as well be part of a value. */
const between = process.platform === 'linux' ? '\\0' : ' '
const lookEveryMs = 20
/** How long a process may take after each signal before the next, harder one. */
const signalTimeoutMs = 5_000
/** A process may start another while it is being ended; more rounds than this are no accident. */
const roundsMax = 50

/** Processes that run and carry the mark of this state directory, whichever emulator started them. */
export function leftoverProcesses(stateDir: string): LeftoverProcess[] {
  const mark = readMark(stateDir)
  if (mark === undefined) return []
  const pattern = new RegExp(
    `(?:^|${between})${markVariable}=${mark}/(task|function|database)(?=${between}|$)`,
  )
  return environments().flatMap(([pid, environment]) => {
    const kind = pattern.exec(environment)?.[1] as ProcessKind | undefined
    const identity = kind === undefined || pid === process.pid ? undefined : identify(pid)
    return kind === undefined || identity === undefined ? [] : [{ ...identity, kind }]
  })
}

/**
 * Ends every process that carries the mark, and resolves with them when none is left: databases by their own
 * shutdown, everything else at once. Call it only when no emulator runs over this directory.
 */
export async function endLeftoverProcesses(stateDir: string): Promise<LeftoverProcess[]> {
  const ended: LeftoverProcess[] = []
  for (let round = 0; round < roundsMax; round++) {
    const found = leftoverProcesses(stateDir)
    if (found.length === 0) break
    ended.push(...found.filter(({ pid }) => !ended.some((one) => one.pid === pid)))
    await Promise.all(found.map(endProcess))
  }
  return ended
}

async function endProcess(found: LeftoverProcess): Promise<void> {
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
    for (let waited = 0; waited < signalTimeoutMs && isAlive(found); waited += lookEveryMs)
      await sleep(lookEveryMs)
  }
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
