/** What the runtime gets to know of a task: once before its containers start, and of each container when it starts. */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerLimits, TaskSpec } from '../../../runtime/index.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { TaskDefinitionRecord, TaskRecord } from '../model/model.ts'
import type { ImagePins } from './image-pins.ts'

export function taskSpec(
  { ecr }: Pick<EcsDependencies, 'ecr'>,
  { input }: TaskDefinitionRecord,
  task: TaskRecord,
  pins: Pick<ImagePins, 'reference'>,
): TaskSpec {
  const cpu = sizeOf(task.overrides.cpu ?? input.cpu, 'vcpu')
  const memoryMiB = sizeOf(task.overrides.memory ?? input.memory, 'gb')
  return {
    taskId: task.id,
    images: input.containerDefinitions.flatMap(
      ({ name = '', image = '' }) => ecr.image(pins.reference(name, image)) ?? [],
    ),
    containerPorts: input.containerDefinitions.flatMap(({ portMappings = [] }) =>
      portMappings.flatMap(({ containerPort }) => containerPort ?? []),
    ),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html */
export function containerLimits(container: ContainerDefinition): ContainerLimits {
  const { user, readonlyRootFilesystem, linuxParameters: linux } = container
  return {
    ...(user ? { user } : {}),
    ...(readonlyRootFilesystem ? { readonlyRootFilesystem } : {}),
    ...(container.cpu ? { cpu: container.cpu } : {}),
    ...(container.memory ? { memoryMiB: container.memory } : {}),
    ...(container.memoryReservation ? { memoryReservationMiB: container.memoryReservation } : {}),
    ...(linux?.initProcessEnabled ? { initProcessEnabled: true } : {}),
    ...(linux?.sharedMemorySize ? { sharedMemoryMiB: linux.sharedMemorySize } : {}),
    ...(linux?.capabilities
      ? { capabilities: { add: linux.capabilities.add ?? [], drop: linux.capabilities.drop ?? [] } }
      : {}),
    ...(container.dockerLabels ? { dockerLabels: container.dockerLabels } : {}),
    tmpfs: (linux?.tmpfs ?? []).map(({ containerPath = '', size = 0, mountOptions = [] }) => ({
      containerPath,
      sizeMiB: size,
      mountOptions,
    })),
    ulimits: (container.ulimits ?? []).map(({ name = '', softLimit = 0, hardLimit = 0 }) => ({
      name,
      softLimit,
      hardLimit,
    })),
  }
}

/** `1024`, or `1 vCPU` or `1 GB` of 1024 units each. */
function sizeOf(text: string | undefined, unit: string): number | undefined {
  if (!text) return undefined
  const amount = Number.parseFloat(text)
  return text.toLowerCase().endsWith(unit) ? amount * 1024 : amount
}
