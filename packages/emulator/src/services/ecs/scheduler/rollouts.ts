/**
 * What has become of a task set once the scheduler has looked at it: steady or not, gone, and, as a deployment of
 * the rolling controller, complete: nothing of the earlier ones is in service, and its alarms stayed quiet for the
 * bake time. Until then the earlier ones are there, without a task.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import type { EmulatorContext } from '../../../service.ts'
import {
  computedDesiredCount,
  isLive,
  type ServiceRecord,
  type TaskRecord,
  type TaskSetRecord,
} from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { DeploymentAlarms } from './deployment-alarms.ts'

export interface Rollouts {
  /** Says what the set has become; `later` is called with what is left of a bake time. */
  settle(service: ServiceRecord, before: TaskSetRecord, later: (waitMs: number) => void): void
}

export function createRollouts({
  context,
  state,
  events,
  alarms,
  well,
  again,
}: {
  context: EmulatorContext
  state: EcsState
  events: ServiceEvents
  alarms: DeploymentAlarms
  /** Whether a task counts as healthy. */
  well(task: TaskRecord): boolean
  /** Has the service looked at once more. */
  again(service: ServiceRecord): void
}): Rollouts {
  const { clock } = context

  function settle(service: ServiceRecord, before: TaskSetRecord, later: (waitMs: number) => void): void {
    const taskSet = state.taskSets.get(before.id)
    if (!taskSet) return
    const live = state.tasksOf(taskSet).filter(isLive)
    if (isOver(service, taskSet, live)) {
      state.taskSets.delete(taskSet.id)
      return
    }
    const isEarlier = service.controller === 'ECS' && taskSet.status !== 'PRIMARY'
    const wanted = isEarlier ? 0 : computedDesiredCount(service, taskSet)
    const steady = live.length === wanted && live.every(well)
    const completes = steady && isDone(service, taskSet, later)
    const stabilityStatus = steady ? 'STEADY_STATE' : 'STABILIZING'
    if (stabilityStatus === taskSet.stabilityStatus && !completes) return
    const now = clock.now()
    state.taskSets.put(taskSet.id, {
      ...(state.taskSets.get(taskSet.id) ?? taskSet),
      stabilityStatus,
      ...(stabilityStatus === taskSet.stabilityStatus ? {} : { stabilityStatusAt: now }),
      updatedAt: now,
    })
    if (completes) complete(service, taskSet)
    if (steady && (completes || taskSet.rolloutState !== 'IN_PROGRESS'))
      events.add(service, taskSet, 'has reached a steady state.')
  }

  function isOver(service: ServiceRecord, taskSet: TaskSetRecord, live: readonly TaskRecord[]): boolean {
    const replaced = service.controller === 'ECS' && taskSet.status !== 'PRIMARY' && live.length === 0
    const ends =
      taskSet.status === 'DRAINING' || service.status !== 'ACTIVE' || (replaced && !isWatched(service))
    return ends && state.tasksOf(taskSet).every((task) => task.lastStatus === 'STOPPED')
  }

  /** Whether the deployment that is under way may still be failed by its alarms. */
  const isWatched = (service: ServiceRecord) =>
    state
      .taskSetsOf(service)
      .some(
        ({ status, rolloutState, alarms = [] }) =>
          status === 'PRIMARY' && rolloutState === 'IN_PROGRESS' && alarms.length > 0,
      )

  /** Whether a steady deployment is complete. */
  function isDone(service: ServiceRecord, taskSet: TaskSetRecord, later: (waitMs: number) => void): boolean {
    if (service.controller !== 'ECS' || taskSet.rolloutState !== 'IN_PROGRESS') return false
    // Without a task it is steady, but has not come to anything.
    if (service.status !== 'ACTIVE') return false
    const others = state.taskSetsOf(service).filter(({ id }) => id !== taskSet.id)
    if (others.some((other) => state.tasksOf(other).some(isLive))) return false
    const bakeMs = alarms.bakeMs(taskSet)
    if (bakeMs === 0) return true
    const { bakingSince = clock.now() } = taskSet
    if (taskSet.bakingSince === undefined) state.taskSets.put(taskSet.id, { ...taskSet, bakingSince })
    const left = bakingSince + clock.toReal(bakeMs) - clock.now()
    if (left > 0) later(left)
    return left <= 0
  }

  /** A later deployment that fails goes back to this one. */
  function complete(service: ServiceRecord, { id, taskDefinitionArn }: TaskSetRecord): void {
    const taskSet = state.taskSets.get(id)
    const current = state.services.get(serviceKey(service.clusterName, service.name))
    if (!taskSet || !current) return
    const rolloutStateReason = `ECS deployment ${id} completed.`
    state.taskSets.put(id, { ...taskSet, rolloutState: 'COMPLETED', rolloutStateReason })
    state.services.put(serviceKey(service.clusterName, service.name), {
      ...current,
      lastCompleted: { id, taskDefinitionArn },
    })
    events.deployment(service, taskSet, 'COMPLETED', rolloutStateReason)
    events.add(service, taskSet, `(deployment ${id}) deployment completed.`)
    // Those before it have waited for that.
    again(service)
  }

  return { settle }
}
