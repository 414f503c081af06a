/**
 * What a deployment needs before its first event: the group that it was created for, the role that it acts in, and
 * an AppSpec that can be read.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
 */
import type { ErrorCode } from '@aws-sdk/client-codedeploy'
import { type AppSpec, parseAppSpec } from '../model/app-spec.ts'
import { InvalidAppSpec } from '../model/app-spec-values.ts'
import { DeploymentFailure, roleMissing } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import type { Deployment } from '../model/model.ts'

export interface PreparationDependencies {
  readonly journal: Journal
  /** Reads the text of the deployment's revision. */
  readonly readRevision: (deployment: Deployment) => Promise<string>
  /** What of the deployment's application and group has been deleted. */
  readonly missing: (
    deployment: Deployment,
  ) => Extract<ErrorCode, 'APPLICATION_MISSING' | 'DEPLOYMENT_GROUP_MISSING'> | undefined
  /** Whether there is such a role; without it, every role is taken to exist. */
  readonly roleExists?: ((arn: string) => boolean) | undefined
}

/** Throws a `DeploymentFailure`. One that has begun goes on with what it took over from its group. */
export async function prepare(dependencies: PreparationDependencies, id: string): Promise<void> {
  const { journal, missing, roleExists = () => true } = dependencies
  const deployment = journal.get(id)
  if (deployment.events[0]?.status !== 'Pending') return
  const deleted = missing(deployment)
  if (deleted !== undefined) throw new DeploymentFailure(deleted, messages[deleted])
  if (!roleExists(deployment.plan.serviceRoleArn ?? '')) throw roleMissing(deployment.deploymentGroupName)
  journal.update(id, { appSpec: await readAppSpec(dependencies, deployment) })
}

const messages = {
  APPLICATION_MISSING: 'The application was missing.',
  DEPLOYMENT_GROUP_MISSING: 'The deployment group was missing.',
}

async function readAppSpec(
  { readRevision }: PreparationDependencies,
  deployment: Deployment,
): Promise<AppSpec> {
  try {
    return parseAppSpec(await readRevision(deployment))
  } catch (error) {
    if (error instanceof InvalidAppSpec) throw new DeploymentFailure('INVALID_REVISION', error.message)
    throw error
  }
}
