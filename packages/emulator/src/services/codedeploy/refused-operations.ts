/** The operations of CodeDeploy that the emulator does not have, and the reason that its error gives. */
import type * as sdk from '@aws-sdk/client-codedeploy'
import { because, type Refused } from '../../protocol/operations.ts'

export const refusedOperations = {
  ...because(
    'On-premises instances belong to the compute platform Server; the emulator has ECS only.',
    'AddTagsToOnPremisesInstances',
    'DeregisterOnPremisesInstance',
    'RegisterOnPremisesInstance',
    'RemoveTagsFromOnPremisesInstances',
  ),
} satisfies Refused<typeof sdk>
