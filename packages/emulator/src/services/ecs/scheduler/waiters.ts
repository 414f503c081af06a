/** Waiting for something to hold that only changes when the scheduler has looked at a service. */
export interface Waiters {
  /** Resolves as soon as `done` holds; rejects with the signal's reason. */
  until(done: () => boolean, signal?: AbortSignal): Promise<void>
  /** Asks every waiting condition again. */
  wake(): void
}

export function createWaiters(): Waiters {
  const checks = new Set<() => void>()
  return {
    wake() {
      for (const check of checks) check()
    },
    until(done, signal) {
      return new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          checks.delete(check)
          signal?.removeEventListener('abort', onAbort)
          act()
        }
        const check = () => {
          if (done()) settle(resolve)
        }
        const onAbort = () => settle(() => reject(signal?.reason))
        if (signal?.aborted) return reject(signal.reason)
        signal?.addEventListener('abort', onAbort, { once: true })
        checks.add(check)
        check()
      })
    },
  }
}
