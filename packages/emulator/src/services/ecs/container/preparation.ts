/**
 * Prepares the containers of a task: secrets, environment files, the directories of volumes, log groups, then the
 * images. A missing resource fails the task with ECS's own message, so that an incident looks as it does on AWS.
 */
import { constants } from 'node:os'
import { join } from 'node:path'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerSpec, TaskNetwork } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { StoredImage } from '../../ecr/contract.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { ContainerChange, TaskDefinitionRecord, TaskRecord } from '../model/model.ts'
import { logOutput } from './logs.ts'
import { containerMounts } from './mounts.ts'
import { environmentFilesOf, secretsOf } from './secrets.ts'
import { cannotStart, TaskStartError } from './start-error.ts'
import { containerLimits } from './task-spec.ts'

export interface ContainersOptions {
  readonly context: EmulatorContext
  readonly dependencies: EcsDependencies
  readonly definition: TaskDefinitionRecord
  readonly task: TaskRecord
  readonly network: TaskNetwork
  /** The variables with the addresses of the metadata endpoint, for each container. */
  platformEnvironment(containerName: string): Readonly<Record<string, string>>
  /** The image reference to pull: later tasks of a deployment run the digest that its first task resolved. */
  pinned?(containerName: string, reference: string): string
  /** Called with each change of a container. */
  update(name: string, change: ContainerChange): void
  /** Called with the start and the end of the image pull. */
  updateTask(change: Pick<Partial<TaskRecord>, 'pullStartedAt' | 'pullStoppedAt'>): void
}

/** The specification of a container, without what exists only when it starts. */
export type PreparedSpec = Omit<ContainerSpec, 'network' | 'platformEnvironment'>

/** A container that can start, or the failure of its image. Any other failure fails the whole task. */
export type PreparedContainer =
  | {
      readonly failure?: never
      readonly spec: PreparedSpec
      readonly stopSignal: NodeJS.Signals
    }
  | { readonly failure: Error }

/** In the order of the definition; rejects with a `TaskStartError` where a resource is missing. */
export async function prepareContainers(options: ContainersOptions): Promise<PreparedContainer[]> {
  const { context, definition } = options
  const containers = definition.input.containerDefinitions
  const specs = await Promise.all(containers.map((container) => specOf(options, container)))
  options.updateTask({ pullStartedAt: context.clock.now() })
  const prepared = await Promise.all(
    containers.map(async (container, index): Promise<PreparedContainer> => {
      const spec = specs[index]
      if (!spec) throw new Error(`container ${container.name} has no specification`)
      try {
        const image = await pull(options, container)
        return { spec: { ...spec, image }, stopSignal: stopSignalOf(image) }
      } catch (error) {
        return { failure: error instanceof Error ? error : new Error(String(error)) }
      }
    }),
  )
  options.updateTask({ pullStoppedAt: context.clock.now() })
  return prepared
}

async function specOf(
  { context, dependencies, definition, task }: ContainersOptions,
  container: ContainerDefinition,
): Promise<Omit<ContainerSpec, 'network' | 'platformEnvironment' | 'image'>> {
  const name = container.name ?? ''
  const override = task.overrides.containerOverrides?.find((candidate) => candidate.name === name)
  const command = override?.command ?? container.command
  const output = logOutput(dependencies, container, task.id, context.clock.now)
  const environment = await environmentFilesOf(dependencies, [
    ...(override?.environmentFiles ?? []),
    ...(container.environmentFiles ?? []),
  ])
  for (const { name, value } of [...(container.environment ?? []), ...(override?.environment ?? [])]) {
    if (name !== undefined) environment[name] = value ?? ''
  }
  Object.assign(environment, secretsOf(dependencies, container))
  return {
    taskId: task.id,
    name,
    ...(container.entryPoint ? { entryPoint: container.entryPoint } : {}),
    ...(command ? { command } : {}),
    ...(container.workingDirectory ? { workingDirectory: container.workingDirectory } : {}),
    environment,
    containerPort: container.portMappings?.[0]?.containerPort,
    ...containerLimits(container),
    mounts: containerMounts(dependencies, definition, container, join(context.stateDir, 'tasks', task.id)),
    onOutput: (lines) => output?.(lines),
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
async function pull(
  { dependencies, network, pinned, update }: ContainersOptions,
  container: ContainerDefinition,
): Promise<StoredImage> {
  const name = container.name ?? ''
  const reference = pinned?.(name, container.image ?? '') ?? container.image ?? ''
  const image = dependencies.ecr.image(reference)
  if (!image) {
    throw new TaskStartError(
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ` +
        `${reference}: not found`,
    )
  }
  update(name, { imageDigest: image.digest })
  await dependencies.runtime.prepare(image, network).catch((cause: unknown) => {
    throw cannotStart(cause)
  })
  return image
}

/** The `STOPSIGNAL` of the image: a name with or without `SIG`, or a number. */
function stopSignalOf(image: StoredImage): NodeJS.Signals {
  const stopSignal = image.config.config?.StopSignal ?? 'SIGTERM'
  const entry = Object.entries(constants.signals).find(
    ([name, number]) => name === stopSignal || name === `SIG${stopSignal}` || String(number) === stopSignal,
  )
  return (entry?.[0] ?? 'SIGTERM') as NodeJS.Signals
}
