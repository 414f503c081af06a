/** The API's operations on tasks. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../protocol/operations.ts'
import { activeRevision, networkOf } from './api-input.ts'
import { invalidParameter, serviceNotFound, taskNotFound } from './errors.ts'
import { isLive } from './model.ts'
import { missing, page } from './paging.ts'
import { type EcsState, lastPart } from './state.ts'
import { taskView } from './task-view.ts'
import type { Tasks } from './tasks.ts'

export function taskOperations(state: EcsState, tasks: Tasks) {
  const inCluster = (clusterName: string, idOrArn: string) => {
    const task = state.tasks.get(lastPart(idOrArn))
    return task?.clusterName === clusterName ? task : undefined
  }
  return {
    RunTask: (input) => {
      const cluster = state.cluster(input.cluster)
      const definition = activeRevision(state, input.taskDefinition)
      const names = definition.input.containerDefinitions.map(({ name }) => name)
      for (const { name } of input.overrides?.containerOverrides ?? []) {
        if (!names.includes(name))
          throw invalidParameter(
            `Override for container named ${name} is not a container in the TaskDefinition.`,
          )
      }
      const count = input.count ?? 1
      if (count < 1 || count > 10) throw invalidParameter('Count must be between 1 and 10.')
      if (definition.input.networkMode === 'awsvpc' && !input.networkConfiguration) {
        throw invalidParameter(
          "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
      }
      const launched = Array.from({ length: count }, () =>
        tasks.launch({
          definition,
          clusterName: cluster.name,
          group: input.group ?? `family:${definition.family}`,
          ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
          launchType: input.launchType ?? 'FARGATE',
          overrides: input.overrides ?? {},
          ...(input.enableExecuteCommand ? { enableExecuteCommand: true } : {}),
          network: networkOf(input.networkConfiguration),
          tags: [
            ...(input.propagateTags === 'TASK_DEFINITION' ? (definition.input.tags ?? []) : []),
            ...(input.tags ?? []),
          ],
        }),
      )
      return { tasks: launched.map((task) => taskView(state, task)), failures: [] }
    },
    StopTask: (input) => {
      const cluster = state.cluster(input.cluster)
      const task = inCluster(cluster.name, input.task ?? '')
      if (!task) throw taskNotFound()
      tasks.stop(task.id, {
        stopCode: 'UserInitiated',
        stoppedReason: input.reason ?? 'Task stopped by user',
        drainFirst: false,
      })
      return { task: taskView(state, inCluster(cluster.name, task.id) ?? task) }
    },
    DescribeTasks: (input) => {
      const cluster = state.cluster(input.cluster)
      if (!input.tasks?.length) throw invalidParameter('Tasks cannot be empty.')
      const found = input.tasks.map((name) => ({ name, task: inCluster(cluster.name, name) }))
      return {
        tasks: found.flatMap(({ task }) => (task ? [taskView(state, task)] : [])),
        failures: found
          .filter(({ task }) => !task)
          .map(({ name }) =>
            missing(name.startsWith('arn:') ? name : state.arn(`task/${cluster.name}/${name}`)),
          ),
      }
    },
    ListTasks: (input) => {
      const cluster = state.cluster(input.cluster)
      if (input.serviceName !== undefined && !state.findService(cluster.name, input.serviceName))
        throw serviceNotFound()
      const desired = input.desiredStatus ?? 'RUNNING'
      const arns = state.tasks
        .values()
        .filter((task) => task.clusterName === cluster.name)
        .filter((task) => (desired === 'STOPPED' ? !isLive(task) : isLive(task)))
        .filter((task) => input.serviceName === undefined || task.serviceName === lastPart(input.serviceName))
        .filter((task) => input.startedBy === undefined || task.startedBy === input.startedBy)
        .filter(
          (task) =>
            input.family === undefined || lastPart(task.taskDefinitionArn).split(':')[0] === input.family,
        )
        .map(({ arn }) => arn)
      const { items, nextToken } = page(arns, input)
      return { taskArns: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}
