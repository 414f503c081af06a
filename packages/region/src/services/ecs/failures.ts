/**
 * What failed tasks lead to: a pause before the next try, and the end of a rolling deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import type { RegionContext } from '../../service.ts'
import { backOffMs, circuitBreakerThreshold, type ServiceRecord, type TaskSetRecord } from './model.ts'
import type { ServiceEvents } from './service-events.ts'
import { type EcsState, serviceKey } from './state.ts'

/** Failed starts in a row from which on ECS says that something is wrong. */
const CONSISTENTLY = 3

export interface FailureHooks {
  /** The circuit breaker asks for the last deployment that completed. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export interface Failures {
  /** A task failed; one that never reached RUNNING makes the scheduler wait before it tries again. */
  count(taskSetId: string, neverRan: boolean): void
  /** A task became healthy: the circuit breaker counts anew. */
  healthy(taskSetId: string): void
  /** How long, in wall-clock milliseconds, the task set has to wait before it may start another task. */
  waitMs(taskSetId: string): number
}

export function createFailures(
  context: RegionContext,
  state: EcsState,
  events: ServiceEvents,
  hooks: FailureHooks,
): Failures {
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

  function fail(service: ServiceRecord, taskSet: TaskSetRecord): void {
    const rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.'
    const failed: TaskSetRecord = { ...taskSet, rolloutState: 'FAILED', rolloutStateReason }
    state.taskSets.put(taskSet.id, failed)
    events.deployment(service, taskSet, 'FAILED', rolloutStateReason)
    events.add(service, taskSet, `(deployment ${taskSet.id}) deployment failed: tasks failed to start.`)
    if (service.circuitBreaker.rollback) hooks.rollBack(service, failed)
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
      // In one: what has failed is rolled back, whatever comes in between.
      if (trips(service, counted)) context.store.transaction(() => fail(service, counted))
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
