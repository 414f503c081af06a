/**
 * How many containers may start at once. On AWS each task has processors of its own; here fifty that start in one
 * moment would share this machine's, none would answer its health checks in time, and all would be replaced. So they
 * start a few at a time: a turn lasts until the container's task serves, or for a moment at most.
 */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A few more than there are processors: a starting program reads files too. */
const TURNS = Math.max(4, 2 * availableParallelism())
/** How long a turn lasts at most: health checks may be far apart. */
const LONGEST_MS = 1_500

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

/** Resolves when the container serves, has ended, or has had time enough. */
export async function hasStarted(serves: Promise<void>, exited: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  const enough = sleep(LONGEST_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined)
  await Promise.race([serves, exited, enough])
  over.abort()
}
