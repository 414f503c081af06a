/**
 * What processes of this machine use, from /proc: the source of the metrics that AWS measures on its own hosts.
 * Where there is no /proc there are no figures.
 *
 * https://man7.org/linux/man-pages/man5/proc.5.html
 */
import { readFileSync } from 'node:fs'

export interface ProcessUsage {
  /** Of processor time, since the processes began. */
  readonly cpuSeconds: number
  /** Resident memory; what they share is counted once. */
  readonly bytes: number
}

/** Ticks a second in /proc/<pid>/stat, and the size of a page: fixed in Linux's user interface. */
const ticksPerSecond = 100
const pageBytes = 4096

/** Undefined where one of them has ended, or where the machine has no /proc. */
export function processUsage(pids: readonly number[]): ProcessUsage | undefined {
  try {
    let [ticks, own, shared] = [0, 0, 0]
    for (const pid of pids) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // utime and stime, and those of children that have ended.
      for (const field of [11, 12, 13, 14]) ticks += Number(fields[field])
      const [, resident = 0, common = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number)
      own += resident - common
      shared = Math.max(shared, common)
    }
    return { cpuSeconds: ticks / ticksPerSecond, bytes: (own + shared) * pageBytes }
  } catch {
    return undefined
  }
}

/** The processes that a process has started, with what they call themselves; none where the machine does not say. */
export function childProcesses(pid: number): { readonly pid: number; readonly title: string }[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return children.split(' ').flatMap((text) => {
      const child = Number(text)
      return child > 0 ? [{ pid: child, title: titleOf(child) }] : []
    })
  } catch {
    return []
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}

/**
 * Measures how much of a processor something uses, between looks that are far enough apart: processor time comes
 * in hundredths of a second, so at a high speed a minute of AWS is too short for it. In between, the last figure
 * holds.
 */
export function createProcessorShare(leastMs = 500): {
  /** Of one processor, 0…; undefined until there are two looks. */
  of(name: string, cpuSeconds: number): number | undefined
  forget(name: string): void
} {
  const known = new Map<string, { at: number; cpuSeconds: number; share: number | undefined }>()
  return {
    of(name, cpuSeconds) {
      const at = performance.now()
      const last = known.get(name)
      if (last === undefined) known.set(name, { at, cpuSeconds, share: undefined })
      if (last === undefined || at - last.at < leastMs) return last?.share
      const share = Math.max(0, cpuSeconds - last.cpuSeconds) / ((at - last.at) / 1000)
      known.set(name, { at, cpuSeconds, share })
      return share
    },
    forget: (name) => void known.delete(name),
  }
}
