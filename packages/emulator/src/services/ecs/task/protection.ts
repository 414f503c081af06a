/**
 * Scale-in protection: for a while, a service does not stop such a task of its own accord when it scales in or
 * deploys. Whoever stops it by hand, and what ends by itself, is not held up.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import { emptyList, invalidParameter, tooMany } from '../model/errors.ts'
import { isLive, type ServiceRecord, type TaskRecord } from '../model/model.ts'
import { missing } from '../model/paging.ts'
import { type EcsState, lastPart } from '../model/state.ts'
import type { ServiceChange } from '../service/change.ts'

const usualMinutes = 120
const longestMinutes = 2880

/** When the protection of each task ends, in wall-clock milliseconds; absent: it is not protected. */
const expiries = (context: EmulatorContext) => context.store.collection<number>('ecs.task-protection')

/** Until when, by the wall clock, a service has to leave the task alone; undefined: it need not. */
export function protectedUntil(context: EmulatorContext, task: Pick<TaskRecord, 'id'>): number | undefined {
  const end = expiries(context).get(task.id)
  return end !== undefined && end > context.clock.now() ? end : undefined
}

export function protectionOperations(
  context: EmulatorContext,
  state: EcsState,
  control: { update(service: ServiceRecord, change: ServiceChange): ServiceRecord },
) {
  const ends = expiries(context)
  const shown = (task: TaskRecord): sdk.ProtectedTask => {
    const end = protectedUntil(context, task)
    return end === undefined
      ? { taskArn: task.arn, protectionEnabled: false }
      : { taskArn: task.arn, protectionEnabled: true, expirationDate: new Date(end) }
  }
  /** The tasks that can be protected, and the failures of the others. */
  const sort = (clusterName: string, wanted: readonly string[]) => {
    const tasks: TaskRecord[] = []
    const failures: sdk.Failure[] = []
    for (const name of wanted) {
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
        ? sort(cluster.name, input.tasks)
        : { tasks: members.filter((task) => protectedUntil(context, task) !== undefined), failures: [] }
      return { protectedTasks: tasks.map(shown), failures }
    },
    UpdateTaskProtection: (input) => {
      const cluster = state.cluster(input.cluster)
      if (!input.tasks?.length) throw emptyList('Tasks')
      if (input.tasks.length > 10) throw tooMany('tasks', 10)
      const minutes = input.expiresInMinutes ?? usualMinutes
      if (minutes < 1 || minutes > longestMinutes)
        throw invalidParameter(`expiresInMinutes must be between 1 and ${longestMinutes}.`)
      const { tasks, failures } = sort(cluster.name, input.tasks)
      const end = context.clock.now() + context.clock.toReal(minutes * 60_000)
      for (const [id] of ends.entries()) if (!protectedUntil(context, { id })) ends.delete(id)
      for (const task of tasks) {
        if (input.protectionEnabled) ends.put(task.id, end)
        else ends.delete(task.id)
      }
      // What was held up goes on.
      for (const name of new Set(tasks.map(({ serviceName }) => serviceName ?? ''))) {
        const service = state.findService(cluster.name, name)
        if (service?.status === 'ACTIVE') control.update(service, {})
      }
      return { protectedTasks: tasks.map(shown), failures }
    },
  } satisfies Operations<typeof sdk>
}
