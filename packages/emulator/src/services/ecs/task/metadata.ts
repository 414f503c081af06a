/**
 * The answers of a task's metadata endpoint, version 4, as on Fargate.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
 */
import type { ContainerDefinition, Tag } from '@aws-sdk/client-ecs'
import type { ContainerRecord, TaskRecord } from '../model/model.ts'
import { type EcsState, lastPart } from '../model/state.ts'

/** The answer to `/task`. */
export function taskMetadata(state: EcsState, task: TaskRecord): object {
  const definition = state.findTaskDefinition(task.taskDefinitionArn)?.input
  const cpu = units(task.overrides.cpu ?? definition?.cpu)
  const memory = units(task.overrides.memory ?? definition?.memory)
  return {
    Cluster: state.arn(`cluster/${task.clusterName}`),
    TaskARN: task.arn,
    ...revisionOf(task),
    ...(task.serviceName === undefined ? {} : { ServiceName: task.serviceName }),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    // vCPUs and MiB.
    Limits: { CPU: cpu / 1024, Memory: memory },
    PullStartedAt: iso(task.pullStartedAt),
    PullStoppedAt: iso(task.pullStoppedAt),
    AvailabilityZone: task.availabilityZone,
    LaunchType: task.launchType,
    Containers: task.containers.map((_, index) => containerMetadata(state, task, index)),
    // The used part is not measured.
    EphemeralStorageMetrics: { Reserved: (definition?.ephemeralStorage?.sizeInGiB ?? 20) * 1024 },
    FaultInjectionEnabled: false,
  }
}

/** The answer to `/taskWithTags`. */
export function taskMetadataWithTags(state: EcsState, task: TaskRecord): object {
  return { ...taskMetadata(state, task), TaskTags: tagMap(task.tags), ContainerInstanceTags: {} }
}

/** The answer to the endpoint itself, which is different for each container. */
export function containerMetadata(state: EcsState, task: TaskRecord, index: number): object | undefined {
  const container = task.containers[index]
  if (!container) return undefined
  const { Family: family, Revision: revision } = revisionOf(task)
  const definition = state
    .findTaskDefinition(task.taskDefinitionArn)
    ?.input.containerDefinitions.find(({ name }) => name === container.name)
  return {
    DockerId: container.runtimeId,
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    ImageID: container.imageDigest,
    Labels: {
      'com.amazonaws.ecs.cluster': state.arn(`cluster/${task.clusterName}`),
      'com.amazonaws.ecs.container-name': container.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': family,
      'com.amazonaws.ecs.task-definition-version': revision,
      ...definition?.dockerLabels,
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.lastStatus,
    ...(container.exitCode === undefined ? {} : { ExitCode: container.exitCode }),
    ...(definition?.restartPolicy?.enabled ? { RestartCount: container.restarts ?? 0 } : {}),
    Limits: limitsOf(definition),
    CreatedAt: iso(container.times?.startedAt),
    StartedAt: iso(container.times?.startedAt),
    FinishedAt: iso(container.times?.finishedAt),
    Type: 'NORMAL',
    ...healthOf(container),
    ContainerARN: container.containerArn,
    ...logOf(definition),
    Networks: [networkOf(task)],
    Snapshotter: 'overlayfs',
  }
}

const limitsOf = (definition: ContainerDefinition | undefined) => ({
  CPU: definition?.cpu ?? 0,
  ...(definition?.memory === undefined ? {} : { Memory: definition.memory }),
})

const healthOf = ({ healthStatus, times }: ContainerRecord) =>
  healthStatus === undefined || healthStatus === 'UNKNOWN'
    ? {}
    : { Health: { status: healthStatus, statusSince: iso(times?.healthSince) } }

const logOf = (definition: ContainerDefinition | undefined) =>
  definition?.logConfiguration
    ? {
        LogDriver: definition.logConfiguration.logDriver,
        LogOptions: definition.logConfiguration.options ?? {},
      }
    : {}

const networkOf = (task: TaskRecord) => ({
  NetworkMode: 'awsvpc',
  IPv4Addresses: task.address === undefined ? [] : [task.address],
  AttachmentIndex: 0,
  ...(task.attachment ? { MACAddress: task.attachment.macAddress } : {}),
})

function revisionOf(task: TaskRecord): { Family: string; Revision: string } {
  const [Family = '', Revision = ''] = lastPart(task.taskDefinitionArn).split(':')
  return { Family, Revision }
}

const tagMap = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value]))

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())

/** `256`, or as `0.25 vCPU` or `0.5 GB`. */
function units(text: string | undefined): number {
  const amount = Number.parseFloat(text ?? '0')
  return /vcpu|gb/i.test(text ?? '') ? amount * 1024 : amount
}
