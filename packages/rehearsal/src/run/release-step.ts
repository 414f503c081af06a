/** One release of a rehearsal. */

import type { Fault } from '../faults/index.ts'
import type { Expectation } from '../report/expectation.ts'

/** A version that a scenario releases, and how its release is expected to end. */
export type ReleaseStep = {
  readonly kind: 'service' | 'site'
  readonly name: string
  readonly version: string
  readonly fault?: Fault
} & Expectation
