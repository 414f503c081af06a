/** A service with everything that belongs to it, and the migration: from image repository to manifest. */
import { migrationsRepositoryName, repositoryName, type Service } from '@baton/config'
import { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { LbListenerRule } from '@cdktn/provider-aws/lib/lb-listener-rule/index.js'
import { Construct } from 'constructs'
import { deploymentGroup } from '../delivery/delivery.ts'
import { migrationManifest, serviceManifest } from '../delivery/manifest.ts'
import { migration } from '../delivery/migration.ts'
import { smokeTest } from '../delivery/smoke-test.ts'
import { serviceAlarms } from '../service/alarms.ts'
import { scaling } from '../service/scaling.ts'
import { service } from '../service/service.ts'
import { serviceTraffic } from '../service/service-traffic.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Foundation, PlatformAssets } from './foundation.ts'

export interface DeliveredService {
  readonly name: string
  readonly repository: DataAwsEcrRepository
  readonly rules: readonly LbListenerRule[]
  readonly taskRoleArn: string
}

export function deliveredService(
  stack: BatonStack,
  spec: Service,
  shared: Foundation,
  assets: PlatformAssets,
): DeliveredService {
  const { cluster } = shared
  const securityGroup = shared.securityGroups.services.get(spec.name)
  if (securityGroup === undefined) throw new Error(`invariant: ${spec.name} has a security group`)
  const repository = imageRepository(stack, spec.name, repositoryName(stack.platform, spec.name))
  const traffic = serviceTraffic(stack, spec, shared)
  const { ecsService, taskRoleArn } = service(stack, spec, { ...shared, repository, securityGroup, traffic })
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
  serviceManifest(stack, spec, { cluster, ecsService, repository, deploymentGroup: group, ...hook })
  return { name: spec.name, repository, rules: traffic.rules, taskRoleArn }
}

export function deliveredMigration(
  stack: BatonStack,
  shared: Foundation,
): { repository: DataAwsEcrRepository } {
  const repository = imageRepository(stack, 'migrations', migrationsRepositoryName(stack.platform))
  migration(stack, { ...shared, repository })
  migrationManifest(stack, { ...shared, repository })
  return { repository }
}

/** The bootstrap stack creates the repositories. */
const imageRepository = (stack: BatonStack, id: string, name: string) =>
  new DataAwsEcrRepository(new Construct(stack, `repository-${id}`), id, { name })
