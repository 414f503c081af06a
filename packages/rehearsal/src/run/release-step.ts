/** A release that a rehearsal tries. */

import type { Fault } from '../faults/index.ts'
import type { Expectation } from '../report/expectation.ts'

/** A version that a scenario releases, and how that has to end for the rehearsal to have shown what it set out to show. */
export type ReleaseStep = {
  readonly kind: 'service' | 'site'
  readonly name: string
  readonly version: string
  readonly fault?: Fault
} & Expectation
