/** Task definitions as the API shows them. */
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import { compatibilitiesOf } from '../model/api-input.ts'
import type { TaskDefinitionRecord } from '../model/model.ts'

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

export function taskDefinitionView(definition: TaskDefinitionRecord): TaskDefinition {
  const { tags: _tags, family, ...input } = definition.input
  return {
    ...input,
    family,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: compatibilitiesOf(definition.input),
    registeredAt: new Date(definition.registeredAt),
    deregisteredAt: date(definition.deregisteredAt),
    deleteRequestedAt: date(definition.deleteRequestedAt),
    registeredBy: definition.registeredBy,
  }
}
