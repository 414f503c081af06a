/**
 * How a release step is expected to end, and whether it did. A release that was rolled back for another reason than
 * the one it is about has shown nothing: a version whose tasks a busy machine never got healthy did not try the alarm.
 */
import type { DeploymentOutcome } from '@baton/release'

export type Expectation =
  | { readonly expect: 'released' }
  | {
      readonly expect: 'rolled-back'
      /** `gave-up`: the tasks never became healthy. `alarm`: an alarm stopped it after clients had met it. */
      readonly because: 'gave-up' | 'alarm'
    }

/** In words that go on from "was to be". */
export function describeExpectation(expectation: Expectation): string {
  if (expectation.expect === 'released') return 'released'
  return expectation.because === 'gave-up'
    ? 'given up, its tasks never healthy, and rolled back'
    : 'stopped by an alarm while it had traffic, and rolled back'
}

export function asExpected(expectation: Expectation, outcome: DeploymentOutcome): boolean {
  if (expectation.expect === 'released') return outcome.status === 'Succeeded'
  if (!outcome.rolledBack) return false
  if (expectation.because === 'gave-up') return outcome.stopped === 'gave-up'
  return outcome.errorCode === 'ALARM_ACTIVE' && shiftBegan(outcome)
}

const shiftBegan = ({ steps }: DeploymentOutcome) =>
  steps.some(({ name, startedAt }) => name === 'AllowTraffic' && startedAt !== undefined)
