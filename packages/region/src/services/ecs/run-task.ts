/** RunTask: what is checked before one-off tasks start, and the same answer for the same client token. */
import type * as sdk from '@aws-sdk/client-ecs'
import { AwsError } from '../../protocol/api.ts'
import type { RegionContext } from '../../service.ts'
import { activeRevision, networkOf, refuseOffFargate } from './api-input.ts'
import { invalidParameter, notImplemented } from './errors.ts'
import type { TaskDefinitionRecord, TaskRecord } from './model.ts'
import type { EcsState } from './state.ts'
import type { Tasks } from './tasks.ts'

interface Request {
  readonly input: string
  readonly taskArns: readonly string[]
}

export function createRunTask(context: RegionContext, state: EcsState, tasks: Tasks) {
  /** By client token. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html */
  const requests = context.store.collection<Request>('ecs.run-task-requests')

  function launch(input: sdk.RunTaskCommandInput): TaskRecord[] {
    const cluster = state.cluster(input.cluster)
    const definition = activeRevision(state, input.taskDefinition, 'to run')
    check(input, definition)
    const count = input.count ?? 1
    return Array.from({ length: count }, () =>
      tasks.launch({
        definition,
        clusterName: cluster.name,
        group: input.group ?? `family:${definition.family}`,
        ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
        launchType: input.launchType ?? 'FARGATE',
        overrides: input.overrides ?? {},
        ...(input.enableExecuteCommand ? { enableExecuteCommand: true } : {}),
        network: networkOf(input.networkConfiguration),
        tags: [
          ...(input.propagateTags === 'TASK_DEFINITION' ? (definition.input.tags ?? []) : []),
          ...(input.tags ?? []),
        ],
      }),
    )
  }

  return (input: sdk.RunTaskCommandInput): readonly TaskRecord[] => {
    const { clientToken, ...asked } = input
    if (clientToken === undefined) return launch(input)
    const before = requests.get(clientToken)
    if (before?.input === JSON.stringify(asked))
      return state.tasks.values().filter((task) => before.taskArns.includes(task.arn))
    if (before) {
      const resourceIds = [...before.taskArns]
      throw new AwsError('ConflictException', 'The client token was used with other parameters.', 400, {
        resourceIds,
      })
    }
    const launched = launch(input)
    requests.put(clientToken, { input: JSON.stringify(asked), taskArns: launched.map(({ arn }) => arn) })
    return launched
  }
}

function check(input: sdk.RunTaskCommandInput, { input: definition }: TaskDefinitionRecord): void {
  const names = definition.containerDefinitions.map(({ name }) => name)
  for (const { name } of input.overrides?.containerOverrides ?? []) {
    if (!names.includes(name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`)
  }
  const count = input.count ?? 1
  if (count < 1 || count > 10) throw invalidParameter('Count must be between 1 and 10.')
  refuseOffFargate(input.launchType, definition)
  if (definition.networkMode === 'awsvpc' && !input.networkConfiguration?.awsvpcConfiguration)
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  if (definition.networkMode !== 'awsvpc' && input.networkConfiguration?.awsvpcConfiguration)
    throw invalidParameter(
      'Network Configuration is not valid for the given networkMode of this task definition.',
    )
  if (input.volumeConfigurations?.length) throw notImplemented('volumes that are configured at launch')
  if (input.placementConstraints?.length || input.placementStrategy?.length)
    throw invalidParameter('Placement constraints and strategies are not supported on Fargate.')
}
