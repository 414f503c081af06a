/**
 * What the scheduler decides by: the task sets of a service and their tasks, with what the health checks and the
 * alarms say of them at this moment.
 */
import type { EmulatorContext } from '../../../service.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import type { ServiceRecord, TaskRecord, TaskSetRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import {
  type CheckFailure,
  checkFailure,
  countsAfterMs,
  graceMs,
  hasAnswered,
  isHealthy,
} from '../task/health.ts'
import { protectedUntil } from '../task/protection.ts'
import type { DeploymentAlarms } from './deployment-alarms.ts'

export interface ObservedTask {
  readonly task: TaskRecord
  /** RUNNING, and every check of it passes. */
  readonly healthy: boolean
  /** The check that fails now. */
  readonly failure: CheckFailure | undefined
  /** Whether the application has answered a check, with success or without. */
  readonly answered: boolean
  /** Wall-clock milliseconds: failed checks count from then on. */
  readonly graceEndsAt: number
  /** Wall-clock milliseconds: a healthy task counts towards the minimum healthy percent from then on. */
  readonly countsFrom: number
  /** Wall-clock milliseconds: the end of its scale-in protection. */
  readonly protectedUntil: number | undefined
}

export interface ObservedTaskSet {
  readonly taskSet: TaskSetRecord
  readonly tasks: readonly ObservedTask[]
  /** Those of the deployment's alarms that are in ALARM. */
  readonly alarmsInAlarm: readonly string[]
  /** Wall-clock milliseconds that a deployment with alarms bakes; 0 without alarms. */
  readonly bakeMs: number
}

export interface Observation {
  of(service: ServiceRecord): ObservedTaskSet[]
}

export function createObservation(
  context: EmulatorContext,
  state: EcsState,
  elbv2: Elbv2,
  alarms: DeploymentAlarms,
): Observation {
  const { clock } = context

  function observeTask(service: ServiceRecord, task: TaskRecord): ObservedTask {
    const answered = hasAnswered(elbv2, task)
    const startedAt = task.startedAt ?? 0
    return {
      task,
      healthy: isHealthy(state, elbv2, task),
      failure: checkFailure(state, elbv2, task),
      answered,
      graceEndsAt: startedAt + graceMs(clock, service.gracePeriodSeconds, answered),
      countsFrom: service.controller === 'ECS' ? startedAt + countsAfterMs(state, clock, task) : 0,
      protectedUntil: protectedUntil(context, task),
    }
  }

  return {
    of: (service) =>
      state.taskSetsOf(service).map((taskSet) => ({
        taskSet,
        tasks: state.tasksOf(taskSet).map((task) => observeTask(service, task)),
        alarmsInAlarm: alarms.inAlarm(taskSet),
        bakeMs: clock.toReal(alarms.bakeMs(taskSet)),
      })),
  }
}
