/**
 * The end of a rolling deployment that failed, by its circuit breaker or by its alarms: whichever is first, and the
 * way back if that one asks for it.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
 */
import type { EmulatorContext } from '../../../service.ts'
import { rollsBack, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import type { EcsState } from '../model/state.ts'

export interface FailureHooks {
  /** The last deployment that completed is asked for. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export interface FailedDeployments {
  /** The circuit breaker has tripped. */
  byTasks(service: ServiceRecord, taskSet: TaskSetRecord): void
  byAlarms(service: ServiceRecord, taskSet: TaskSetRecord, triggeredAlarms: readonly string[]): void
}

export function createFailedDeployments(
  context: EmulatorContext,
  state: EcsState,
  events: ServiceEvents,
  hooks: FailureHooks,
): FailedDeployments {
  function fail(service: ServiceRecord, taskSet: TaskSetRecord, why: string): void {
    const rolloutStateReason = `${methodOf(taskSet)}: ${why}.`
    const failed: TaskSetRecord = { ...taskSet, rolloutState: 'FAILED', rolloutStateReason }
    // In one: what has failed is rolled back, whatever comes in between.
    context.store.transaction(() => {
      state.taskSets.put(taskSet.id, failed)
      events.deployment(service, taskSet, 'FAILED', rolloutStateReason)
      events.add(service, taskSet, `(deployment ${taskSet.id}) deployment failed: ${why}.`)
      if (rollsBack(service, failed)) hooks.rollBack(service, failed)
    })
  }

  return {
    byTasks: (service, taskSet) => fail(service, taskSet, 'tasks failed to start'),
    byAlarms: (service, taskSet, triggeredAlarms) =>
      fail(service, { ...taskSet, triggeredAlarms }, 'alarm detected'),
  }
}

/** What failed a deployment, as its reason begins. AWS's words for the circuit breaker; for alarms it shows none. */
export const methodOf = ({ triggeredAlarms }: TaskSetRecord): string =>
  triggeredAlarms ? 'ECS deployment alarms' : 'ECS deployment circuit breaker'
