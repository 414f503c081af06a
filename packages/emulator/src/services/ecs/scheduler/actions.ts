/** What the scheduler does to a service, as data: `decide.ts` returns these actions, `apply.ts` carries them out. */
import type { TaskRecord, TaskSetRecord } from '../model/model.ts'

export type Action =
  | {
      /** Stores what the checks of a task have shown. */
      readonly type: 'updateTask'
      readonly taskId: string
      readonly change: Pick<TaskRecord, 'answered' | 'wasHealthy' | 'failedChecks'>
    }
  | {
      /** Adds `(service name) message` to the events of the service. */
      readonly type: 'addEvent'
      readonly taskSetId: string
      readonly message: string
    }
  | {
      readonly type: 'countFailedTask'
      readonly taskSetId: string
      /** Failed starts in a row, where the task never reached RUNNING: no task starts until the back-off is over. */
      readonly failedStarts?: number
    }
  | { readonly type: 'resetFailedTasks'; readonly taskSetId: string }
  | {
      /** By its circuit breaker, or by the alarms that it names. */
      readonly type: 'failDeployment'
      readonly taskSetId: string
      readonly triggeredAlarms?: readonly string[]
    }
  | { readonly type: 'stopTasks'; readonly taskSetId: string; readonly tasks: readonly TaskRecord[] }
  | { readonly type: 'startTasks'; readonly taskSetId: string; readonly count: number }
  | {
      readonly type: 'setStability'
      readonly taskSetId: string
      readonly stabilityStatus: TaskSetRecord['stabilityStatus']
    }
  | { readonly type: 'startBakeTime'; readonly taskSetId: string }
  | { readonly type: 'completeDeployment'; readonly taskSetId: string }
  | { readonly type: 'deleteTaskSet'; readonly taskSetId: string }
  /** A deleted service has no task set any more: it becomes INACTIVE. */
  | { readonly type: 'deactivateService' }

export interface Decision {
  readonly actions: readonly Action[]
  /** Wall-clock milliseconds until time alone can change the decision; undefined where only an event can. */
  readonly recheckAfterMs: number | undefined
}
