/**
 * Decides which running tasks of a task set have failed their checks. A failed check counts once, from the end of the
 * grace period. A task that recovers before it is replaced has failed none.
 */
import { isRunning, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { Action } from './actions.ts'
import { failTask } from './failed-tasks.ts'
import type { ObservedTask, ObservedTaskSet } from './observation.ts'

export interface CheckedTaskSet {
  /** The task set with the results of its checks. */
  readonly set: ObservedTaskSet
  readonly actions: readonly Action[]
  /** Wall-clock milliseconds at which grace periods end. */
  readonly recheckAt: readonly number[]
  /** The circuit breaker has failed the deployment: nothing else is decided about the service as it was. */
  readonly deploymentFailed: boolean
}

export function checkTasks(service: ServiceRecord, set: ObservedTaskSet, now: number): CheckedTaskSet {
  const actions: Action[] = []
  const recheckAt: number[] = []
  const tasks: ObservedTask[] = []
  let taskSet = set.taskSet
  for (const observed of set.tasks) {
    if (!isRunning(observed.task)) {
      tasks.push(observed)
      continue
    }
    const result = checkTask(service, taskSet, observed, now)
    taskSet = result.taskSet
    actions.push(...result.actions)
    if (result.recheckAt !== undefined) recheckAt.push(result.recheckAt)
    tasks.push({ ...observed, task: { ...observed.task, ...result.change } })
  }
  return {
    set: { ...set, taskSet, tasks },
    actions,
    recheckAt,
    deploymentFailed: actions.some(({ type }) => type === 'failDeployment'),
  }
}

interface CheckedTask {
  readonly taskSet: TaskSetRecord
  readonly change: Extract<Action, { type: 'updateTask' }>['change']
  readonly actions: readonly Action[]
  readonly recheckAt?: number
}

function checkTask(
  service: ServiceRecord,
  taskSet: TaskSetRecord,
  { task, failure, answered, healthy, graceEndsAt }: ObservedTask,
  now: number,
): CheckedTask {
  const update = (change: CheckedTask['change'], more: readonly Action[] = []) => {
    const all = { ...(answered && !task.answered ? { answered } : {}), ...change }
    const stored: Action[] =
      Object.keys(all).length > 0 ? [{ type: 'updateTask', taskId: task.id, change: all }] : []
    return { change: all, actions: [...stored, ...more] }
  }
  if (!failure) {
    const recovered = task.failedChecks === undefined ? {} : { failedChecks: undefined }
    if (task.wasHealthy || !healthy) return { taskSet, ...update(recovered) }
    const resets = taskSet.failedTasks > 0 && service.circuitBreaker.resetOnHealthyTask !== false
    return {
      taskSet: resets ? { ...taskSet, failedTasks: 0 } : taskSet,
      ...update(
        { ...recovered, wasHealthy: true },
        resets ? [{ type: 'resetFailedTasks', taskSetId: taskSet.id }] : [],
      ),
    }
  }
  if (task.failedChecks !== undefined) return { taskSet, ...update({}) }
  if (graceEndsAt > now) return { taskSet, ...update({}), recheckAt: graceEndsAt }
  const failed = failTask(service, taskSet, false)
  return {
    taskSet: failed.taskSet,
    ...update({ failedChecks: failure.stoppedReason }, [
      { type: 'addEvent', taskSetId: taskSet.id, message: failure.event },
      ...failed.actions,
    ]),
  }
}
