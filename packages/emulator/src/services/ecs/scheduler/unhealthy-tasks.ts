/**
 * Which running tasks of a service have failed their checks. A check counts from the end of the grace period, which
 * begins when the task runs; a task that has failed is told of once.
 */
import type { EmulatorContext } from '../../../service.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { isLive, isRunning, type ServiceRecord, type TaskRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import type { EcsState } from '../model/state.ts'
import { graceMs, hasAnswered, isHealthy, unhealthyReason } from '../task/health.ts'
import type { FailedTasks } from './failed-tasks.ts'

export interface UnhealthyTasks {
  /** Looks at the tasks of the set again; `later` is called where a grace period is not over. */
  look(service: ServiceRecord, taskSet: TaskSetRecord, later: (subject: string, waitMs: number) => void): void
  /** Why the task has to be replaced, as its `stoppedReason`; undefined for a task that need not be. */
  reason(task: TaskRecord): string | undefined
}

export function createUnhealthyTasks(
  context: EmulatorContext,
  state: EcsState,
  elbv2: Elbv2,
  events: ServiceEvents,
  failedTasks: FailedTasks,
): UnhealthyTasks {
  const reasons = new Map<string, string>()

  function lookAt(
    service: ServiceRecord,
    taskSet: TaskSetRecord,
    task: TaskRecord,
    later: (subject: string, waitMs: number) => void,
  ): void {
    const answered = hasAnswered(elbv2, task)
    if (answered && !task.answered) state.tasks.put(task.id, { ...task, answered })
    const failed = unhealthyReason(state, elbv2, task)
    if (failed === undefined) {
      // It may have recovered before it was replaced.
      reasons.delete(task.id)
      if (!task.wasHealthy && isHealthy(state, elbv2, task)) {
        state.tasks.put(task.id, { ...(state.tasks.get(task.id) ?? task), wasHealthy: true })
        failedTasks.healthy(taskSet.id)
      }
      return
    }
    if (reasons.has(task.id)) return
    const graceEnds = (task.startedAt ?? 0) + graceMs(context.clock, service.gracePeriodSeconds, answered)
    const left = graceEnds - context.clock.now()
    if (left > 0) {
      later(`${task.id}/grace/${answered}`, left)
      return
    }
    reasons.set(task.id, failed.stoppedReason)
    events.add(service, taskSet, failed.event)
    failedTasks.count(taskSet.id, false)
  }

  return {
    look(service, taskSet, later) {
      for (const task of state.tasksOf(taskSet).filter(isRunning)) lookAt(service, taskSet, task, later)
      for (const id of reasons.keys()) {
        const task = state.tasks.get(id)
        if (!task || !isLive(task)) reasons.delete(id)
      }
    },
    reason: (task) => reasons.get(task.id),
  }
}
