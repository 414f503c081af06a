/** Starts and stops tasks on behalf of a service, and says so in its events. */

import { isRunning, type ServiceRecord, type TaskRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import type { EcsState } from '../model/state.ts'
import type { StopRequest } from '../task/life.ts'
import type { Tasks } from '../task/tasks.ts'
import type { FailedTasks } from './failed-tasks.ts'

export interface ServiceTasks {
  /** Starts tasks of the set; when it has to wait after failedTasks, `later` is called with how long. */
  start(
    service: ServiceRecord,
    taskSet: TaskSetRecord,
    count: number,
    later: (waitMs: number) => void,
    resumed: boolean,
  ): void
  /** Takes tasks out of service and stops them. */
  stop(
    service: ServiceRecord,
    taskSet: TaskSetRecord,
    victims: readonly TaskRecord[],
    reason?: (task: TaskRecord) => string | undefined,
  ): void
}

export function createServiceTasks(
  state: EcsState,
  tasks: Tasks,
  events: ServiceEvents,
  failedTasks: FailedTasks,
): ServiceTasks {
  return {
    start(service, taskSet, count, later, resumed) {
      const definition = state.findTaskDefinition(taskSet.taskDefinitionArn)
      if (count <= 0 || !definition) return
      const wait = failedTasks.waitMs(taskSet.id)
      if (wait > 0) {
        later(wait)
        return
      }
      const started = Array.from({ length: count }, () =>
        tasks.launch({
          definition,
          clusterName: service.clusterName,
          serviceName: service.name,
          taskSetId: taskSet.id,
          group: `service:${service.name}`,
          startedBy: taskSet.id,
          launchType: service.launchType ?? 'FARGATE',
          overrides: {},
          network: taskSet.network ?? service.network,
          tags: tagsOf(service, definition.input.tags ?? []),
          enableExecuteCommand: service.enableExecuteCommand,
          loadBalancer: taskSet.loadBalancer,
          resumed,
        }),
      )
      events.add(service, taskSet, `has started ${count} tasks: ${named(started)}.`)
    },

    stop(service, taskSet, victims, reason) {
      if (victims.length === 0) return
      const targetGroup = taskSet.loadBalancer?.targetGroupArn
      const registered = victims.filter(({ target }) => target !== undefined).length
      if (targetGroup !== undefined && registered > 0) {
        events.add(service, taskSet, `deregistered ${registered} targets in (target-group ${targetGroup})`)
        events.add(service, taskSet, `has begun draining connections on ${registered} tasks.`)
      }
      for (const task of victims) tasks.stop(task.id, stopRequest(taskSet, reason?.(task)))
      events.add(service, taskSet, `has stopped ${victims.length} running tasks: ${named(victims)}.`)
    },
  }
}

const named = (some: readonly TaskRecord[]) => some.map((task) => `(task ${task.id})`).join(' ')

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
function stopRequest(taskSet: TaskSetRecord, reason: string | undefined): StopRequest {
  return {
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: reason ?? `Scaling activity initiated by (deployment ${taskSet.id})`,
    drainFirst: true,
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html */
function tagsOf(service: ServiceRecord, ofDefinition: ServiceRecord['tags']): ServiceRecord['tags'] {
  const propagated =
    service.propagateTags === 'SERVICE'
      ? service.tags
      : service.propagateTags === 'TASK_DEFINITION'
        ? ofDefinition
        : []
  if (!service.enableEcsManagedTags) return propagated
  return [
    { key: 'aws:ecs:clusterName', value: service.clusterName },
    { key: 'aws:ecs:serviceName', value: service.name },
    ...propagated,
  ]
}

/**
 * Whom to stop when there are more than wanted: those that do not run yet are no loss; then the zone with most
 * tasks gives one, the newest first.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
 */
export function surplus(live: readonly TaskRecord[], count: number): TaskRecord[] {
  const left = new Set(live)
  const inZone = (task: TaskRecord) =>
    [...left].filter(({ availabilityZone }) => availabilityZone === task.availabilityZone).length
  const victims: TaskRecord[] = []
  while (victims.length < count && left.size > 0) {
    const [next] = [...left].sort(
      (a, b) =>
        Number(isRunning(a)) - Number(isRunning(b)) || inZone(b) - inZone(a) || b.createdAt - a.createdAt,
    )
    if (!next) break
    left.delete(next)
    victims.push(next)
  }
  return victims
}
