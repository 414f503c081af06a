/**
 * How many containers may start at once. On AWS each task has processors of its own; here fifty that start in one
 * moment would share this machine's, none would answer its health checks in time, and all would be replaced. So they
 * start a few at a time: a turn lasts until the container listens on its port, or for a moment where that cannot be
 * seen.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A few more than there are processors: a starting program reads files too. */
const TURNS = Math.max(4, 2 * availableParallelism())
/** How long a turn lasts for a container that does not listen, and at most. */
const BRIEF_MS = 250
const LONGEST_MS = 3_000
const POLL_MS = 25

export interface StartTurns {
  /**
   * Runs `start` when it is its turn, and keeps the turn until `settled` says so. Rejects with the signal's reason
   * when it is aborted before.
   */
  take<T>(start: () => Promise<T>, settled: (started: T) => Promise<void>, signal?: AbortSignal): Promise<T>
}

export function createStartTurns(turns = TURNS): StartTurns {
  let free = turns
  const waiting: (() => void)[] = []

  function acquire(signal: AbortSignal | undefined): Promise<void> {
    if (free > 0) {
      free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        waiting.splice(waiting.indexOf(turn), 1)
        reject(signal?.reason)
      }
      waiting.push(turn)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  function release(): void {
    const next = waiting.shift()
    if (next) next()
    else free++
  }

  return {
    async take(start, settled, signal) {
      signal?.throwIfAborted()
      await acquire(signal)
      try {
        const started = await start()
        settled(started).then(release, release)
        return started
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

/** Resolves when the process listens on the address, has ended, or has had time enough. */
export async function hasStarted(
  at: { readonly address: string; readonly port: number | undefined },
  exited: Promise<unknown>,
): Promise<void> {
  const over = new AbortController()
  exited.finally(() => over.abort())
  const seen = at.port !== undefined && process.platform === 'linux'
  const deadline = performance.now() + (seen ? LONGEST_MS : BRIEF_MS)
  while (performance.now() < deadline && !over.signal.aborted) {
    if (seen && at.port !== undefined && listens(at.address, at.port)) return
    await sleep(seen ? POLL_MS : BRIEF_MS, undefined, { signal: over.signal, ref: false }).catch(
      () => undefined,
    )
  }
}

/** Looked up rather than tried: a connection would be the application's first. */
function listens(address: string, port: number): boolean {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  const local = `${bytes.reverse().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
  // Local address, remote address, state: 0A is LISTEN. https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
  return readFileSync('/proc/net/tcp', 'utf8').includes(` ${local} 00000000:0000 0A `)
}
