/** Registers, deregisters and deletes the revisions of task definitions. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import type { EmulatorContext } from '../../../service.ts'
import type { TaskDefinitionRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { validateTaskDefinition } from './validation.ts'

/** Validates the input and stores the next revision of its family. Throws AWS's errors. */
export function registerTaskDefinition(
  context: EmulatorContext,
  state: EcsState,
  input: RegisterTaskDefinitionCommandInput,
  registeredBy: string,
): TaskDefinitionRecord {
  const family = input.family ?? ''
  const containerDefinitions = (input.containerDefinitions ?? []).map(withDefaults)
  validateTaskDefinition({ ...input, family, containerDefinitions })
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

/** Nothing new can use a deleted revision. Tasks that still run keep it. */
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

/** Removes the deleted revisions that no service and no running task uses. */
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

/** The defaults that ECS stores with a container definition. */
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
