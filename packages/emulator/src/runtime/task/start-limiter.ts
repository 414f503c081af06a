/**
 * Limits how many containers start at the same time. On AWS each task has its own processors; here fifty that start in
 * one moment would share this machine's, none would answer its health checks in time, and all would be replaced. So they
 * start a few at a time: each takes a slot until its task serves, or for a moment at most.
 */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A few more than there are processors: a starting program reads files too. */
const SLOTS = Math.max(4, 2 * availableParallelism())
/** How long a start keeps its slot at most: health checks may be far apart. */
const SLOT_TIMEOUT_MS = 1_500

export interface StartLimiter {
  /**
   * Runs `start` when a slot is free, and keeps the slot until `settled` has ended. Rejects with the signal's reason
   * when it is aborted before.
   */
  run<T>(start: () => Promise<T>, settled: (started: T) => Promise<void>, signal?: AbortSignal): Promise<T>
}

export function createStartLimiter(slots = SLOTS): StartLimiter {
  let free = slots
  const waiting: (() => void)[] = []

  function acquire(signal: AbortSignal | undefined): Promise<void> {
    if (free > 0) {
      free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        waiting.splice(waiting.indexOf(proceed), 1)
        reject(signal?.reason)
      }
      waiting.push(proceed)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  function release(): void {
    const next = waiting.shift()
    if (next) next()
    else free++
  }

  return {
    async run(start, settled, signal) {
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

/** Resolves when the container serves, has ended, or the time of its slot is over. */
export async function hasStarted(serves: Promise<void>, exited: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  const timeout = sleep(SLOT_TIMEOUT_MS, undefined, { signal: over.signal, ref: false }).catch(
    () => undefined,
  )
  await Promise.race([serves, exited, timeout])
  over.abort()
}
