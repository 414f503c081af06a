/**
 * CodeDeploy's API for instances, and for accounts of GitHub. There are none: the emulator deploys to ECS only, and
 * what a deployment to ECS has is a target.
 */
import type * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../protocol/operations.ts'
import * as errors from './model/errors.ts'
import { batch, paginate } from './model/paging.ts'

/** `existing` throws for a deployment that does not exist. */
export function instanceOperations(existing: (deploymentId: string | undefined) => unknown) {
  const refuse = (input: { readonly deploymentId: string | undefined }): never => {
    existing(input.deploymentId)
    throw errors.instancesNotOfEcs()
  }
  return {
    GetDeploymentInstance: refuse,
    ListDeploymentInstances: refuse,
    BatchGetDeploymentInstances: refuse,
    GetOnPremisesInstance: (input) => {
      if (!input.instanceName) throw errors.instanceNameRequired()
      throw errors.instanceNotRegistered(input.instanceName)
    },
    BatchGetOnPremisesInstances: (input) => {
      if (batch(input.instanceNames, 100).length === 0) throw errors.instanceNameRequired()
      return { instanceInfos: [] }
    },
    ListOnPremisesInstances: (input) => {
      const { registrationStatus: status } = input
      if (status !== undefined && !['Registered', 'Deregistered'].includes(status))
        throw errors.invalidRegistrationStatus()
      return { instanceNames: paginate<string>([], input.nextToken, 100).page }
    },
    ListGitHubAccountTokenNames: (input) => ({
      tokenNameList: paginate<string>([], input.nextToken, 100).page,
    }),
    DeleteGitHubAccountToken: (input) => {
      if (!input.tokenName) throw errors.gitHubAccountTokenNameRequired()
      throw errors.gitHubAccountTokenDoesNotExist(input.tokenName)
    },
    // What external systems have linked here: nothing.
    DeleteResourcesByExternalId: () => ({}),
  } satisfies Operations<typeof codedeploy>
}
