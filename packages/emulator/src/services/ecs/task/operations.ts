/** The API's operations on tasks. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import { emptyList, serviceNotFound, taskNotFound, tooMany, wrongTaskId } from '../model/errors.ts'
import { isLive } from '../model/model.ts'
import { missing, page } from '../model/paging.ts'
import { type EcsState, lastPart } from '../model/state.ts'
import type { RunTask } from './run-task.ts'
import type { Tasks } from './tasks.ts'
import { taskView } from './view.ts'

export interface TaskControl {
  readonly tasks: Tasks
  readonly runTask: RunTask
}

export function taskOperations(state: EcsState, { tasks, runTask }: TaskControl) {
  const inCluster = (clusterName: string, idOrArn: string) => {
    const task = state.tasks.get(lastPart(idOrArn))
    return task?.clusterName === clusterName ? task : undefined
  }
  return {
    RunTask: (input) => ({
      tasks: runTask(input).map((task) => taskView(state, task)),
      failures: [],
    }),
    StopTask: (input) => {
      const cluster = state.cluster(input.cluster)
      const task = inCluster(cluster.name, input.task ?? '')
      if (!task) throw isTaskId(input.task) ? taskNotFound() : wrongTaskId()
      tasks.stop(task.id, {
        stopCode: 'UserInitiated',
        stoppedReason: input.reason ?? 'Task stopped by user',
        drainFirst: false,
      })
      return { task: taskView(state, inCluster(cluster.name, task.id) ?? task) }
    },
    DescribeTasks: (input) => {
      const cluster = state.cluster(input.cluster)
      if (!input.tasks?.length) throw emptyList('Tasks')
      if (input.tasks.length > 100) throw tooMany('tasks', 100)
      const tagged = input.include?.includes('TAGS') ?? false
      const results = input.tasks.map((name) => ({ name, task: inCluster(cluster.name, name) }))
      if (results.some(({ name, task }) => !task && !isTaskId(name))) throw wrongTaskId()
      return {
        tasks: results.flatMap(({ task }) =>
          task ? [{ ...taskView(state, task), ...(tagged ? {} : { tags: [] }) }] : [],
        ),
        failures: results
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
        // The emulator has no container instances.
        .filter(() => input.containerInstance === undefined)
        .filter(({ launchType }) => input.launchType === undefined || launchType === input.launchType)
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

const isTaskId = (idOrArn = '') => [32, 36].includes(lastPart(idOrArn).length)
