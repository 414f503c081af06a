/** The documents of task sets: how one begins, when it is steady, when it never will be. */
import type { EmulatorContext } from '../../../service.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { computedDesiredCount, isLive, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import { decimalId, serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import { isHealthy } from '../task/health.ts'

/** What is its own of a new task set; the rest is its service's. */
export type NewTaskSet = Pick<TaskSetRecord, 'status' | 'taskDefinitionArn' | 'loadBalancer'> & {
  readonly [own in 'externalId' | 'startedBy' | 'network' | 'platformVersion' | 'capacityProviderStrategy']?:
    | TaskSetRecord[own]
    | undefined
}

export function taskSetRecord(
  context: EmulatorContext,
  state: EcsState,
  service: ServiceRecord,
  made: NewTaskSet,
): TaskSetRecord {
  const now = context.clock.now()
  const id = `ecs-svc/${decimalId(context.ids)}`
  const { status, taskDefinitionArn, loadBalancer, network = service.network, ...own } = made
  return {
    ...withoutUndefined(own),
    id,
    arn: state.arn(`task-set/${service.clusterName}/${service.name}/${id}`),
    serviceArn: service.arn,
    clusterName: service.clusterName,
    serviceName: service.name,
    status,
    taskDefinitionArn,
    loadBalancer,
    network,
    createdAt: now,
    updatedAt: now,
    stabilityStatus: 'STABILIZING',
    stabilityStatusAt: now,
    failedTasks: 0,
    failedStarts: 0,
    ...(service.controller === 'ECS' ? { rolloutState: 'IN_PROGRESS' as const } : {}),
  }
}

const withoutUndefined = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [key in keyof T]: Exclude<T[key], undefined>
  }

/** Running = desired, none pending, all healthy. */
export function isSteady(state: EcsState, elbv2: Elbv2, taskSetId: string): boolean {
  const taskSet = state.taskSets.get(taskSetId)
  const service = serviceOf(state, taskSet)
  if (!taskSet || !service) return false
  const live = state.tasksOf(taskSet).filter(isLive)
  return (
    live.length === computedDesiredCount(service, taskSet) &&
    live.every((task) => isHealthy(state, elbv2, task))
  )
}

/** On its way out, or gone, or its service is: it never becomes steady. */
export function isEnding(state: EcsState, taskSetId: string): boolean {
  const taskSet = state.taskSets.get(taskSetId)
  return !taskSet || taskSet.status === 'DRAINING' || serviceOf(state, taskSet)?.status !== 'ACTIVE'
}

const serviceOf = (state: EcsState, taskSet: TaskSetRecord | undefined) =>
  taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
