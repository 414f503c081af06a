/**
 * What failed tasks lead to: a pause before the next try, and the end of a rolling deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import type { RegionContext } from '../../service.ts'
import { backOffMs, circuitBreakerThreshold, type ServiceRecord, type TaskSetRecord } from './model.ts'
import type { ServiceEvents } from './service-events.ts'
import { type EcsState, serviceKey } from './state.ts'

export interface FailureHooks {
  /** The circuit breaker asks for the last deployment that completed. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export interface Failures {
  count(taskSetId: string, neverRan: boolean): void
  /** How long, in wall-clock milliseconds, the task set has to wait before it may start another task. */
  waitMs(taskSetId: string): number
}

export function createFailures(
  context: RegionContext,
  state: EcsState,
  events: ServiceEvents,
  hooks: FailureHooks,
): Failures {
  const retryAt = new Map<string, number>()

  /** Only tasks that never reached RUNNING make the scheduler wait before it tries again. */
  function count(taskSetId: string, neverRan: boolean): void {
    const taskSet = state.taskSets.get(taskSetId)
    const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    if (!taskSet || !service) return
    const failedStarts = neverRan ? taskSet.failedStarts + 1 : taskSet.failedStarts
    const failed = { ...taskSet, failedStarts, failedTasks: taskSet.failedTasks + 1 }
    if (neverRan) {
      retryAt.set(taskSetId, context.clock.now() + context.clock.toReal(backOffMs(failedStarts)))
      if (failedStarts >= 3)
        events.add(service, taskSet, 'is unable to consistently start tasks successfully.')
    }
    const breaks =
      service.controller === 'ECS' &&
      service.circuitBreaker.enable &&
      taskSet.rolloutState === 'IN_PROGRESS' &&
      failed.failedTasks >= circuitBreakerThreshold(service.desiredCount)
    state.taskSets.put(taskSetId, breaks ? { ...failed, rolloutState: 'FAILED' } : failed)
    if (!breaks) return
    events.deployment(service, taskSet, 'SERVICE_DEPLOYMENT_FAILED')
    events.add(service, taskSet, `(deployment ${taskSet.id}) deployment failed: tasks failed to start.`)
    if (service.circuitBreaker.rollback) hooks.rollBack(service, failed)
  }

  return { count, waitMs: (taskSetId) => (retryAt.get(taskSetId) ?? 0) - context.clock.now() }
}
