/**
 * What RegisterTaskDefinition checks, so that a definition that AWS refuses is refused here with the same error.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
 */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws-error.ts'
import { clientException, containerListEmpty, familyBlank } from '../model/errors.ts'

type Input = Omit<RegisterTaskDefinitionCommandInput, 'family' | 'containerDefinitions'> & {
  readonly family: string
  readonly containerDefinitions: readonly ContainerDefinition[]
}

/** Throws ClientException with AWS's message for the first problem, SerializationException for a number out of range. */
export function validateTaskDefinition(input: Input): void {
  if (input.family.trim() === '') throw familyBlank()
  if (!isName(input.family)) throw clientException('Family contains invalid characters.')
  if (input.containerDefinitions.length === 0) throw containerListEmpty()
  checkIntegers(input.containerDefinitions)
  const problem = problemOf(input)
  if (problem !== undefined) throw clientException(problem)
}

/** Names become parts of paths and of log streams: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html */
const isName = (text: string) => /^[A-Za-z0-9_-]{1,255}$/.test(text)

/** Members that AWS declares as 32-bit integers: JSON such as `1e400` reads as Infinity. */
const integers = ['cpu', 'memory', 'memoryReservation'] as const

function checkIntegers(containers: readonly ContainerDefinition[]): void {
  const wrong = containers.flatMap((container, index) =>
    integers
      .filter((key) => {
        const value = container[key] ?? 0
        return value !== (value | 0)
      })
      .map((key) => `containerDefinitions.${index + 1}.member.${key}`),
  )
  if (wrong.length > 0)
    throw new AwsError('SerializationException', `Members of the wrong type: ${wrong.join(', ')}`)
}

function problemOf(input: Input): string | undefined {
  return (
    input.volumes?.map(volumeProblem).find((problem) => problem !== undefined) ??
    input.containerDefinitions
      .map((container) => containerProblem(input, container))
      .find((problem) => problem !== undefined) ??
    (input.containerDefinitions.some(({ essential }) => essential)
      ? undefined
      : 'At least one container in the task definition must be marked as essential.') ??
    (isFargate(input) ? fargateProblem(input) : sizeProblem(input))
  )
}

function volumeProblem({ name = '' }: Volume): string | undefined {
  if (name === '') return 'volume.name should not be null or blank.'
  return isName(name) ? undefined : 'volume.name contains invalid characters.'
}

function containerProblem(input: Input, container: ContainerDefinition): string | undefined {
  const names = input.containerDefinitions.map(({ name }) => name)
  if (!container.name) return 'Container.name should not be null or blank.'
  if (!isName(container.name)) return 'Container.name contains invalid characters.'
  if (!container.image) return 'Container.image should not be null or blank.'
  if (names.filter((name) => name === container.name).length > 1) {
    return `Container name ${container.name} must be unique.`
  }
  for (const dependency of container.dependsOn ?? []) {
    if (!names.includes(dependency.containerName)) {
      return `Invalid container dependency: ${dependency.containerName} is not a container of this task definition.`
    }
    const other = input.containerDefinitions.find(({ name }) => name === dependency.containerName)
    if (dependency.condition === 'HEALTHY' && !other?.healthCheck) {
      return `Container ${dependency.containerName} must have a health check for condition HEALTHY.`
    }
  }
  for (const mount of container.mountPoints ?? []) {
    if (!input.volumes?.some((volume) => volume.name === mount.sourceVolume)) {
      return `Unknown volume '${mount.sourceVolume}'.`
    }
  }
  const period = container.restartPolicy?.restartAttemptPeriod
  if (period !== undefined && (period < 60 || period > 1800)) {
    return 'Container restartPolicy.restartAttemptPeriod must be between 60 and 1800 seconds.'
  }
  if ((container.restartPolicy?.ignoredExitCodes?.length ?? 0) > 50) {
    return 'Container restartPolicy.ignoredExitCodes can have at most 50 items.'
  }
  if (container.stopTimeout !== undefined && container.stopTimeout > 120 && isFargate(input)) {
    return 'Container stopTimeout must be at most 120 seconds on Fargate.'
  }
  return undefined
}

const isFargate = (input: Input) => input.requiresCompatibilities?.includes('FARGATE') ?? false

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html */
function sizeProblem({ cpu, memory }: Input): string | undefined {
  if (cpu && !isSize(inUnits(cpu, 'vCPU'))) return "Invalid 'cpu' setting for task."
  if (memory && !isSize(inUnits(memory, 'GB'))) return "Invalid 'memory' setting for task."
  return undefined
}

/** AWS stores sizes as integers. */
const isSize = (units: number) => Number.isSafeInteger(units) && units > 0

/** The MiB that Fargate offers for each number of CPU units: from, to, step. */
const FARGATE_SIZES: Readonly<Record<string, readonly [from: number, to: number, step: number]>> = {
  '512': [1024, 4096, 1024],
  '1024': [2048, 8192, 1024],
  '2048': [4096, 16384, 1024],
  '4096': [8192, 30720, 1024],
  '8192': [16384, 61440, 4096],
  '16384': [32768, 122880, 8192],
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
function fargateProblem(input: Input): string | undefined {
  if (input.networkMode !== 'awsvpc') return "Fargate only supports network mode 'awsvpc'."
  if (!input.cpu) return "Fargate requires that 'cpu' be defined at the task level."
  if (!input.memory) return "Fargate requires that 'memory' be defined at the task level."
  const memory = inUnits(input.memory, 'GB')
  const cpu = String(inUnits(input.cpu, 'vCPU'))
  const sizes = FARGATE_SIZES[cpu]
  const fits =
    cpu === '256'
      ? [512, 1024, 2048].includes(memory)
      : sizes !== undefined && memory >= sizes[0] && memory <= sizes[1] && memory % sizes[2] === 0
  if (!fits) return 'No Fargate configuration exists for given values.'
  const awslogs = input.containerDefinitions.some(
    ({ logConfiguration }) => logConfiguration?.logDriver === 'awslogs',
  )
  const secret = input.containerDefinitions.some(({ secrets }) => (secrets ?? []).length > 0)
  if (awslogs && !input.executionRoleArn)
    return 'Fargate requires task definition to have execution role ARN to support log driver awslogs.'
  if (secret && !input.executionRoleArn)
    return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
  return undefined
}

/** `1024`, or `1 vCPU` or `1 GB` of 1024 units each. */
function inUnits(text: string, unit: string): number {
  const amount = Number.parseFloat(text)
  return text.toLowerCase().endsWith(unit.toLowerCase()) ? amount * 1024 : Number(text)
}
