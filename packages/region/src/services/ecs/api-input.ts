/** Members that several operations take, as ECS's own documents have them. */
import type * as sdk from '@aws-sdk/client-ecs'
import { taskDefinitionInactive, taskDefinitionUnknown } from './errors.ts'
import type { NetworkConfiguration, TaskDefinitionRecord } from './model.ts'
import type { EcsState } from './state.ts'

export const networkOf = (input: sdk.NetworkConfiguration | undefined): NetworkConfiguration | undefined =>
  input?.awsvpcConfiguration && {
    subnets: input.awsvpcConfiguration.subnets ?? [],
    securityGroups: input.awsvpcConfiguration.securityGroups ?? [],
    assignPublicIp: input.awsvpcConfiguration.assignPublicIp ?? 'DISABLED',
  }

/** The ACTIVE revision that a caller wants to run; throws ClientException. */
export function activeRevision(state: EcsState, reference: string | undefined): TaskDefinitionRecord {
  const definition = reference === undefined ? undefined : state.findTaskDefinition(reference)
  if (!definition) throw taskDefinitionUnknown()
  if (definition.status !== 'ACTIVE') throw taskDefinitionInactive()
  return definition
}
