/** The metadata endpoint of a task: its containers read their metadata and the credentials of their role there. */
import type { TaskCredentials, TaskEndpoint, TaskNetwork } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { containerMetadata, taskMetadata, taskMetadataWithTags } from './metadata.ts'
import { containerStats, taskStats } from './stats.ts'

/** Credentials are renewed this long before they expire. */
const RENEWED_BEFORE_MS = 15 * 60_000

export interface TaskMetadataEndpoint {
  /** The environment variables with the addresses for this container. */
  variables(containerName: string): Readonly<Record<string, string>>
  close(): void
}

/** Each container gets its own address. */
export function serveMetadata(
  context: EmulatorContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
  { task, network }: { readonly task: TaskRecord; readonly network: Pick<TaskNetwork, 'metadata'> },
): TaskMetadataEndpoint {
  const definition = state.findTaskDefinition(task.taskDefinitionArn)
  const roleArn = task.overrides.taskRoleArn ?? definition?.input.taskRoleArn
  const memory = Number.parseInt(task.overrides.memory ?? definition?.input.memory ?? '0', 10)
  const current = () => state.tasks.get(task.id) ?? task
  // Where AWS's own names resolve, no variable leads to them.
  const apiEndpoint = network.metadata === 'loopback' ? dependencies.apiEndpoint() : undefined
  let issued: TaskCredentials | undefined
  const credentials = (role: string): TaskCredentials => {
    const left = Date.parse(issued?.Expiration ?? '') - context.clock.now()
    // The agent of ECS also renews them before the old ones expire.
    if (!issued || left < RENEWED_BEFORE_MS) issued = dependencies.taskCredentials(role, task.id)
    return issued
  }
  const tokens: string[] = []
  return {
    variables(containerName) {
      const index = task.containers.findIndex(({ name }) => name === containerName)
      const token = context.ids.hex('', 32)
      tokens.push(token)
      return {
        ...endpoint.register(token, network.metadata, {
          credentials: () => (roleArn === undefined ? undefined : credentials(roleArn)),
          metadata: {
            '': () => containerMetadata(state, current(), index),
            task: () => taskMetadata(state, current()),
            taskWithTags: () => taskMetadataWithTags(state, current()),
            stats: () => containerStats(current(), index, memory),
            'task/stats': () => taskStats(current(), memory),
          },
        }),
        AWS_REGION: context.region,
        AWS_DEFAULT_REGION: context.region,
        ...(apiEndpoint === undefined ? {} : { AWS_ENDPOINT_URL: apiEndpoint }),
      }
    },
    close() {
      for (const token of tokens) endpoint.unregister(token)
    },
  }
}
