/**
 * The first process of a container is process 1 of its namespace, and the kernel discards a signal that this one has
 * no handler for: a shell that waits for its child neither ends on SIGTERM nor passes it on. Here it is a process like
 * others, which such a signal would end, so the signal is not sent.
 * https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'

/** Whether the process would get the signal as process 1; true where this machine does not tell. */
export function reachesFirstProcess(pid: number, signal: NodeJS.Signals): boolean {
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') return true
  try {
    const [, caught] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    if (caught === undefined) return true
    return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
  } catch {
    return true
  }
}
