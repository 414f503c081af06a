/**
 * Priorities on this machine's processors. On AWS each task has its own: one that starts does not slow others down. Here
 * all tasks share this machine's processors with the emulator, which carries the traffic of all. So the emulator has the
 * highest priority, and a task has a lower one while it starts, which is most of the work that it ever does at once.
 *
 * Two scales, because Linux may have both: the nice value, and that of the session, which alone counts between
 * sessions where the kernel groups by them (each process that the emulator starts leads a session of its own).
 * https://man7.org/linux/man-pages/man7/sched.7.html (The autogroup feature)
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

const first = constants.priority.PRIORITY_ABOVE_NORMAL
const serving = constants.priority.PRIORITY_NORMAL
const starting = constants.priority.PRIORITY_BELOW_NORMAL
/** The nice value of a task where it could not be raised again. */
const steady = 5

/** Call it for a process that was just spawned, before it has threads. */
export function lowerPriority(pid: number): void {
  attempt(() => setPriority(pid, mayRaise() ? starting : steady))
  setSession(pid, starting)
}

/** Call it when the process has started: it raises all of its threads to the usual priority. */
export function restorePriority(pid: number): void {
  setSession(pid, serving)
  if (!mayRaise()) return
  for (const thread of threadsOf(pid)) attempt(() => setPriority(thread, serving))
}

/** Raises this process, which must lead its own session, above all others. Only an administrator may. */
export function raisePriority(): void {
  attempt(() => setPriority(first))
  setSession(process.pid, first)
}

const mayRaise = () => process.getuid?.() === 0

function setSession(pid: number, nice: number): void {
  if (process.platform === 'linux') attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(nice)))
}

/** Linux knows nice values by thread, other systems by process. */
function threadsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [pid]
  return attempt(() => readdirSync(`/proc/${pid}/task`).map(Number)) ?? []
}

/** A process that has ended has no priority, and some systems do not let a user set one: only latency depends on it. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
