/** RunTask: validates the input, starts one-off tasks, and answers a repeated client token with the same tasks. */
import { createHash } from 'node:crypto'
import type * as sdk from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws-error.ts'
import type { EmulatorContext } from '../../../service.ts'
import { activeRevision, networkOf, refuseOffFargate } from '../model/api-input.ts'
import { invalidParameter, notImplemented } from '../model/errors.ts'
import type { TaskDefinitionRecord, TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import type { Tasks } from './tasks.ts'

interface Request {
  /** A digest of the input. */
  readonly input: string
  /** The tasks as they started, for an answer after a task was removed. */
  readonly tasks: readonly TaskRecord[]
  /** Wall-clock milliseconds: the token is free from then on. */
  readonly expiresAt: number
}

/** How long a token is valid, in AWS's time. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html */
const TOKEN_MS = 24 * 3_600_000
/** A client that got no answer retries in real time, at any speed of AWS's time. */
const LEAST_TOKEN_MS = 60_000

/** Throws AWS's errors. */
export type RunTask = (input: sdk.RunTaskCommandInput) => readonly TaskRecord[]

export function createRunTask(context: EmulatorContext, state: EcsState, tasks: Tasks): RunTask {
  /** By cluster and client token. */
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

  function removeExpired(): void {
    const now = context.clock.now()
    for (const [key, { expiresAt }] of requests.entries()) if (!(expiresAt > now)) requests.delete(key)
  }

  return (input) => {
    const { clientToken, ...rest } = input
    if (clientToken === undefined) return launch(input)
    removeExpired()
    const key = `${state.cluster(input.cluster).name}/${clientToken}`
    const digest = createHash('sha256').update(JSON.stringify(rest)).digest('hex')
    const earlier = requests.get(key)
    if (earlier?.input === digest) return earlier.tasks.map((task) => state.tasks.get(task.id) ?? task)
    if (earlier) {
      const resourceIds = earlier.tasks.map(({ arn }) => arn)
      throw new AwsError('ConflictException', 'The client token was used with other parameters.', 400, {
        resourceIds,
      })
    }
    const launched = launch(input)
    const validMs = Math.max(context.clock.toReal(TOKEN_MS), LEAST_TOKEN_MS)
    requests.put(key, { input: digest, tasks: launched, expiresAt: context.clock.now() + validMs })
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
