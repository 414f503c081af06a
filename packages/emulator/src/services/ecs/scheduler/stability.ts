/**
 * Decides the stability status of task sets, completes rolling deployments, and deletes task sets that have ended.
 *
 * A rolling deployment is complete when it is steady, no task of an earlier one is in service, and its alarms stayed
 * quiet for the bake time. Until then the earlier task sets are kept, without tasks.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { computedDesiredCount, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { Action } from './actions.ts'
import type { ObservedTaskSet } from './observation.ts'

/** The tasks of a task set that are not asked to stop. */
export interface LiveTasks {
  readonly live: number
  /** Whether every one of them runs and passes its checks. */
  readonly allHealthy: boolean
}

/** A task set once the actions that were decided on its tasks are carried out. */
export type ProjectedTaskSet = ObservedTaskSet & LiveTasks

/** The definition of a steady task set: as many tasks as it should have, and all of them healthy. */
export const isSteady = (service: ServiceRecord, taskSet: TaskSetRecord, tasks: LiveTasks): boolean =>
  tasks.live === computedDesiredCount(service, taskSet) && tasks.allHealthy

export function decideStability(
  service: ServiceRecord,
  sets: readonly ProjectedTaskSet[],
  now: number,
): { readonly actions: readonly Action[]; readonly recheckAt: readonly number[] } {
  const results = sets.map((set) => decideTaskSet(service, set, sets, now))
  const actions = results.flatMap((result) => result.actions)
  const deleted = actions.filter(({ type }) => type === 'deleteTaskSet').length
  if (service.status === 'DRAINING' && deleted === sets.length) actions.push({ type: 'deactivateService' })
  return { actions, recheckAt: results.flatMap((result) => result.recheckAt) }
}

interface Result {
  readonly actions: readonly Action[]
  readonly recheckAt: readonly number[]
}

function decideTaskSet(
  service: ServiceRecord,
  set: ProjectedTaskSet,
  sets: readonly ProjectedTaskSet[],
  now: number,
): Result {
  const { taskSet } = set
  const taskSetId = taskSet.id
  if (hasEnded(service, set, sets)) return { actions: [{ type: 'deleteTaskSet', taskSetId }], recheckAt: [] }
  const steady = isSteady(service, taskSet, set)
  const completion = steady ? completionOf(service, set, sets, now) : 'not yet'
  const completes = completion === 'now'
  const stabilityStatus = steady ? 'STEADY_STATE' : 'STABILIZING'
  const actions: Action[] = []
  const recheckAt: number[] = []
  if (typeof completion === 'number') {
    if (taskSet.bakingSince === undefined) actions.push({ type: 'startBakeTime', taskSetId })
    recheckAt.push(completion)
  }
  if (completes || stabilityStatus !== taskSet.stabilityStatus) {
    actions.push({ type: 'setStability', taskSetId, stabilityStatus })
    if (completes) {
      actions.push({ type: 'completeDeployment', taskSetId })
      // The earlier task sets are deleted by the next decision.
      recheckAt.push(now)
    }
    if (steady && (completes || taskSet.rolloutState !== 'IN_PROGRESS'))
      actions.push({ type: 'addEvent', taskSetId, message: 'has reached a steady state.' })
  }
  return { actions, recheckAt }
}

/** Drained, or replaced by a deployment that nothing can fail any more. */
function hasEnded(
  service: ServiceRecord,
  { taskSet, tasks, live }: ProjectedTaskSet,
  sets: readonly ProjectedTaskSet[],
): boolean {
  const replaced = service.controller === 'ECS' && taskSet.status !== 'PRIMARY' && live === 0
  const ends =
    taskSet.status === 'DRAINING' || service.status !== 'ACTIVE' || (replaced && !canFailByAlarms(sets))
  return ends && live === 0 && tasks.every(({ task }) => task.lastStatus === 'STOPPED')
}

/** Whether the deployment in progress is watched by alarms. */
const canFailByAlarms = (sets: readonly ProjectedTaskSet[]) =>
  sets.some(
    ({ taskSet: { status, rolloutState, alarms = [] } }) =>
      status === 'PRIMARY' && rolloutState === 'IN_PROGRESS' && alarms.length > 0,
  )

/** Whether a steady deployment is complete, or the wall-clock milliseconds at which its bake time ends. */
function completionOf(
  service: ServiceRecord,
  { taskSet, bakeMs }: ProjectedTaskSet,
  sets: readonly ProjectedTaskSet[],
  now: number,
): 'now' | 'not yet' | number {
  if (service.controller !== 'ECS' || taskSet.rolloutState !== 'IN_PROGRESS') return 'not yet'
  // A deleted service has no tasks and is steady, but it has not deployed anything.
  if (service.status !== 'ACTIVE') return 'not yet'
  if (sets.some((other) => other.taskSet.id !== taskSet.id && other.live > 0)) return 'not yet'
  if (bakeMs === 0) return 'now'
  const bakesUntil = (taskSet.bakingSince ?? now) + bakeMs
  return bakesUntil <= now ? 'now' : bakesUntil
}
