/** Waits for conditions that only change when a service is reconciled. */
import { EventEmitter, once } from 'node:events'

export interface Waiters {
  /** Resolves as soon as `done` returns true; rejects with the signal's reason. */
  until(done: () => boolean, signal?: AbortSignal): Promise<void>
  /** Evaluates every condition again. */
  wake(): void
}

export function createWaiters(): Waiters {
  // Any number of deployments may wait at a time.
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    wake: () => void emitter.emit('reconciled'),
    async until(done, signal) {
      signal?.throwIfAborted()
      while (!done()) {
        await once(emitter, 'reconciled', { signal }).catch((error) => {
          signal?.throwIfAborted()
          throw error
        })
      }
    },
  }
}
