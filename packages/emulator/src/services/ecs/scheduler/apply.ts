/** Carries out the actions of a decision: the only place where the scheduler changes documents and tasks. */
import type { EmulatorContext } from '../../../service.ts'
import { backOffMs, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { Action } from './actions.ts'
import type { Deployments } from './deployments.ts'
import type { ServiceTasks } from './service-tasks.ts'

export interface ApplierDependencies {
  readonly context: EmulatorContext
  readonly state: EcsState
  readonly events: ServiceEvents
  readonly deployments: Deployments
  readonly serviceTasks: ServiceTasks
}

/** `resumed`: tasks that start now do so without the time that Fargate takes, as after a restart of the emulator. */
export function applyAction(
  dependencies: ApplierDependencies,
  decided: ServiceRecord,
  action: Action,
  resumed: boolean,
): void {
  const { context, state, events, deployments, serviceTasks } = dependencies
  // An earlier action may have changed the documents.
  const service = state.services.get(serviceKey(decided.clusterName, decided.name)) ?? decided
  if (action.type === 'updateTask') {
    const task = state.tasks.get(action.taskId)
    if (task) state.tasks.save({ ...task, ...action.change })
    return
  }
  if (action.type === 'deactivateService') {
    state.saveService({ ...service, status: 'INACTIVE' })
    return
  }
  const taskSet = state.taskSets.get(action.taskSetId)
  if (!taskSet)
    throw new Error(`invariant: task set ${action.taskSetId} exists while its service is reconciled`)
  const now = context.clock.now()
  switch (action.type) {
    case 'addEvent':
      events.add(service, taskSet, action.message)
      break
    case 'countFailedTask':
      deployments.countFailedTask(taskSet, backOff(action.failedStarts))
      break
    case 'resetFailedTasks':
      state.saveTaskSet({ ...taskSet, failedTasks: 0 })
      break
    case 'failDeployment':
      deployments.fail(service, taskSet, action.triggeredAlarms)
      break
    case 'stopTasks':
      serviceTasks.stop(service, taskSet, action.tasks)
      break
    case 'startTasks':
      serviceTasks.start(service, taskSet, action.count, resumed)
      break
    case 'setStability':
      state.saveTaskSet(withStability(taskSet, action.stabilityStatus, now))
      break
    case 'startBakeTime':
      state.saveTaskSet({ ...taskSet, bakingSince: now })
      break
    case 'completeDeployment':
      deployments.complete(service, taskSet)
      break
    case 'deleteTaskSet':
      state.taskSets.delete(taskSet.id)
      break
    default:
      throw new Error(`invariant: unknown action ${JSON.stringify(action satisfies never)}`)
  }

  function backOff(failedStarts: number | undefined): Partial<TaskSetRecord> {
    if (failedStarts === undefined) return {}
    return { failedStarts, retryAt: now + context.clock.toReal(backOffMs(failedStarts)) }
  }
}

function withStability(
  taskSet: TaskSetRecord,
  stabilityStatus: TaskSetRecord['stabilityStatus'],
  now: number,
): TaskSetRecord {
  const changed = stabilityStatus !== taskSet.stabilityStatus
  return { ...taskSet, stabilityStatus, ...(changed ? { stabilityStatusAt: now } : {}), updatedAt: now }
}
