/** Starts and stops the tasks of a service, and adds both to its events. */
import type { ServiceRecord, TaskRecord, TaskSetRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import type { EcsState } from '../model/state.ts'
import type { StopRequest } from '../task/life.ts'
import type { Tasks } from '../task/tasks.ts'

export interface ServiceTasks {
  /** `resumed`: without the time that Fargate takes. */
  start(service: ServiceRecord, taskSet: TaskSetRecord, count: number, resumed: boolean): void
  /** Drains the targets of the tasks, then stops the tasks. */
  stop(service: ServiceRecord, taskSet: TaskSetRecord, stopped: readonly TaskRecord[]): void
}

export function createServiceTasks(state: EcsState, tasks: Tasks, events: ServiceEvents): ServiceTasks {
  return {
    start(service, taskSet, count, resumed) {
      const definition = state.findTaskDefinition(taskSet.taskDefinitionArn)
      if (!definition) return
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
      events.add(service, taskSet, `has started ${count} tasks: ${listOf(started)}.`)
    },

    stop(service, taskSet, stopped) {
      const targetGroup = taskSet.loadBalancer?.targetGroupArn
      const registered = stopped.filter(({ target }) => target !== undefined).length
      if (targetGroup !== undefined && registered > 0) {
        events.add(service, taskSet, `deregistered ${registered} targets in (target-group ${targetGroup})`)
        events.add(service, taskSet, `has begun draining connections on ${registered} tasks.`)
      }
      for (const task of stopped) tasks.stop(task.id, stopRequest(taskSet, task.failedChecks))
      events.add(service, taskSet, `has stopped ${stopped.length} running tasks: ${listOf(stopped)}.`)
    },
  }
}

const listOf = (tasks: readonly TaskRecord[]) => tasks.map((task) => `(task ${task.id})`).join(' ')

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
