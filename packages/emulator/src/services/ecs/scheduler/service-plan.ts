/**
 * How many tasks a service starts and stops in one step: pure decisions over counts, by the percentages of its
 * deployment configuration.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */

export interface Percentages {
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
}

/** Tasks of one task set that are not asked to end. */
export interface Fleet {
  /** Those that failed no check: running or still starting. */
  readonly fit: number
  /** Those of them that count as healthy. */
  readonly healthy: number
  /** Those that failed their checks. */
  readonly unhealthy: number
}

export interface Step {
  readonly start: number
  /** Of those that failed no check. */
  readonly stopFit: number
  readonly stopUnhealthy: number
}

/** Most tasks that may be there at once: rounded down, one at least. */
const most = (desired: number, { maximumPercent }: Percentages) =>
  Math.max(Math.floor((desired * maximumPercent) / 100), 1)

/**
 * One task set on its own. A replacement of an unhealthy task is started first; the unhealthy one ends once there
 * are healthy tasks enough. Where the maximum leaves no room, one unhealthy task at a time makes it.
 */
export function replacementStep(desired: number, fleet: Fleet, percentages: Percentages): Step {
  const { fit, healthy, unhealthy } = fleet
  if (desired === 0) return { start: 0, stopFit: fit, stopUnhealthy: unhealthy }
  const room = most(desired, percentages) - fit - unhealthy
  const missing = Math.max(0, desired - fit)
  const replaced = Math.min(unhealthy, Math.max(0, healthy + unhealthy - desired))
  const start = Math.max(0, Math.min(missing, room))
  const stuck = missing > 0 && room <= 0 && replaced === 0 && healthy === fit
  return {
    start,
    stopFit: Math.max(0, fit - desired),
    stopUnhealthy: replaced > 0 ? replaced : stuck ? Math.min(1, unhealthy) : 0,
  }
}

export interface RollingStep extends Step {
  readonly stopEarlier: number
  /** The percentages let nothing be started nor stopped. */
  readonly blocked: boolean
}

/** The newest deployment of a service and what earlier ones have left. */
export function rollingStep(
  desired: number,
  primary: Fleet,
  earlier: Pick<Fleet, 'healthy'> & { readonly all: number },
  percentages: Percentages,
): RollingStep {
  const own = replacementStep(desired, primary, percentages)
  if (earlier.all === 0 || desired === 0) {
    return { ...own, stopEarlier: desired === 0 ? earlier.all : 0, blocked: false }
  }
  const room = most(desired, percentages) - primary.fit - primary.unhealthy - earlier.all
  const start = Math.max(0, Math.min(desired - primary.fit, room))
  const least = Math.ceil((desired * percentages.minimumHealthyPercent) / 100)
  const spare = Math.max(0, primary.healthy + earlier.healthy - least)
  const stopEarlier = Math.min(earlier.all, spare + (earlier.all - earlier.healthy))
  const makesRoom =
    start === 0 && stopEarlier === 0 && primary.fit < desired && primary.fit === primary.healthy
  const stopUnhealthy =
    own.stopUnhealthy > 0 ? own.stopUnhealthy : makesRoom ? Math.min(1, primary.unhealthy) : 0
  return {
    start,
    stopFit: own.stopFit,
    stopUnhealthy,
    stopEarlier,
    blocked: makesRoom && primary.unhealthy === 0,
  }
}
