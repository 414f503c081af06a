/**
 * What a scenario is: which releases it asks for, what has to come of them, and in which order they happen. The
 * images and sites that it names are built before the load begins, as a pipeline's machines would.
 */
import type { Fault } from '../faults/index.ts'
import type { Performance } from '../run/performance.ts'
import type { Trial } from '../run/trial.ts'

export interface Scenario {
  trials(platform: { services: readonly Named[]; sites: readonly Named[] }): readonly Trial[]
  perform(performance: Performance, trials: readonly Trial[], pause: Pause): Promise<void>
}

interface Named {
  readonly name: string
}

/** Waits in real time, under load. */
export type Pause = (ms: number) => Promise<unknown>

/** A version that is expected to go out. */
export function released(kind: Trial['kind'], name: string, version: string): Trial {
  return { kind, name, version, expect: 'released' }
}

/** A version of a service that is expected to be taken back, for this reason and no other. */
export function rolledBack(
  because: 'gave-up' | 'alarm',
  trial: { readonly name: string; readonly version: string; readonly fault: Fault },
): Trial {
  return { kind: 'service', ...trial, expect: 'rolled-back', because }
}
