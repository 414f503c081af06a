/**
 * For work that has no signal, or does not end soon enough after its signal: the emulator that it calls is about to stop,
 * so it is not waited for.
 */
import { addAbortListener } from 'node:events'

/** Settles as the work does, or rejects with the signal's reason, whichever comes first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  using _listener = addAbortListener(signal, () => reject(signal.reason))
  return await Promise.race([work, aborted])
}
