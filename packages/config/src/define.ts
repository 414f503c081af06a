/** What a `baton.config.ts` is written with. */
import type { Shift } from './platform.ts'
import type { PlatformInput } from './platform-input.ts'

/** Describes a platform: hands its argument back, with completion and type checks while you write. */
export const definePlatform = (input: PlatformInput): PlatformInput => input

/** All of the traffic at once. */
export const allAtOnce = (): Shift => ({ kind: 'allAtOnce' })

/** First a share of the traffic, and after so many minutes the rest. */
export const canary = (options: { percent: number; minutes: number }): Shift => ({
  kind: 'canary',
  ...options,
})

/** The same share again and again, every so many minutes. */
export const linear = (options: { percent: number; minutes: number }): Shift => ({
  kind: 'linear',
  ...options,
})
