/**
 * When clients may have met a service's new version. CodeDeploy's life-cycle events say it, which here are the emulator's
 * own records: they are believed only between the moments at which this process began the release and saw it end.
 */
import type { DeploymentOutcome, LifecycleStep } from '@baton/release'
import type { Span } from './timeline.ts'

/**
 * From the start of the shift to its end; where it was rolled back, to the end of the rollback, not to when that
 * was noticed. Undefined without production traffic: the new version must not have reached any client then.
 */
export function shiftSpan(outcome: DeploymentOutcome, seen: Span): Span | undefined {
  const shift = outcome.steps.find(isShift)
  if (shift?.startedAt === undefined) return undefined
  const last = outcome.status === 'Succeeded' ? shift : outcome.rollbackSteps?.find(isShift)
  return {
    from: Math.max(shift.startedAt, seen.from),
    until: Math.min(last?.endedAt ?? seen.until, seen.until),
  }
}

const isShift = ({ name }: LifecycleStep) => name === 'AllowTraffic'
