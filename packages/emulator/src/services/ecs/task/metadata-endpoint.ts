/** Where a task's containers ask about themselves, and for the credentials of their task's role. */
import type { TaskCredentials, TaskEndpoint } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { containerMetadata, taskMetadata, taskMetadataWithTags } from './metadata.ts'
import { containerStats, taskStats } from './stats.ts'

const RENEWED_BEFORE_MS = 15 * 60_000

export interface TaskAnswering {
  /** The variables that lead this container to its answers. */
  variables(containerName: string): Readonly<Record<string, string>>
  end(): void
}

/** Makes the answers available, to each container at an address of its own. */
export function answerTask(
  context: EmulatorContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
  task: TaskRecord,
): TaskAnswering {
  const definition = state.findTaskDefinition(task.taskDefinitionArn)
  const roleArn = task.overrides.taskRoleArn ?? definition?.input.taskRoleArn
  const memory = Number.parseInt(task.overrides.memory ?? definition?.input.memory ?? '0', 10)
  const current = () => state.tasks.get(task.id) ?? task
  const apiEndpoint = dependencies.apiEndpoint()
  let issued: TaskCredentials | undefined
  const credentials = (role: string): TaskCredentials => {
    const left = Date.parse(issued?.Expiration ?? '') - context.clock.now()
    // New ones while the old still work, as the agent rotates them.
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
        ...endpoint.register(token, {
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
    end() {
      for (const token of tokens) endpoint.unregister(token)
    },
  }
}
