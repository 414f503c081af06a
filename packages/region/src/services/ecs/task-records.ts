/** The documents of tasks: how one begins, how one ends, how many ended ones are kept. */
import type { RegionContext } from '../../service.ts'
import type {
  LoadBalancerAttachment,
  NetworkConfiguration,
  TaskDefinitionRecord,
  TaskOverrides,
  TaskRecord,
} from './model.ts'
import type { EcsState } from './state.ts'

/** Stopped tasks can be described for an hour at least; here the last ones can be. */
const STOPPED_TASKS_KEPT = 200

export interface LaunchRequest {
  readonly definition: TaskDefinitionRecord
  readonly clusterName: string
  readonly serviceName?: string
  readonly taskSetId?: string
  readonly group: string
  readonly startedBy?: string
  readonly launchType: string
  readonly overrides: TaskOverrides
  readonly network: NetworkConfiguration | undefined
  readonly tags: TaskRecord['tags']
  readonly loadBalancer?: LoadBalancerAttachment | undefined
  /** Taken up again after the region was stopped: without the time that Fargate takes. */
  readonly resumed?: boolean
}

/** A task as it begins: PROVISIONING, its containers PENDING. */
export function newTask(context: RegionContext, state: EcsState, request: LaunchRequest): TaskRecord {
  const id = context.ids.hex('', 32)
  const arn = state.arn(`task/${request.clusterName}/${id}`)
  return {
    id,
    arn,
    clusterName: request.clusterName,
    ...(request.serviceName === undefined ? {} : { serviceName: request.serviceName }),
    ...(request.taskSetId === undefined ? {} : { taskSetId: request.taskSetId }),
    ...(request.startedBy === undefined ? {} : { startedBy: request.startedBy }),
    taskDefinitionArn: request.definition.arn,
    group: request.group,
    launchType: request.launchType,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    containers: request.definition.input.containerDefinitions.map((container) => ({
      containerArn: state.arn(`container/${request.clusterName}/${id}/${context.ids.uuid()}`),
      taskArn: arn,
      name: container.name,
      image: container.image,
      lastStatus: 'PENDING',
      healthStatus: 'UNKNOWN' as const,
      cpu: String(container.cpu ?? 0),
    })),
    overrides: request.overrides,
    network: request.network,
    tags: request.tags,
    createdAt: context.clock.now(),
  }
}

/** The end of a task whose processes are gone already. */
export function stoppedNow(reason: { stopCode: NonNullable<TaskRecord['stopCode']>; stoppedReason: string }) {
  return { ...reason, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' } as const
}

/** Forgets the oldest stopped tasks. */
export function pruneStopped(state: EcsState): void {
  const stopped = state.tasks.values().filter((task) => task.lastStatus === 'STOPPED')
  for (const task of stopped.slice(0, Math.max(0, stopped.length - STOPPED_TASKS_KEPT)))
    state.tasks.delete(task.id)
}
