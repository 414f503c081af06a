/**
 * What a command started, as the operating system sees it: every process that descends from it, however far and
 * under whichever parent, so that a journey can prove that none of them outlives the command. Read from /proc;
 * elsewhere a journey says that it could not look.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** Clock ticks since the machine started: with the id it names a process once and for all. */
  readonly startedAt: number
  readonly command: string
}

/** False on a system whose processes cannot be read here. */
export const processesAreVisible = existsSync('/proc/self/stat')

/** All processes of the machine that run; those that only wait to be reaped are left out. */
export function processes(): Process[] {
  if (!processesAreVisible) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return {
      pid,
      parent: Number(fields[1]),
      session: Number(fields[3]),
      startedAt: Number(fields[19]),
      command,
    }
  } catch {
    return undefined
  }
}

export interface Lineage {
  /** Processes of the lineage that run still, after those that are ending had a moment to do so. */
  left(): Promise<readonly Process[]>
  /** Looks no more. */
  close(): void
}

const lookEveryMs = 150
const endingMs = 10_000

/**
 * Follows everything that descends from a process: by parent, by session, since an orphan keeps its session, and by
 * the folder it works in. Numbers are given out again, so those of what has ended are forgotten at once.
 */
export function followLineage(pid: number, folder: string): Lineage {
  let lineage = new Map<number, number>()
  let sessions = new Set<number>()
  const look = () => {
    const all = processes()
    lineage = new Map(all.filter((each) => lineage.get(each.pid) === each.startedAt).map(identity))
    const alive = new Set(all.map(({ session }) => session))
    sessions = new Set([...sessions].filter((session) => alive.has(session)))
    const belongs = (each: Process) =>
      lineage.has(each.parent) || sessions.has(each.session) || worksIn(each, folder)
    for (let before = -1; before !== lineage.size; ) {
      before = lineage.size
      for (const each of all) if (!lineage.has(each.pid) && belongs(each)) lineage.set(...identity(each))
      for (const { session } of all) if (lineage.has(session)) sessions.add(session)
    }
    return all.filter((each) => each.pid !== process.pid && lineage.has(each.pid))
  }
  lineage = new Map(
    processes()
      .filter((each) => each.pid === pid)
      .map(identity),
  )
  const timer = setInterval(look, lookEveryMs).unref()
  look()
  return {
    async left() {
      const until = Date.now() + endingMs
      let alive = look()
      while (alive.length > 0 && Date.now() < until) {
        await sleep(50)
        alive = look()
      }
      return alive
    },
    close: () => clearInterval(timer),
  }
}

const identity = ({ pid, startedAt }: Process): [number, number] => [pid, startedAt]

function worksIn(each: Process, folder: string): boolean {
  if (each.command.includes(folder)) return true
  try {
    return readlinkSync(`/proc/${each.pid}/cwd`).startsWith(folder)
  } catch {
    return false
  }
}

/** Commands of all processes that descend from one. */
export function commandsBelow(pid: number): string[] {
  const all = processes()
  const below = (parent: number): string[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each.command, ...below(each.pid)])
  return below(pid)
}
