/**
 * Commands that are run where a container runs, as its health checks are. None outlives the container: on AWS they
 * are processes of it, and end with it.
 */
import { spawn } from 'node:child_process'
import { signalGroup } from './process-identity.ts'
import type { ProcessPlan } from './substitutions.ts'

export interface ContainerCommands {
  /** Its exit code; null where it took longer than `timeoutMs`, or where the container has ended. */
  run(command: readonly string[], timeoutMs: number): Promise<number | null>
  /** Ends those that run; from then on none is started. */
  end(): void
}

/** With the container's own environment and directory. */
export function createCommands({ cwd, env }: Pick<ProcessPlan, 'cwd' | 'env'>): ContainerCommands {
  /** Of each command that runs, the leader of its process group. */
  const leaders = new Set<number>()
  let ended = false

  function run(command: readonly string[], timeoutMs: number): Promise<number | null> {
    const [file = '', ...args] = command
    return new Promise((resolve) => {
      if (ended) return resolve(null)
      const program = file === 'node' ? process.execPath : file
      const child = spawn(program, args, { cwd, env, detached: true, stdio: 'ignore' })
      const { pid } = child
      if (pid !== undefined) leaders.add(pid)
      const cutOff = setTimeout(() => {
        if (pid !== undefined) signalGroup(pid, 'SIGKILL')
      }, timeoutMs)
      const over = (code: number | null) => {
        clearTimeout(cutOff)
        if (pid !== undefined && leaders.delete(pid)) signalGroup(pid, 'SIGKILL')
        resolve(code)
      }
      child.once('error', () => over(127))
      child.once('exit', over)
    })
  }

  return {
    run,
    end() {
      ended = true
      for (const leader of leaders) signalGroup(leader, 'SIGKILL')
    },
  }
}
