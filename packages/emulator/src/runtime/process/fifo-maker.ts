/**
 * Makes FIFOs without a process for each: Node has no `mkfifo`, and to start a process copies the page tables of this
 * one, which holds all traffic up for as long as that takes, the longer the more memory the emulator has. So a shell,
 * which is small, starts them; it ends by itself with the process that it works for, however that ends, and when no task is
 * left.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Two FIFOs for each name that it reads, and the name again, or nothing where that failed. */
const SCRIPT = 'while read -r name; do mkfifo -m 600 "$name.out" "$name.err" && echo "$name" || echo; done'

export interface FifoMaker {
  /** Makes `<name>.out` and `<name>.err`; false where the machine cannot. The name has no line break. */
  makePair(name: string): Promise<boolean>
  /** Ends the shell, unless it has something to do; the next pair gets another. */
  rest(): void
}

type Shell = ChildProcessByStdio<Writable, Readable, null>

export function createFifoMaker(): FifoMaker {
  let shell: Shell | undefined
  /** Of the names that the shell has not answered yet, in their order. */
  const waiting: ((made: boolean) => void)[] = []

  function ended(): void {
    shell = undefined
    for (const answer of waiting.splice(0)) answer(false)
  }

  function startShell(): Shell {
    const started = spawn('sh', ['-c', SCRIPT], {
      // Neither what ends this process from a terminal, nor the mark of a task, is for it.
      detached: true,
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const over = () => {
      if (shell === started) ended()
    }
    started.once('error', over).once('exit', over)
    started.stdin.on('error', over)
    createInterface(started.stdout).on('line', (line) => {
      waiting.shift()?.(line !== '')
      if (waiting.length === 0) keepsAlive(started, false)
    })
    return started
  }

  return {
    makePair(name) {
      shell ??= startShell()
      keepsAlive(shell, true)
      const made = new Promise<boolean>((resolve) => waiting.push(resolve))
      shell.stdin.write(`${name}\n`)
      return made
    },
    rest() {
      if (waiting.length > 0) return
      shell?.stdin.end()
      shell = undefined
    },
  }
}

/** An idle shell is no reason for this process to go on. */
function keepsAlive(shell: Shell, keeps: boolean): void {
  const handles = [shell, shell.stdin, shell.stdout] as readonly Partial<Pick<Shell, 'ref' | 'unref'>>[]
  for (const handle of handles) {
    if (keeps) handle.ref?.()
    else handle.unref?.()
  }
}
