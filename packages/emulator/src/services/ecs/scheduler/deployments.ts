/**
 * Writes the deployments of services under the rolling controller: a deployment starts, completes, or fails and is
 * rolled back. Each change is also recorded in the deployment history and in the events.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
 */
import type { EmulatorContext } from '../../../service.ts'
import { rollsBack, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceDeploymentRecord } from '../model/service-deployments.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import { restored } from '../model/service-fields.ts'
import type { EcsState } from '../model/state.ts'
import type { DeploymentAlarms } from './deployment-alarms.ts'
import { createDeploymentHistory } from './deployment-history.ts'
import { primaryTaskSet, taskSetRecord } from './task-set-records.ts'

export interface Deployments {
  /** Deploys the service as it is now: the task set that was PRIMARY becomes ACTIVE. */
  start(service: ServiceRecord): void
  /** Counts a failed task of the set; stores `change` with the count. */
  countFailedTask(taskSet: TaskSetRecord, change: Partial<TaskSetRecord>): void
  complete(service: ServiceRecord, taskSet: TaskSetRecord): void
  /** By its alarms where there are some, otherwise by its circuit breaker; then rolls back if the service says so. */
  fail(service: ServiceRecord, taskSet: TaskSetRecord, triggeredAlarms?: readonly string[]): void
  /** Deploys again what `source` deployed. It is not validated: its revision may have been deregistered since. */
  rollBackTo(
    stopped: ServiceDeploymentRecord,
    service: ServiceRecord,
    source: ServiceRecord,
    reason: string,
  ): void
  /** The service is deleted: its task sets drain. */
  drain(service: ServiceRecord): void
}

export function createDeployments(
  context: EmulatorContext,
  state: EcsState,
  events: ServiceEvents,
  alarms: DeploymentAlarms,
): Deployments {
  const history = createDeploymentHistory(context, state)

  function start(service: ServiceRecord, reason?: string): TaskSetRecord {
    for (const taskSet of state.taskSetsOf(service)) {
      if (taskSet.status === 'PRIMARY') state.saveTaskSet({ ...taskSet, status: 'ACTIVE' })
    }
    const created = {
      ...taskSetRecord(context, state, service, primaryTaskSet(service)),
      ...alarms.watched(service),
    }
    const rolloutStateReason = reason ?? `ECS deployment ${created.id} in progress.`
    const taskSet: TaskSetRecord = { ...created, rolloutStateReason }
    state.saveTaskSet(taskSet)
    history.recordStart(service, taskSet)
    events.deployment(service, taskSet, 'IN_PROGRESS', rolloutStateReason)
    return taskSet
  }

  /** The last revision whose deployment completed becomes PRIMARY again. */
  function rollBack(service: ServiceRecord, failed: TaskSetRecord): void {
    const last = service.lastCompleted
    // Without a completed deployment of another revision there is nothing to roll back to.
    if (!last || last.taskDefinitionArn === failed.taskDefinitionArn) return
    const target = { ...service, taskDefinitionArn: last.taskDefinitionArn }
    state.saveService(target)
    const taskSet = start(target, `${failedBy(failed)}: rolling back to deploymentId ${last.id}.`)
    events.add(target, taskSet, `rolling back to deployment ${last.id}.`)
  }

  return {
    start: (service) => void start(service),

    countFailedTask(taskSet, change) {
      const counted = { ...taskSet, ...change, failedTasks: taskSet.failedTasks + 1 }
      state.saveTaskSet(counted)
      history.recordFailedTasks(counted)
    },

    complete(service, taskSet) {
      const { id, taskDefinitionArn } = taskSet
      const rolloutStateReason = `ECS deployment ${id} completed.`
      const completed: TaskSetRecord = { ...taskSet, rolloutState: 'COMPLETED', rolloutStateReason }
      state.saveTaskSet(completed)
      history.recordCompletion(completed)
      // A later deployment that fails is rolled back to this one.
      state.saveService({ ...service, lastCompleted: { id, taskDefinitionArn } })
      events.deployment(service, taskSet, 'COMPLETED', rolloutStateReason)
      events.add(service, taskSet, `(deployment ${id}) deployment completed.`)
    },

    fail(service, taskSet, triggeredAlarms) {
      const alarmed = triggeredAlarms ? { ...taskSet, triggeredAlarms } : taskSet
      const cause = triggeredAlarms ? 'alarm detected' : 'tasks failed to start'
      const rolloutStateReason = `${failedBy(alarmed)}: ${cause}.`
      const failed: TaskSetRecord = { ...alarmed, rolloutState: 'FAILED', rolloutStateReason }
      // One transaction: after a kill there is no failed deployment without its rollback.
      context.store.transaction(() => {
        state.saveTaskSet(failed)
        history.recordFailure(service, failed)
        events.deployment(service, failed, 'FAILED', rolloutStateReason)
        events.add(service, failed, `(deployment ${failed.id}) deployment failed: ${cause}.`)
        if (rollsBack(service, failed)) rollBack(service, failed)
      })
    },

    rollBackTo(stopped, service, source, reason) {
      const target = restored(service, source)
      // One transaction: after a kill there is no requested rollback that has not started.
      context.store.transaction(() => {
        history.requestRollback(stopped, reason)
        state.saveService(target)
        start(target)
      })
    },

    drain(service) {
      for (const taskSet of state.taskSetsOf(service)) {
        const draining: TaskSetRecord = { ...taskSet, status: 'DRAINING' }
        state.saveTaskSet(draining)
        history.recordDeletion(draining)
      }
    },
  }
}

/** The start of the reason of a failed deployment. AWS's text for the circuit breaker; it shows none for alarms. */
const failedBy = ({ triggeredAlarms }: TaskSetRecord): string =>
  triggeredAlarms ? 'ECS deployment alarms' : 'ECS deployment circuit breaker'
