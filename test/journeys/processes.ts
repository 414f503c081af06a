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
const endingMs = 2_000

/**
 * Follows everything that descends from a process: by parent and by session, since an orphan keeps its session,
 * and by the folder it works in.
 */
export function followLineage(pid: number, folder: string): Lineage {
  const seen = new Map<number, number>()
  const look = () => {
    const all = processes()
    const root = all.find((process) => process.pid === pid)
    if (root && !seen.has(pid)) seen.set(pid, root.startedAt)
    for (let before = -1; before !== seen.size; ) {
      before = seen.size
      for (const each of all) {
        if (seen.get(each.pid) === each.startedAt) continue
        if (seen.has(each.parent) || seen.has(each.session) || worksIn(each, folder)) {
          seen.set(each.pid, each.startedAt)
        }
      }
    }
    return all.filter((each) => each.pid !== process.pid && seen.get(each.pid) === each.startedAt)
  }
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

function worksIn(each: Process, folder: string): boolean {
  if (each.command.includes(folder)) return true
  try {
    return readlinkSync(`/proc/${each.pid}/cwd`).startsWith(folder)
  } catch {
    return false
  }
}
