/**
 * Slow start: a target that becomes healthy gets its share of requests by and by.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
 */
import type { Clock } from '../../../clock.ts'
import type { Settings } from '../model.ts'
import type { LiveTarget } from './targets.ts'

/** How far a target is on its way: from 0 to 1, and 1 without slow start. */
export function warmth(clock: Clock, settings: Settings, { warmingSince }: LiveTarget): number {
  if (warmingSince === undefined) return 1
  const rampMs = clock.toReal(Number(settings['slow_start.duration_seconds']) * 1000)
  const elapsedMs = clock.now() - warmingSince
  return elapsedMs >= rampMs ? 1 : elapsedMs / rampMs
}

/** Whether a target that becomes healthy starts slowly: only beside one that has done so. */
export function startsSlowly(
  clock: Clock,
  settings: Settings | undefined,
  others: readonly LiveTarget[],
): boolean {
  if (settings?.['load_balancing.algorithm.type'] !== 'round_robin') return false
  if (Number(settings['slow_start.duration_seconds']) === 0) return false
  return others.some((other) => other.health.state === 'healthy' && warmth(clock, settings, other) === 1)
}
