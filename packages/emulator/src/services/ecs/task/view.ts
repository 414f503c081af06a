/** Tasks as the API and the task state change events show them. */
import type { Attachment, Container, Task } from '@aws-sdk/client-ecs'
import type { TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

export function taskView(state: EcsState, task: TaskRecord): Task {
  const definition = state.findTaskDefinition(task.taskDefinitionArn)?.input
  return {
    taskArn: task.arn,
    clusterArn: state.arn(`cluster/${task.clusterName}`),
    taskDefinitionArn: task.taskDefinitionArn,
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.launchType as 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    availabilityZone: task.availabilityZone,
    attributes: [
      {
        name: 'ecs.cpu-architecture',
        value: definition?.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
      },
    ],
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    cpu: task.overrides.cpu ?? definition?.cpu,
    memory: task.overrides.memory ?? definition?.memory,
    ephemeralStorage: task.overrides.ephemeralStorage ?? definition?.ephemeralStorage ?? { sizeInGiB: 20 },
    connectivity: task.connectivityAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: date(task.connectivityAt),
    containers: task.containers.map(({ times: _times, restarts: _restarts, ...container }) => ({
      ...container,
      networkInterfaces: task.address === undefined ? [] : [interfaceOf(task, task.address)],
    })),
    attachments: attachmentsOf(task),
    overrides: {
      inferenceAcceleratorOverrides: [],
      ...task.overrides,
      containerOverrides: task.containers.map(({ name }) => ({
        name,
        ...task.overrides.containerOverrides?.find((override) => override.name === name),
      })),
    },
    inferenceAccelerators: [],
    enableExecuteCommand: task.enableExecuteCommand ?? false,
    healthStatus: taskHealth(definition?.containerDefinitions ?? [], task.containers),
    tags: [...task.tags],
    version: task.version ?? 1,
    createdAt: new Date(task.createdAt),
    pullStartedAt: date(task.pullStartedAt),
    pullStoppedAt: date(task.pullStoppedAt),
    startedAt: date(task.startedAt),
    stoppingAt: date(task.stoppingAt),
    executionStoppedAt: date(task.executionStoppedAt),
    stoppedAt: date(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
  }
}

/**
 * The health of a task is that of its essential containers with a health check; without any it is UNKNOWN.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
export function taskHealth(
  definitions: readonly {
    name?: string | undefined
    essential?: boolean | undefined
    healthCheck?: object | undefined
  }[],
  containers: readonly Container[],
): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  const checked = definitions
    .filter(({ essential, healthCheck }) => essential !== false && healthCheck !== undefined)
    .map(({ name }) => containers.find((container) => container.name === name)?.healthStatus)
  if (checked.includes('UNHEALTHY')) return 'UNHEALTHY'
  return checked.length > 0 && checked.every((status) => status === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN'
}

const interfaceOf = (task: TaskRecord, privateIpv4Address: string) => ({
  ...(task.attachment ? { attachmentId: task.attachment.id } : {}),
  privateIpv4Address,
})

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html */
function attachmentsOf(task: TaskRecord): Attachment[] {
  if (!task.attachment) return []
  const details = [
    { name: 'subnetId', value: task.subnetId },
    { name: 'networkInterfaceId', value: task.attachment.networkInterfaceId },
    { name: 'macAddress', value: task.attachment.macAddress },
    { name: 'privateIPv4Address', value: task.address },
  ]
  return [
    {
      id: task.attachment.id,
      type: 'ElasticNetworkInterface',
      status: attachmentStatus(task),
      // AWS leaves out a detail that does not exist yet.
      details: details.filter(({ value }) => value !== undefined),
    },
  ]
}

function attachmentStatus(task: TaskRecord): string {
  if (task.lastStatus === 'STOPPED') return 'DELETED'
  if (task.lastStatus === 'DEPROVISIONING') return 'DETACHING'
  return task.address === undefined ? 'PRECREATED' : 'ATTACHED'
}

/**
 * The detail of a task state change event: the task without its health, with its network interface named `eni`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function taskEventDetail(
  state: EcsState,
  task: TaskRecord,
  updatedAt: number,
): Record<string, unknown> {
  const { healthStatus: _health, tags: _tags, ...view } = taskView(state, task)
  return JSON.parse(
    JSON.stringify({
      ...view,
      containers: view.containers?.map(({ healthStatus: _status, ...container }) => container),
      attachments: view.attachments?.map((attachment) => ({ ...attachment, type: 'eni' })),
      updatedAt: new Date(updatedAt),
    }),
  ) as Record<string, unknown>
}
