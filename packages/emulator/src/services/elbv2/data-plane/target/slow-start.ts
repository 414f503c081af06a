/**
 * Slow start: a target that becomes healthy gets its share of requests gradually.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
 */
import type { Clock } from '../../../../clock.ts'
import type { TargetHealth } from '../../contract.ts'
import type { Settings } from '../../model/model.ts'

/** What counts of a target. */
interface SlowStarting {
  readonly health: TargetHealth
  /** Wall clock; when it became healthy, as long as it is in slow start. */
  readonly slowStartSince: number | undefined
}

/** The share of its requests that a target gets: from 0 to 1, and 1 without slow start. */
export function slowStartWeight(clock: Clock, settings: Settings, { slowStartSince }: SlowStarting): number {
  if (slowStartSince === undefined) return 1
  const rampMs = clock.toReal(Number(settings['slow_start.duration_seconds']) * 1000)
  const elapsedMs = clock.now() - slowStartSince
  return elapsedMs >= rampMs ? 1 : elapsedMs / rampMs
}

/** Whether a target that becomes healthy starts slowly: only beside one that has done so. */
export function startsSlowly(
  clock: Clock,
  settings: Settings | undefined,
  others: readonly SlowStarting[],
): boolean {
  if (settings?.['load_balancing.algorithm.type'] !== 'round_robin') return false
  if (Number(settings['slow_start.duration_seconds']) === 0) return false
  return others.some(
    (other) => other.health.state === 'healthy' && slowStartWeight(clock, settings, other) === 1,
  )
}
