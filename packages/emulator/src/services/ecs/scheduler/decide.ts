/**
 * Decides what a service needs: which tasks start and stop, which task sets are steady, which deployment is complete
 * or has failed. It is a pure function of the service, of its task sets as observed, and of the time.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { computedDesiredCount, isLive, isRunning, type ServiceRecord } from '../model/model.ts'
import type { Action, Decision } from './actions.ts'
import type { ObservedTask, ObservedTaskSet } from './observation.ts'
import { replacementStep, rollingStep, type Step, type TaskCounts } from './service-plan.ts'
import { decideStability, type ProjectedTaskSet } from './stability.ts'
import { checkTasks } from './task-checks.ts'
import { selectTasksToStop } from './task-selection.ts'

/** `now`: wall-clock milliseconds. */
export function decide(service: ServiceRecord, sets: readonly ObservedTaskSet[], now: number): Decision {
  const alarmed = failByAlarms(sets)
  if (alarmed) return { actions: [alarmed], recheckAfterMs: 0 }
  const actions: Action[] = []
  const recheckAt: number[] = []
  const checked: ObservedTaskSet[] = []
  for (const set of sets) {
    const result = checkTasks(service, set, now)
    actions.push(...result.actions)
    // A rollback changes the service and adds a task set: the next decision sees them.
    if (result.deploymentFailed) return { actions, recheckAfterMs: 0 }
    recheckAt.push(...result.recheckAt)
    checked.push(result.set)
  }
  const steps =
    service.controller === 'CODE_DEPLOY'
      ? checked.map((set) => reconcileTaskSet(service, set, now))
      : reconcileRolling(service, checked, now)
  const stability = decideStability(service, projected(checked, steps), now)
  actions.push(...steps.flatMap((step) => step.actions), ...stability.actions)
  recheckAt.push(...steps.flatMap((step) => step.recheckAt), ...stability.recheckAt)
  return {
    actions,
    recheckAfterMs: recheckAt.length === 0 ? undefined : Math.max(0, Math.min(...recheckAt) - now),
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html */
function failByAlarms(sets: readonly ObservedTaskSet[]): Action | undefined {
  const primary = sets.find(({ taskSet }) => taskSet.status === 'PRIMARY')
  if (primary?.taskSet.rolloutState !== 'IN_PROGRESS' || primary.alarmsInAlarm.length === 0) return undefined
  if (!primary.tasks.some(({ task }) => isRunning(task))) return undefined
  return {
    type: 'failDeployment',
    taskSetId: primary.taskSet.id,
    triggeredAlarms: primary.alarmsInAlarm,
  }
}

/** What happens to the tasks of one task set. */
interface TaskSetStep {
  readonly taskSetId: string
  readonly actions: readonly Action[]
  readonly recheckAt: readonly number[]
  readonly stopped: ReadonlySet<ObservedTask>
  readonly started: number
}

/** The live tasks of each task set once the steps are carried out. */
function projected(sets: readonly ObservedTaskSet[], steps: readonly TaskSetStep[]): ProjectedTaskSet[] {
  return sets.map((set) => {
    const step = steps.find(({ taskSetId }) => taskSetId === set.taskSet.id)
    const remaining = set.tasks.filter((observed) => isLive(observed.task) && !step?.stopped.has(observed))
    const started = step?.started ?? 0
    return {
      ...set,
      live: remaining.length + started,
      allHealthy: started === 0 && remaining.every(({ healthy }) => healthy),
    }
  })
}

/** A task set on its own. */
function reconcileTaskSet(service: ServiceRecord, set: ObservedTaskSet, now: number): TaskSetStep {
  const desired = computedDesiredCount(service, set.taskSet)
  const { counts, recheckAt } = countTasks(set, now)
  const step = applyStep(service, set, replacementStep(desired, counts, service), now)
  return { ...step, recheckAt: [...recheckAt, ...step.recheckAt] }
}

/** The PRIMARY of a service under the rolling controller first, then what is left of earlier deployments. */
function reconcileRolling(
  service: ServiceRecord,
  sets: readonly ObservedTaskSet[],
  now: number,
): readonly TaskSetStep[] {
  const primary = sets.find(({ taskSet }) => taskSet.status === 'PRIMARY')
  if (!primary || service.status !== 'ACTIVE' || service.desiredCount === 0)
    return sets.map((set) => reconcileTaskSet(service, set, now))
  const earlier = sets.filter((set) => set !== primary)
  const old = earlier.flatMap(liveTasks)
  const own = countTasks(primary, now)
  const healthyOld = countHealthy(old, now)
  const step = rollingStep(
    service.desiredCount,
    own.counts,
    { all: old.length, healthy: healthyOld.count },
    service,
  )
  const unhealthyFirst = old.toSorted((a, b) => Number(a.healthy) - Number(b.healthy))
  const stoppable = stoppableTasks(service, unhealthyFirst, now)
  const stopped = stoppable.tasks.slice(0, step.stopEarlier)
  const primaryStep = applyStep(service, primary, step, now)
  return [
    {
      ...primaryStep,
      actions: [...(step.blocked ? [blockedEvent(primary)] : []), ...primaryStep.actions],
      recheckAt: [
        ...own.recheckAt,
        ...healthyOld.recheckAt,
        ...stoppable.recheckAt,
        ...primaryStep.recheckAt,
      ],
    },
    ...earlier.map((set) => {
      const ofSet = liveTasks(set).filter((observed) => stopped.includes(observed))
      return {
        taskSetId: set.taskSet.id,
        actions: stopActions(set, ofSet),
        recheckAt: [],
        stopped: new Set(ofSet),
        started: 0,
      }
    }),
  ]
}

/** Stops failed tasks, stops surplus tasks, starts missing ones. */
function applyStep(service: ServiceRecord, set: ObservedTaskSet, step: Step, now: number): TaskSetStep {
  const { taskSet } = set
  const live = liveTasks(set)
  const failed = live.filter(hasFailed).slice(0, step.stopFailed)
  const stoppable = stoppableTasks(
    service,
    live.filter((observed) => !hasFailed(observed)),
    now,
  )
  const surplus = selectTasksToStop(stoppable.tasks, step.stopAvailable)
  const retryAt = taskSet.retryAt ?? 0
  const missing = taskSet.rolloutState === 'FAILED' ? 0 : step.start
  const waits = missing > 0 && retryAt > now
  const started = waits ? 0 : missing
  return {
    taskSetId: taskSet.id,
    actions: [
      ...stopActions(set, failed),
      ...stopActions(set, surplus),
      ...(started > 0 ? [{ type: 'startTasks' as const, taskSetId: taskSet.id, count: started }] : []),
    ],
    recheckAt: waits ? [...stoppable.recheckAt, retryAt] : stoppable.recheckAt,
    stopped: new Set([...failed, ...surplus]),
    started,
  }
}

const liveTasks = ({ tasks }: ObservedTaskSet) => tasks.filter(({ task }) => isLive(task))

const hasFailed = ({ task }: ObservedTask) => task.failedChecks !== undefined

function countTasks(
  set: ObservedTaskSet,
  now: number,
): { readonly counts: TaskCounts; readonly recheckAt: readonly number[] } {
  const live = liveTasks(set)
  const failed = live.filter(hasFailed).length
  const { count, recheckAt } = countHealthy(live, now)
  return { counts: { available: live.length - failed, failed, healthy: count }, recheckAt }
}

/** The tasks that count towards the minimum healthy percent, and when others will. */
function countHealthy(tasks: readonly ObservedTask[], now: number) {
  const healthy = tasks.filter((observed) => observed.healthy && !hasFailed(observed))
  return {
    count: healthy.filter(({ countsFrom }) => countsFrom <= now).length,
    recheckAt: healthy.map(({ countsFrom }) => countsFrom).filter((at) => at > now),
  }
}

/** Without those that are protected from scale-in, and when the protections end. A deleted service stops all. */
function stoppableTasks(service: ServiceRecord, tasks: readonly ObservedTask[], now: number) {
  if (service.status !== 'ACTIVE') return { tasks, recheckAt: [] }
  const ends = tasks.flatMap(({ protectedUntil = 0 }) => (protectedUntil > now ? [protectedUntil] : []))
  return { tasks: tasks.filter(({ protectedUntil = 0 }) => protectedUntil <= now), recheckAt: ends }
}

const stopActions = ({ taskSet }: ObservedTaskSet, stopped: readonly ObservedTask[]): Action[] =>
  stopped.length === 0
    ? []
    : [{ type: 'stopTasks', taskSetId: taskSet.id, tasks: stopped.map(({ task }) => task) }]

const blockedEvent = ({ taskSet }: ObservedTaskSet): Action => ({
  type: 'addEvent',
  taskSetId: taskSet.id,
  message:
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
    'Update the minimumHealthyPercent or maximumPercent value and try again.',
})
