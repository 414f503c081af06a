/**
 * Who goes first on this machine's processors. On AWS each task has processors of its own: one that starts slows
 * nobody down, and one that serves is slowed by nobody. Here all of them share this machine's with the region, which
 * carries everybody's traffic. So a task gives way to everything while it starts, which is most of the work it ever
 * does at once, and takes its share when it is well.
 *
 * Only an administrator may give priority back. Without that right a task keeps the one priority that it got, a
 * little below the region's.
 */
import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

const starting = constants.priority.PRIORITY_BELOW_NORMAL
const serving = constants.priority.PRIORITY_NORMAL
/** Of a task whose priority cannot be raised again. */
const steady = 5

/** To be called for a process that was just spawned, before it has threads. */
export function giveWay(pid: number): void {
  attempt(() => setPriority(pid, mayRaise() ? starting : steady))
}

/** To be called when the process has started: all of its threads take part from now on. */
export function takeShare(pid: number): void {
  if (!mayRaise()) return
  for (const thread of threadsOf(pid)) attempt(() => setPriority(thread, serving))
}

/** Whether this process got the priority above normal that it asked for when it started: see main.ts. */
const mayRaise = () => process.getuid?.() === 0 || getPriority() < 0

/** Linux knows priorities by thread, other systems by process. */
function threadsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [pid]
  return attempt(() => readdirSync(`/proc/${pid}/task`).map(Number)) ?? []
}

/** A process that has ended has no priority, and some systems let nobody set one: only latency depends on it. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
