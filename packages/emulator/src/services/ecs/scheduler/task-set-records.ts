/** The documents of new task sets. */
import type { EmulatorContext } from '../../../service.ts'
import type { ServiceRecord, TaskSetRecord } from '../model/model.ts'
import { decimalId } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'

/** The fields that a new task set does not take from its service. */
export type NewTaskSet = Pick<TaskSetRecord, 'status' | 'taskDefinitionArn' | 'loadBalancer'> & {
  readonly [own in 'externalId' | 'startedBy' | 'network' | 'platformVersion' | 'capacityProviderStrategy']?:
    | TaskSetRecord[own]
    | undefined
}

export function taskSetRecord(
  context: EmulatorContext,
  state: EcsState,
  service: ServiceRecord,
  fields: NewTaskSet,
): TaskSetRecord {
  const now = context.clock.now()
  const id = `ecs-svc/${decimalId(context.ids)}`
  const { status, taskDefinitionArn, loadBalancer, network = service.network, ...own } = fields
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

/** The PRIMARY task set of a service as it is now. */
export const primaryTaskSet = (service: ServiceRecord): NewTaskSet => ({
  status: 'PRIMARY',
  taskDefinitionArn: service.taskDefinitionArn,
  loadBalancer: service.loadBalancers[0],
})
