/** The documents of tasks: a new one, its changes, and how many stopped ones are kept. */
import type { EmulatorContext } from '../../../service.ts'
import type {
  ContainerChange,
  LoadBalancerAttachment,
  NetworkConfiguration,
  TaskDefinitionRecord,
  TaskOverrides,
  TaskRecord,
} from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** AWS describes a stopped task for at least an hour; the emulator keeps the last ones. */
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
  readonly enableExecuteCommand?: boolean
  readonly loadBalancer?: LoadBalancerAttachment | undefined
  /** Started again after a restart of the emulator: without the time that Fargate needs. */
  readonly resumed?: boolean
}

/** A new task: PROVISIONING, its containers PENDING. */
export function newTask(
  context: EmulatorContext,
  state: EcsState,
  request: LaunchRequest,
  zoneOf: (subnetId: string) => string | undefined,
): TaskRecord {
  const { ids } = context
  const id = ids.hex('', 32)
  const arn = state.arn(`task/${request.clusterName}/${id}`)
  const subnetId = subnetFor(state, request)
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
      ...(container.memory === undefined ? {} : { memory: String(container.memory) }),
      ...(container.memoryReservation === undefined
        ? {}
        : { memoryReservation: String(container.memoryReservation) }),
    })),
    overrides: request.overrides,
    network: request.network,
    ...(subnetId === undefined
      ? {}
      : {
          subnetId,
          availabilityZone: zoneOf(subnetId) ?? `${context.region}a`,
          attachment: {
            id: ids.uuid(),
            networkInterfaceId: ids.hex('eni-', 17),
            // Locally administered, as the addresses of AWS's network interfaces.
            macAddress: `02${ids.hex('', 10)}`.replace(/..(?=.)/g, '$&:'),
          },
        }),
    ...(request.enableExecuteCommand ? { enableExecuteCommand: true } : {}),
    tags: request.tags,
    version: 1,
    createdAt: context.clock.now(),
  }
}

/**
 * The subnet that has the fewest tasks of the set, so that the tasks spread over the Availability Zones.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
function subnetFor(state: EcsState, request: LaunchRequest): string | undefined {
  const subnets = request.network?.subnets ?? []
  const members = request.taskSetId === undefined ? [] : state.tasksOf({ id: request.taskSetId })
  const load = (subnetId: string) =>
    members.filter((task) => task.desiredStatus === 'RUNNING' && task.subnetId === subnetId).length
  return [...subnets].sort((a, b) => load(a) - load(b))[0]
}

/** The containers of a task with the change of one of them, and its time. */
export function withContainer(
  containers: TaskRecord['containers'],
  name: string,
  update: ContainerChange,
  now: number,
): TaskRecord['containers'] {
  const times = {
    ...(update.lastStatus === 'RUNNING' ? { startedAt: now } : {}),
    ...(update.lastStatus === 'STOPPED' ? { finishedAt: now } : {}),
    ...(update.healthStatus ? { healthSince: now } : {}),
  }
  return containers.map((container) =>
    container.name === name
      ? { ...container, ...update, times: { ...container.times, ...times } }
      : container,
  )
}

/** The end of a task whose processes have ended already. */
export function stoppedNow(reason: { stopCode: NonNullable<TaskRecord['stopCode']>; stoppedReason: string }) {
  return { ...reason, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' } as const
}

/** Removes the oldest stopped tasks. */
export function pruneStopped(state: EcsState): void {
  const stopped = state.tasks.values().filter((task) => task.lastStatus === 'STOPPED')
  for (const task of stopped.slice(0, Math.max(0, stopped.length - STOPPED_TASKS_KEPT)))
    state.tasks.remove(task.id)
}

/** Whether AWS sends an event for the change: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
export function changesState(task: TaskRecord, prior: TaskRecord | undefined): boolean {
  if (task.lastStatus !== prior?.lastStatus || task.desiredStatus !== prior.desiredStatus) return true
  return task.containers.some(({ lastStatus }, index) => lastStatus !== prior.containers[index]?.lastStatus)
}
