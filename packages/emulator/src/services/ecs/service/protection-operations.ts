/** The API's operations on the scale-in protection of the tasks of services. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import { emptyList, invalidParameter, tooMany } from '../model/errors.ts'
import { isLive, type TaskRecord } from '../model/model.ts'
import { missing } from '../model/paging.ts'
import { type EcsState, lastPart } from '../model/state.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { protectedUntil, protectionEnds } from '../task/protection.ts'

const defaultMinutes = 120
const maximumMinutes = 2880

export function protectionOperations(
  context: EmulatorContext,
  state: EcsState,
  scheduler: Pick<Scheduler, 'enqueue'>,
) {
  const ends = protectionEnds(context)
  const view = (task: TaskRecord): sdk.ProtectedTask => {
    const end = protectedUntil(context, task)
    return end === undefined
      ? { taskArn: task.arn, protectionEnabled: false }
      : { taskArn: task.arn, protectionEnabled: true, expirationDate: new Date(end) }
  }
  /** The tasks that can be protected, and the failures of the others. */
  const findProtectable = (clusterName: string, names: readonly string[]) => {
    const tasks: TaskRecord[] = []
    const failures: sdk.Failure[] = []
    for (const name of names) {
      const arn = name.startsWith('arn:') ? name : state.arn(`task/${clusterName}/${name}`)
      const task = state.tasks.get(lastPart(name))
      if (!task || task.clusterName !== clusterName) failures.push(missing(arn))
      else if (task.serviceName === undefined || !isLive(task))
        failures.push({ arn, reason: 'TASK_NOT_VALID' })
      else tasks.push(task)
    }
    return { tasks, failures }
  }
  return {
    GetTaskProtection: (input) => {
      const cluster = state.cluster(input.cluster)
      if ((input.tasks?.length ?? 0) > 100) throw tooMany('tasks', 100)
      const members = state.tasks
        .values()
        .filter((task) => task.clusterName === cluster.name && task.serviceName !== undefined && isLive(task))
      const { tasks, failures } = input.tasks?.length
        ? findProtectable(cluster.name, input.tasks)
        : { tasks: members.filter((task) => protectedUntil(context, task) !== undefined), failures: [] }
      return { protectedTasks: tasks.map(view), failures }
    },
    UpdateTaskProtection: (input) => {
      const cluster = state.cluster(input.cluster)
      if (!input.tasks?.length) throw emptyList('Tasks')
      if (input.tasks.length > 10) throw tooMany('tasks', 10)
      const minutes = input.expiresInMinutes ?? defaultMinutes
      if (minutes < 1 || minutes > maximumMinutes)
        throw invalidParameter(`expiresInMinutes must be between 1 and ${maximumMinutes}.`)
      const { tasks, failures } = findProtectable(cluster.name, input.tasks)
      const end = context.clock.now() + context.clock.toReal(minutes * 60_000)
      for (const [id] of ends.entries()) if (!protectedUntil(context, { id })) ends.delete(id)
      for (const task of tasks) {
        if (input.protectionEnabled) ends.put(task.id, end)
        else ends.delete(task.id)
      }
      // The service may stop now what was protected.
      for (const name of new Set(tasks.map(({ serviceName }) => serviceName ?? '')))
        scheduler.enqueue({ clusterName: cluster.name, name })
      return { protectedTasks: tasks.map(view), failures }
    },
  } satisfies Operations<typeof sdk>
}
