/** What a process holds of this machine: memory, child processes, open files. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Footprint {
  readonly rssMiB: number
  /** Live objects, after a collection. */
  readonly heapMiB: number
  readonly processes: number
  readonly files: number
}

const mebi = 2 ** 20

/** `heapUsed` comes from the process itself: no other process knows it. */
export function footprint(pid: number, heapUsed: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return {
    rssMiB: Math.round(rssKiB / 1024),
    heapMiB: Math.round((heapUsed / mebi) * 10) / 10,
    processes: children(pid),
    files: readdirSync(`/proc/${pid}/fd`).length,
  }
}

function children(parent: number): number {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      // The name in parentheses may contain anything; state and parent follow it.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
    } catch {
      return false
    }
  }).length
}
