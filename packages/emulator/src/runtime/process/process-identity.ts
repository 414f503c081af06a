/**
 * Which process a recorded pid means. Pids are used again; a pid together with the moment the process began is
 * not. After a `kill -9` of the emulator this is how its processes are found and ended: by pid, never by name.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Opaque: equal for the same process only. */
  readonly started: string
}

/** Undefined when there is no such process. Synchronous, so that a pid is recorded before anything else happens. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? linuxStart(pid) : psStart(pid)
  return started === undefined ? undefined : { pid, started }
}

/** True while the very process that was identified lives (a zombie does not). */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started
}

/** Ends the process and its group at once, if it is still the one that was identified. */
export function endProcessGroup(identity: ProcessIdentity): boolean {
  if (!isAlive(identity)) return false
  signalGroup(identity.pid, 'SIGKILL')
  return true
}

/** Signals every process of a group; false when none is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** Field 22 of /proc/<pid>/stat: ticks since boot. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function linuxStart(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return undefined
  // The command, in parentheses, may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  return `${boot?.trim()}/${fields[19]}`
}

function psStart(pid: number): string | undefined {
  const output = attempt(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }))
  return output?.trim() || undefined
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
