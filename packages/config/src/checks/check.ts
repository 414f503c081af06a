/** A check reads the whole platform and reports everything in it that does not fit together. */
import type { Platform } from '../platform.ts'
import type { Problem } from '../problems.ts'
import type { CheckedInput } from '../schema.ts'

/** `input` is what the user wrote with the defaults filled in; `platform` the same completed. */
export type Check = (platform: Platform, input: CheckedInput) => Problem[]
