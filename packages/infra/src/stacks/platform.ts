/**
 * The platform stack: every part of a platform, and how the parts hang together. Read it as the table of contents:
 * the foundation that all services share, the services, and the edge.
 */
import type { Platform } from '@baton/config'
import type { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import type { App } from 'cdktn'
import { pipelineAccess } from '../delivery/pipeline.ts'
import { siteManifest } from '../delivery/site-manifest.ts'
import { jobLimits } from '../job/job-limits.ts'
import { schedules } from '../job/schedules.ts'
import { fileSystemAccess } from '../monitoring/logs.ts'
import { edgeRecords } from '../network/dns.ts'
import { distributionLogs } from '../site/access-logs.ts'
import { edge } from '../site/edge.ts'
import { resourcesSite } from '../site/resources-site.ts'
import { site } from '../site/site.ts'
import { bucketAccess } from '../storage/bucket-access.ts'
import { bucket } from '../storage/buckets.ts'
import { BatonStack } from '../terraform/stack.ts'
import { stateBackend } from '../terraform/state-backend.ts'
import {
  type Delivered,
  type DeliveredService,
  deliveredJob,
  deliveredMigration,
  deliveredService,
} from './delivered.ts'
import { type Foundation, foundation, type PlatformAssets } from './foundation.ts'

export function platformStack(app: App, platform: Platform, assets: PlatformAssets): BatonStack {
  const stack = new BatonStack(app, 'platform', platform)
  stateBackend(stack)
  const shared = foundation(stack)
  const services = platform.services.map((spec) => deliveredService(stack, spec, shared, assets))
  const jobs = deliveredJobs(stack, shared, services, assets)
  const tasks = [...services, ...jobs]
  fileSystemAccess(stack, shared.logs, new Map(tasks.map(({ name, taskRoleArn }) => [name, taskRoleArn])))
  const migrations = deliveredMigration(stack, shared)
  const repositories = [
    ...tasks.flatMap((each) => [...each.repositories.values()]),
    ...(migrations === undefined ? [] : [migrations.repository]),
  ]
  frontEnd(
    stack,
    shared,
    services,
    repositories.map(({ arn }) => arn),
  )
  return stack
}

/** The jobs, and what all of them need; nothing where there are none. */
function deliveredJobs(
  stack: BatonStack,
  shared: Foundation,
  services: readonly DeliveredService[],
  { jobLimits: asset }: PlatformAssets,
): Delivered[] {
  const { jobs } = stack.platform
  if (jobs.length === 0) return []
  if (asset === undefined) throw new Error('invariant: the function for the limits of jobs is bundled')
  const parts = { ...shared, schedules: schedules(stack, shared) }
  jobLimits(stack, { ...parts, asset })
  return jobs.map((spec) => deliveredJob(stack, spec, parts, services))
}

/** The edge: the sites, the resources site, and who may release them. */
function frontEnd(
  stack: BatonStack,
  shared: Foundation,
  services: readonly DeliveredService[],
  repositoryArns: readonly string[],
): void {
  const { platform } = stack
  const { zone, certificate } = shared
  const front = edge(stack)
  const served: CloudfrontDistribution[] = []
  const builds = platform.sites.length > 0 ? bucket(stack, 'sites', { keyArn: stack.keyArn }) : undefined
  if (builds !== undefined) {
    const distributions = platform.sites.map((spec) => {
      const distribution = site(stack, spec, {
        bucket: builds,
        edge: front,
        certificateArn: certificate.edge,
        loadBalancer: shared.loadBalancer,
        originHeader: shared.originHeader,
        rules: services.filter(({ name }) => spec.services.includes(name)).flatMap(({ rules }) => rules),
      })
      edgeRecords(stack, zone, spec.host, distribution)
      siteManifest(stack, spec, { bucket: builds, edge: front })
      return distribution
    })
    bucketAccess(stack, builds, distributions)
    served.push(...distributions)
  }
  if (platform.resources !== undefined) {
    const files = bucket(stack, 'resources', { keyArn: stack.keyArn })
    const parts = { bucket: files, edge: front, certificateArn: certificate.edge }
    const distribution = resourcesSite(stack, platform.resources, parts)
    edgeRecords(stack, zone, platform.resources.host, distribution)
    bucketAccess(stack, files, [distribution])
    served.push(distribution)
  }
  distributionLogs(stack, served, shared.accessLogs)
  if (platform.pipeline !== undefined) {
    const sites = builds === undefined ? {} : { sites: builds }
    pipelineAccess(stack, platform.pipeline, { edge: front, repositoryArns, ...sites })
  }
}
