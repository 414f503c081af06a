/** IAM's API: roles, policies, instance profiles and identity providers, in one table. */
import type * as sdk from '@aws-sdk/client-iam'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import type { ResourceType } from '../../terraform/type/resource-type.ts'
import { createPolicyOperations } from './policy-operations.ts'
import { createProfileAndProviderOperations } from './profile-operations.ts'
import { createRoleOperations } from './role-operations.ts'
import type { IamState } from './state.ts'

export function createOperations(
  context: EmulatorContext,
  state: IamState,
  resourceTypes: readonly ResourceType[],
) {
  return {
    ...createRoleOperations(context, state, resourceTypes),
    ...createPolicyOperations(context, state, resourceTypes),
    ...createProfileAndProviderOperations(context, state, resourceTypes),
  } satisfies Operations<typeof sdk>
}
