/**
 * Registering a revision: what is checked when it is registered, so that a definition that AWS would refuse is
 * refused here with the same words.
 */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { EmulatorContext } from '../../../service.ts'
import { clientException, containerListEmpty, familyBlank } from '../model/errors.ts'
import type { TaskDefinitionRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** Checks and keeps a new revision of its family. */
export function registerTaskDefinition(
  context: EmulatorContext,
  state: EcsState,
  input: RegisterTaskDefinitionCommandInput,
  registeredBy: string,
): TaskDefinitionRecord {
  const family = input.family ?? ''
  if (family.trim() === '') throw familyBlank()
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(family)) throw clientException('Family contains invalid characters.')
  const containerDefinitions = (input.containerDefinitions ?? []).map(withDefaults)
  if (containerDefinitions.length === 0) throw containerListEmpty()
  const complaint = complaintAbout({ ...input, containerDefinitions })
  if (complaint !== undefined) throw clientException(complaint)
  const revision = (state.families.get(family) ?? 0) + 1
  const record: TaskDefinitionRecord = {
    arn: state.arn(`task-definition/${family}:${revision}`),
    family,
    revision,
    status: 'ACTIVE',
    registeredAt: context.clock.now(),
    registeredBy,
    input: { ...input, containerDefinitions },
  }
  context.store.transaction(() => {
    state.families.put(family, revision)
    state.taskDefinitions.put(`${family}:${revision}`, record)
  })
  return record
}

export function deregisterTaskDefinition(
  context: EmulatorContext,
  state: EcsState,
  definition: TaskDefinitionRecord,
): TaskDefinitionRecord {
  const inactive: TaskDefinitionRecord = {
    ...definition,
    status: 'INACTIVE',
    deregisteredAt: context.clock.now(),
  }
  state.taskDefinitions.put(`${definition.family}:${definition.revision}`, inactive)
  return inactive
}

/** It can no longer be used for anything new; what still runs goes on with it. */
export function deleteTaskDefinition(
  context: EmulatorContext,
  state: EcsState,
  definition: TaskDefinitionRecord,
): TaskDefinitionRecord {
  const deleted: TaskDefinitionRecord = {
    ...definition,
    status: 'DELETE_IN_PROGRESS',
    deleteRequestedAt: definition.deleteRequestedAt ?? context.clock.now(),
  }
  state.taskDefinitions.put(`${definition.family}:${definition.revision}`, deleted)
  return deleted
}

/** Removes the deleted revisions that nothing uses any more. */
export function purgeTaskDefinitions(state: EcsState): void {
  const used = new Set([
    ...state.taskSets.values().map(({ taskDefinitionArn }) => taskDefinitionArn),
    ...state.services
      .values()
      .flatMap(({ taskDefinitionArn, status }) => (status === 'INACTIVE' ? [] : [taskDefinitionArn])),
    ...state.tasks
      .values()
      .flatMap(({ taskDefinitionArn, lastStatus }) => (lastStatus === 'STOPPED' ? [] : [taskDefinitionArn])),
  ])
  for (const [key, { arn, status }] of state.taskDefinitions.entries()) {
    if (status === 'DELETE_IN_PROGRESS' && !used.has(arn)) state.taskDefinitions.delete(key)
  }
}

/** What ECS fills in where the definition is silent. */
function withDefaults(container: ContainerDefinition): ContainerDefinition {
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      hostPort: mapping.hostPort ?? mapping.containerPort,
      protocol: mapping.protocol ?? 'tcp',
    })),
  }
}

function complaintAbout(
  input: RegisterTaskDefinitionCommandInput & { containerDefinitions: ContainerDefinition[] },
): string | undefined {
  const names = input.containerDefinitions.map((container) => container.name)
  for (const container of input.containerDefinitions) {
    if (!container.name) return 'Container.name should not be null or blank.'
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
  }
  if (!input.containerDefinitions.some((container) => container.essential)) {
    return 'At least one container in the task definition must be marked as essential.'
  }
  return isFargate(input) ? fargateComplaint(input) : undefined
}

const isFargate = (input: RegisterTaskDefinitionCommandInput) =>
  input.requiresCompatibilities?.includes('FARGATE') ?? false

/** MiB that go with each number of CPU units: from, to, step. */
const FARGATE_SIZES: Readonly<Record<string, readonly [from: number, to: number, step: number]>> = {
  '512': [1024, 4096, 1024],
  '1024': [2048, 8192, 1024],
  '2048': [4096, 16384, 1024],
  '4096': [8192, 30720, 1024],
  '8192': [16384, 61440, 4096],
  '16384': [32768, 122880, 8192],
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
function fargateComplaint(input: RegisterTaskDefinitionCommandInput): string | undefined {
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
  const awslogs = input.containerDefinitions?.some(
    ({ logConfiguration }) => logConfiguration?.logDriver === 'awslogs',
  )
  const secret = input.containerDefinitions?.some(({ secrets }) => (secrets ?? []).length > 0)
  if (awslogs && !input.executionRoleArn)
    return 'Fargate requires task definition to have execution role ARN to support log driver awslogs.'
  if (secret && !input.executionRoleArn)
    return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
  return undefined
}

/** `1024`, or as `1 vCPU` or `1 GB`: a thousand-and-twenty-four parts each. */
function inUnits(text: string, unit: string): number {
  const amount = Number.parseFloat(text)
  return text.toLowerCase().endsWith(unit.toLowerCase()) ? amount * 1024 : Number(text)
}
