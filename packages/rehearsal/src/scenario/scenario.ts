/**
 * What a scenario is: which releases it asks for, how each is expected to end, and in which order they happen. The
 * images and sites that it names are built before the load begins, as a pipeline's machines would.
 */
import type { Fault } from '../faults/index.ts'
import type { RehearsalRun } from '../run/rehearsal-run.ts'
import type { ReleaseStep } from '../run/release-step.ts'
import type { LaterMigrations } from '../traffic/traffic.ts'

export interface Scenario {
  /** Which of the traffic's later migrations its v2 brings. */
  readonly migrates?: keyof LaterMigrations
  releases(platform: { services: readonly Named[]; sites: readonly Named[] }): readonly ReleaseStep[]
  run(rehearsal: RehearsalRun, releases: readonly ReleaseStep[], pause: Pause): Promise<void>
}

interface Named {
  readonly name: string
}

/** Waits in real time, under load. */
export type Pause = (ms: number) => Promise<unknown>

/** A version that is expected to go out. */
export function released(kind: ReleaseStep['kind'], name: string, version: string): ReleaseStep {
  return { kind, name, version, expect: 'released' }
}

/** A version of a service that is expected to be taken back, for this reason and no other. */
export function rolledBack(
  because: 'gave-up' | 'alarm',
  step: { readonly name: string; readonly version: string; readonly fault: Fault },
): ReleaseStep {
  return { kind: 'service', ...step, expect: 'rolled-back', because }
}
