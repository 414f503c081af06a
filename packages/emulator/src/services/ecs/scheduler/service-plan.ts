/**
 * How many tasks a service starts and stops in one step: pure functions of counts and of the percentages in its
 * deployment configuration.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */

export interface Percentages {
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
}

/** The tasks of one task set that are not asked to stop. */
export interface TaskCounts {
  /** No check of them has failed: they run or still start. */
  readonly available: number
  /** The available tasks that count as healthy. */
  readonly healthy: number
  /** Their checks have failed. */
  readonly failed: number
}

export interface Step {
  readonly start: number
  /** Of the available tasks. */
  readonly stopAvailable: number
  readonly stopFailed: number
}

/** The most tasks at a time: rounded down, at least one. */
const maximum = (desired: number, { maximumPercent }: Percentages) =>
  Math.max(Math.floor((desired * maximumPercent) / 100), 1)

/**
 * One task set on its own. The replacement of a failed task starts first; the failed task stops when enough tasks are
 * healthy. Where the maximum leaves no room, failed tasks stop first, one at a time.
 */
export function replacementStep(desired: number, counts: TaskCounts, percentages: Percentages): Step {
  const { available, healthy, failed } = counts
  if (desired === 0) return { start: 0, stopAvailable: available, stopFailed: failed }
  const room = maximum(desired, percentages) - available - failed
  const missing = Math.max(0, desired - available)
  const replaced = Math.min(failed, Math.max(0, healthy + failed - desired))
  const start = Math.max(0, Math.min(missing, room))
  const stuck = missing > 0 && room <= 0 && replaced === 0 && healthy === available
  return {
    start,
    stopAvailable: Math.max(0, available - desired),
    stopFailed: replaced > 0 ? replaced : stuck ? Math.min(1, failed) : 0,
  }
}

export interface RollingStep extends Step {
  readonly stopEarlier: number
  /** The percentages allow no start and no stop. */
  readonly blocked: boolean
}

/** The newest deployment of a service beside the tasks of earlier ones. */
export function rollingStep(
  desired: number,
  primary: TaskCounts,
  earlier: Pick<TaskCounts, 'healthy'> & { readonly all: number },
  percentages: Percentages,
): RollingStep {
  const own = replacementStep(desired, primary, percentages)
  if (earlier.all === 0 || desired === 0) {
    return { ...own, stopEarlier: desired === 0 ? earlier.all : 0, blocked: false }
  }
  const room = maximum(desired, percentages) - primary.available - primary.failed - earlier.all
  const start = Math.max(0, Math.min(desired - primary.available, room))
  const least = Math.ceil((desired * percentages.minimumHealthyPercent) / 100)
  const spare = Math.max(0, primary.healthy + earlier.healthy - least)
  const stopEarlier = Math.min(earlier.all, spare + (earlier.all - earlier.healthy))
  const makesRoom =
    start === 0 && stopEarlier === 0 && primary.available < desired && primary.available === primary.healthy
  const stopFailed = own.stopFailed > 0 ? own.stopFailed : makesRoom ? Math.min(1, primary.failed) : 0
  return {
    start,
    stopAvailable: own.stopAvailable,
    stopFailed,
    stopEarlier,
    blocked: makesRoom && primary.failed === 0,
  }
}
