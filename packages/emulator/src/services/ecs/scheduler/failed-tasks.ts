/**
 * What failed tasks of a service lead to: its back-off, a pause before the next try, and its circuit breaker, which ends a
 * rolling deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import type { EmulatorContext } from '../../../service.ts'
import { backOffMs, circuitBreakerThreshold, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { FailedDeployments } from './failed-deployments.ts'

/** Failed starts in a row from which on ECS says that something is wrong. */
const CONSISTENTLY = 3

export interface FailedTasks {
  /** A task failed; one that never reached RUNNING makes the scheduler wait before it tries again. */
  count(taskSetId: string, neverRan: boolean): void
  /** A task became healthy: the circuit breaker counts anew. */
  healthy(taskSetId: string): void
  /** How long, in wall-clock milliseconds, the task set has to wait before it may start another task. */
  waitMs(taskSetId: string): number
}

export function createFailedTasks(
  context: EmulatorContext,
  state: EcsState,
  events: ServiceEvents,
  deployments: FailedDeployments,
): FailedTasks {
  const failedStart = (failedStarts: number) => ({
    failedStarts,
    retryAt: context.clock.now() + context.clock.toReal(backOffMs(failedStarts)),
  })

  function trips(service: ServiceRecord, taskSet: TaskSetRecord): boolean {
    return (
      service.controller === 'ECS' &&
      service.circuitBreaker.enable &&
      taskSet.rolloutState === 'IN_PROGRESS' &&
      taskSet.failedTasks >=
        circuitBreakerThreshold(service.desiredCount, service.circuitBreaker.thresholdConfiguration)
    )
  }

  return {
    count(taskSetId, neverRan) {
      const taskSet = state.taskSets.get(taskSetId)
      const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
      if (!taskSet || !service) return
      const counted = {
        ...taskSet,
        failedTasks: taskSet.failedTasks + 1,
        ...(neverRan ? failedStart(taskSet.failedStarts + 1) : {}),
      }
      state.taskSets.put(taskSetId, counted)
      if (neverRan && counted.failedStarts >= CONSISTENTLY)
        events.add(service, taskSet, 'is unable to consistently start tasks successfully.')
      if (trips(service, counted)) deployments.byTasks(service, counted)
    },
    healthy(taskSetId) {
      const taskSet = state.taskSets.get(taskSetId)
      const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
      if (service?.circuitBreaker.resetOnHealthyTask === false) return
      if (taskSet && taskSet.failedTasks > 0) state.taskSets.put(taskSetId, { ...taskSet, failedTasks: 0 })
    },
    waitMs: (taskSetId) => (state.taskSets.get(taskSetId)?.retryAt ?? 0) - context.clock.now(),
  }
}
