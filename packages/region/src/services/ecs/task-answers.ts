/** What a task is told about itself at its metadata endpoint, and the credentials of its role. */
import type { TaskCredentials, TaskEndpoint } from '../../runtime/index.ts'
import type { RegionContext } from '../../service.ts'
import type { EcsDependencies } from './index.ts'
import type { TaskRecord } from './model.ts'
import { type EcsState, lastPart } from './state.ts'

const RENEWED_BEFORE_MS = 15 * 60_000

/** Makes the answers available; returns the variables that lead the task's containers to them. */
export function registerTaskAnswers(
  context: RegionContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
  task: TaskRecord,
  token: string,
): Readonly<Record<string, string>> {
  const definition = state.findTaskDefinition(task.taskDefinitionArn)
  const roleArn = task.overrides.taskRoleArn ?? definition?.input.taskRoleArn
  const current = () => state.tasks.get(task.id) ?? task
  const apiEndpoint = dependencies.apiEndpoint()
  let issued: TaskCredentials | undefined
  const credentials = (role: string): TaskCredentials => {
    const left = Date.parse(issued?.Expiration ?? '') - context.clock.now()
    // New ones while the old still work, as the agent rotates them.
    if (!issued || left < RENEWED_BEFORE_MS) issued = dependencies.taskCredentials(role, task.id)
    return issued
  }
  return {
    ...endpoint.register(token, {
      credentials: () => (roleArn === undefined ? undefined : credentials(roleArn)),
      container: () => containerMetadata(current()),
      task: () => taskMetadata(current()),
    }),
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    ...(apiEndpoint === undefined ? {} : { AWS_ENDPOINT_URL: apiEndpoint }),
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html */
function containerMetadata(task: TaskRecord): object | undefined {
  const container = task.containers[0]
  return (
    container && {
      DockerId: container.runtimeId,
      Name: container.name,
      DockerName: container.name,
      Image: container.image,
      ImageID: container.imageDigest,
      DesiredStatus: task.desiredStatus,
      KnownStatus: container.lastStatus,
      Type: 'NORMAL',
      ContainerARN: container.containerArn,
      Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [task.address] }],
    }
  )
}

function taskMetadata(task: TaskRecord): object {
  const [family, revision] = lastPart(task.taskDefinitionArn).split(':')
  return {
    Cluster: task.clusterName,
    TaskARN: task.arn,
    Family: family,
    Revision: revision,
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    LaunchType: task.launchType,
    ...(task.serviceName === undefined ? {} : { ServiceName: task.serviceName }),
    Containers: task.containers.map((container) => ({
      DockerId: container.runtimeId,
      Name: container.name,
      Image: container.image,
      KnownStatus: container.lastStatus,
      ContainerARN: container.containerArn,
    })),
  }
}
