/**
 * Decides what a failed task of a service leads to: a back-off before the next start, and the circuit breaker, which
 * fails a rolling deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import { circuitBreakerThreshold, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { Action } from './actions.ts'

/** ECS reports a problem from this number of failed starts in a row. */
const CONSISTENTLY = 3

/** `neverRan`: only a task that did not reach RUNNING delays the next start. */
export function failTask(
  service: ServiceRecord,
  taskSet: TaskSetRecord,
  neverRan: boolean,
): { readonly taskSet: TaskSetRecord; readonly actions: readonly Action[] } {
  const taskSetId = taskSet.id
  const failedStarts = taskSet.failedStarts + 1
  const counted: TaskSetRecord = {
    ...taskSet,
    failedTasks: taskSet.failedTasks + 1,
    ...(neverRan ? { failedStarts } : {}),
  }
  const actions: Action[] = [{ type: 'countFailedTask', taskSetId, ...(neverRan ? { failedStarts } : {}) }]
  if (neverRan && failedStarts >= CONSISTENTLY) {
    const message = 'is unable to consistently start tasks successfully.'
    actions.push({ type: 'addEvent', taskSetId, message })
  }
  if (!tripsCircuitBreaker(service, counted)) return { taskSet: counted, actions }
  actions.push({ type: 'failDeployment', taskSetId })
  return { taskSet: { ...counted, rolloutState: 'FAILED' }, actions }
}

function tripsCircuitBreaker(service: ServiceRecord, taskSet: TaskSetRecord): boolean {
  const { enable, thresholdConfiguration } = service.circuitBreaker
  return (
    service.controller === 'ECS' &&
    enable &&
    taskSet.rolloutState === 'IN_PROGRESS' &&
    taskSet.failedTasks >= circuitBreakerThreshold(service.desiredCount, thresholdConfiguration)
  )
}
