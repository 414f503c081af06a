/** Services, jobs and the migration, each with everything that belongs to it: from image repository to manifest. */
import { type Job, jobPart, type Service } from '@baton/config'
import { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { LbListenerRule } from '@cdktn/provider-aws/lib/lb-listener-rule/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { Construct } from 'constructs'
import { deploymentGroup } from '../delivery/delivery.ts'
import { jobManifest, migrationManifest, serviceManifest } from '../delivery/manifest.ts'
import { migration } from '../delivery/migration.ts'
import { smokeTest } from '../delivery/smoke-test.ts'
import { job } from '../job/job.ts'
import type { Schedules } from '../job/schedules.ts'
import { serviceAlarms } from '../service/alarms.ts'
import {
  type ImageRepository,
  jobRepository,
  migrationsRepository,
  serviceRepositories,
} from '../service/repositories.ts'
import { scaling } from '../service/scaling.ts'
import { service } from '../service/service.ts'
import { ownerSecrets } from '../service/service-secrets.ts'
import { serviceTraffic } from '../service/service-traffic.ts'
import { workerAlarms } from '../service/worker-alarms.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Foundation, PlatformAssets } from './foundation.ts'

export interface Delivered {
  /** What it is named after: `admin`, `job-nightly`. */
  readonly name: string
  readonly repositories: ReadonlyMap<string, DataAwsEcrRepository>
  readonly taskRoleArn: string
}

export interface DeliveredService extends Delivered {
  readonly rules: readonly LbListenerRule[]
  /** ARN of each of its secrets by name. */
  readonly secrets: ReadonlyMap<string, string>
}

export function deliveredService(
  stack: BatonStack,
  spec: Service,
  shared: Foundation,
  assets: PlatformAssets,
): DeliveredService {
  const { cluster } = shared
  const { name } = spec
  const repositories = new Map(
    [...serviceRepositories(stack.platform, spec)].map(([container, each]) => [
      container,
      imageRepository(stack, each),
    ]),
  )
  const parts = { ...shared, repositories, securityGroup: securityGroupOf(shared, name) }
  if (spec.traffic === undefined) {
    const alarms = workerAlarms(stack, spec, shared)
    const { ecsService, taskRoleArn, secrets } = service(stack, spec, { ...parts, alarms })
    scaling(stack, spec, { cluster, ecsService })
    serviceManifest(stack, spec, { cluster, ecsService, repositories })
    return { name, repositories, rules: [], taskRoleArn, secrets }
  }
  const traffic = serviceTraffic(stack, spec, shared)
  const { ecsService, taskRoleArn, secrets } = service(stack, spec, { ...parts, traffic, alarms: [] })
  scaling(stack, spec, { cluster, ecsService })
  const alarms = serviceAlarms(stack, spec, { ...shared, traffic })
  const group = deploymentGroup(stack, spec, { ...shared, ecsService, traffic, alarms })
  const hook =
    assets.smokeTest === undefined
      ? {}
      : {
          smokeTest: smokeTest(stack, spec, {
            ...shared,
            asset: assets.smokeTest,
            deploymentGroupArn: group.arn,
          }),
        }
  serviceManifest(stack, spec, { cluster, ecsService, repositories, deploymentGroup: group, ...hook })
  return { name, repositories, rules: traffic.rules, taskRoleArn, secrets }
}

/** A job of a service has the image, the secrets and the database user of the service, and all else of its own. */
export function deliveredJob(
  stack: BatonStack,
  spec: Job,
  shared: Foundation & { readonly schedules: Schedules },
  services: readonly DeliveredService[],
): Delivered {
  const name = jobPart(spec.name)
  const owner = services.find((each) => each.name === spec.service)
  const repository =
    owner?.repositories.get(owner.name) ?? imageRepository(stack, jobRepository(stack.platform, spec.name))
  const repositories = new Map([[spec.container.name, repository]])
  const parts = { ...shared, repositories, securityGroup: securityGroupOf(shared, name) }
  const secrets = owner?.secrets ?? ownerSecrets(stack, name)
  const { taskRoleArn } = job(stack, spec, { ...parts, secrets })
  jobManifest(stack, spec, { ...parts, repository })
  return { name, repositories: owner === undefined ? repositories : new Map(), taskRoleArn }
}

/** Undefined where the platform has no database. */
export function deliveredMigration(
  stack: BatonStack,
  { database, ...shared }: Foundation,
): { repository: DataAwsEcrRepository } | undefined {
  const { store } = shared.securityGroups
  if (database === undefined || store === undefined) return undefined
  const repository = imageRepository(stack, migrationsRepository(stack.platform))
  migration(stack, { ...shared, database, repository })
  migrationManifest(stack, { ...shared, securityGroup: store.migration, repository })
  return { repository }
}

/** The bootstrap stack creates the repositories. */
const imageRepository = (stack: BatonStack, { id, name }: ImageRepository) =>
  new DataAwsEcrRepository(new Construct(stack, `repository-${id}`), id, { name })

function securityGroupOf({ securityGroups }: Foundation, name: string): SecurityGroup {
  const group = securityGroups.tasks.get(name)
  if (group === undefined) throw new Error(`invariant: ${name} has a security group`)
  return group
}
