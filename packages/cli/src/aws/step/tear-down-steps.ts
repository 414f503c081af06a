/** The steps of `baton destroy`, on AWS. */
import {
  ApplicationDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  ListDeploymentsCommand,
} from '@aws-sdk/client-codedeploy'
import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs'
import {
  codedeployApplicationName,
  deploymentGroupName,
  family,
  jobPart,
  migrationFamily,
  type Platform,
} from '@baton/config'
import { deleteRecords } from '@baton/release'
import type { Terraform } from '@baton/terraform'
import { type Account, identify } from '../account/account.ts'
import type { AwsClients } from '../account/clients.ts'
import type { OpenStack } from '../stack/stacks.ts'
import { type StateBucket, stateBucket } from '../stack/state-bucket.ts'

/** What the runbook of `tear-down.ts` needs. */
export interface TearDownSteps {
  identify(): Promise<Account>
  stateBucket(account: Account): Pick<StateBucket, 'find' | 'newName' | 'remove'>
  /** Ids of deployments under way. */
  deploymentsUnderWay(): Promise<readonly string[]>
  /** The stack with its protections lowered; `bucket` has its state. */
  open(name: 'bootstrap' | 'platform', bucket: string): Promise<Terraform>
  /** Removes what releases made and Terraform does not manage: revisions, and records. Returns how many revisions. */
  removeRevisions(): Promise<number>
}

export function awsTearDown(options: {
  readonly clients: AwsClients
  readonly platform: Platform
  /** Opens the stacks of the platform with lowered protections. */
  readonly openStack: OpenStack
  readonly finalSnapshot: string
}): TearDownSteps {
  const { clients, platform, openStack, finalSnapshot } = options
  return {
    identify: () => identify(clients),
    stateBucket: (account) => stateBucket(clients, platform, account.id),
    deploymentsUnderWay: () => deploymentsUnderWay(clients, platform),
    open: (name, bucket) =>
      openStack(name, {
        bucket,
        files:
          name === 'platform' ? { 'final_snapshot_override.tf.json': snapshotOverride(finalSnapshot) } : {},
      }),
    async removeRevisions() {
      await deleteRecords(clients, platform.name)
      return removeRevisions(clients, platform)
    },
  }
}

/** A platform that is destroyed for the second time finds the first one's snapshot: each has its own name. */
const snapshotOverride = (name: string) => ({
  resource: { aws_db_instance: { main: { final_snapshot_identifier: name } } },
})

async function deploymentsUnderWay({ codedeploy }: AwsClients, platform: Platform): Promise<string[]> {
  const found = await Promise.all(
    platform.services.map(async ({ name }) => {
      try {
        const { deployments = [] } = await codedeploy.send(
          new ListDeploymentsCommand({
            applicationName: codedeployApplicationName(platform),
            deploymentGroupName: deploymentGroupName(platform, name),
            includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Ready', 'Baking'],
          }),
        )
        return deployments.map((id) => `${name} ${id}`)
      } catch (error) {
        if (
          error instanceof ApplicationDoesNotExistException ||
          error instanceof DeploymentGroupDoesNotExistException
        )
          return []
        throw error
      }
    }),
  )
  return found.flat()
}

/**
 * Revisions that releases registered. They cost nothing, but a destroyed platform leaves nothing behind. Only inactive
 * ones can be deleted. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/delete-task-definition-v2.html
 */
async function removeRevisions({ ecs }: AwsClients, platform: Platform): Promise<number> {
  let removed = 0
  for (const familyPrefix of [
    ...platform.services.map(({ name }) => family(platform, name)),
    ...platform.jobs.map(({ name }) => family(platform, jobPart(name))),
    migrationFamily(platform),
  ]) {
    for (const status of ['ACTIVE', 'INACTIVE'] as const) {
      for (;;) {
        const { taskDefinitionArns: arns = [] } = await ecs.send(
          new ListTaskDefinitionsCommand({ familyPrefix, status, maxResults: 10 }),
        )
        if (arns.length === 0) break
        if (status === 'ACTIVE') {
          for (const taskDefinition of arns)
            await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }))
          removed += arns.length
          continue
        }
        const { failures = [] } = await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: arns }))
        // What could not be deleted would be listed again, without an end.
        if (failures.length > 0) break
      }
    }
  }
  return removed
}
