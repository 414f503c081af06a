/**
 * Waits for work that has no signal of its own, or not long enough for one: what is under way is about to lose the emulator
 * that it talks to, and nobody waits for it to find out.
 */

/** Settles as the work does, or rejects with the signal's reason, whichever comes first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (abort) signal.removeEventListener('abort', abort)
  }
}
