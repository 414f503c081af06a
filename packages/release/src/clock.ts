/**
 * The release's sense of time. All of its waiting is for AWS (polling, giving up), so one clock is enough; a
 * rehearsal passes one that runs as fast as its emulator.
 */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Clock {
  /** Wall-clock milliseconds since the epoch. */
  now(): number
  /** Waits for `ms` of AWS's time. Rejects with an `AbortError` when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** How long `ms` of AWS's time lasts on the wall clock. */
  toReal(ms: number): number
}

/**
 * Whatever AWS's own speed is, an application needs this long to start, in real milliseconds: giving up sooner would
 * judge the machine that it starts on.
 */
export const startFloorMs = 15_000

/**
 * The same for the first release of a service: images are unpacked then, nothing is cached yet, and all services of
 * a platform start at once.
 */
export const firstStartFloorMs = 60_000

/** Time as it passes; `speed` compresses what AWS decides, as the emulator does at the same speed. */
export function scaledClock(speed = 1): Clock {
  const toReal = (ms: number) => ms / speed
  return {
    now: Date.now,
    toReal,
    sleep: (ms, signal) => sleep(toReal(ms), undefined, signal ? { signal } : {}),
  }
}
