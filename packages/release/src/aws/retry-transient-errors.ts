/**
 * Retries of transient errors while something on AWS is watched. A deployment does not end because the network is away,
 * AWS throttles or a laptop slept: the watch asks again for ten minutes. What does not pass by itself (an expired
 * sign-in, a missing permission) ends the watch immediately, with its own error.
 */
import { type Clock, startFloorMs } from '../clock.ts'

const retryTimeoutMs = 10 * 60_000

/** Rejects with what `lost` makes of the last error. */
export async function retryTransientErrors<T>(
  look: () => Promise<T>,
  options: {
    readonly clock: Clock
    readonly signal?: AbortSignal | undefined
    readonly lost: (cause: unknown) => Error
  },
): Promise<T> {
  const { clock, signal, lost } = options
  const retryUntil = clock.now() + Math.max(clock.toReal(retryTimeoutMs), startFloorMs)
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (!passes(error) || signal?.aborted || clock.now() >= retryUntil) throw lost(error)
      await clock.sleep(5_000)
    }
  }
}

/** AWS's APIs are consistent in the end only: what has just been made may not be known to the first look. */
const passing = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestTimeout',
  'DeploymentDoesNotExistException',
])
const signIn = new Set(['CredentialsProviderError', 'TokenProviderError'])

function passes(error: unknown): boolean {
  if (!(error instanceof Error) || signIn.has(error.name)) return false
  // Without a fault there was no answer at all.
  if (!('$fault' in error)) return 'code' in error || 'errno' in error || error.name === 'TimeoutError'
  return error.$fault === 'server' || passing.has(error.name)
}
