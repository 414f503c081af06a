/** The child processes of this one, for an immediate end, in which the code that started them cannot end them. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Sends all of them SIGTERM. An emulator then ends what it runs. */
export function endChildren(): void {
  for (const pid of children()) {
    try {
      process.kill(pid, 'SIGTERM')
    } catch {
      // It has ended by itself.
    }
  }
}

function children(): number[] {
  return (fromKernel() ?? fromCommand()).split(/\s+/).map(Number).filter(Boolean)
}

/** https://man7.org/linux/man-pages/man5/proc_pid_task.5.html; a kernel may be built without it. */
function fromKernel(): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  } catch {
    return undefined
  }
}

const fromCommand = () =>
  spawnSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8', timeout: 2_000 }).stdout ?? ''
