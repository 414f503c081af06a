/**
 * The platform stack: every part of a platform, and how the parts hang together. Read it as the table of contents:
 * what all services share, the services, and what stands at the edge.
 */
import type { Platform } from '@baton/config'
import type { App } from 'cdktn'
import { accessLogs } from '../access-logs.ts'
import type { Asset } from '../assets.ts'
import { bucketAccess } from '../bucket-access.ts'
import { bucket } from '../buckets.ts'
import { certificates } from '../certificates.ts'
import { cluster } from '../cluster.ts'
import { database } from '../database.ts'
import { databaseAlarms } from '../database-alarms.ts'
import { delivery } from '../delivery.ts'
import { edgeRecords, hostedZone } from '../dns.ts'
import { edge } from '../edge.ts'
import { notices } from '../events.ts'
import { loadBalancer } from '../load-balancer.ts'
import { logs } from '../logs.ts'
import { network } from '../network.ts'
import { originHeader } from '../origin-header.ts'
import { pipelineAccess } from '../pipeline.ts'
import { resourcesSite } from '../resources-site.ts'
import { securityGroups } from '../security-groups.ts'
import { site } from '../site.ts'
import { siteManifest } from '../site-manifest.ts'
import { BatonStack } from '../stack.ts'
import { stateBackend } from '../state-backend.ts'
import { type DeliveredService, deliveredMigration, deliveredService } from './delivered.ts'

export interface PlatformAssets {
  readonly smokeTest?: Asset
}

export function platformStack(app: App, platform: Platform, assets: PlatformAssets): BatonStack {
  const stack = new BatonStack(app, 'platform', platform)
  stateBackend(stack)
  const shared = foundation(stack)
  const services = platform.services.map((spec) => deliveredService(stack, spec, shared, assets))
  const migrations = deliveredMigration(stack, shared)
  const repositories = [...services.map(({ repository }) => repository), migrations.repository]
  frontEnd(
    stack,
    shared,
    services,
    repositories.map(({ arn }) => arn),
  )
  return stack
}

export type Foundation = ReturnType<typeof foundation>

/** What all services share. */
function foundation(stack: BatonStack) {
  const zone = hostedZone(stack)
  const net = network(stack)
  const groups = securityGroups(stack, net)
  const certificate = certificates(stack, zone)
  const topic = notices(stack)
  const store = database(stack, { network: net, securityGroups: groups })
  databaseAlarms(stack, store, topic.arn)
  return {
    zone,
    network: net,
    securityGroups: groups,
    certificate,
    topicArn: topic.arn,
    database: store,
    logs: logs(stack, { network: net, securityGroups: groups }),
    originHeader: originHeader(stack),
    loadBalancer: loadBalancer(stack, {
      network: net,
      securityGroups: groups,
      certificateArn: certificate.regional,
      accessLogs: accessLogs(stack),
    }),
    cluster: cluster(stack),
    delivery: delivery(stack),
  }
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
  const builds = platform.sites.length > 0 ? bucket(stack, 'sites') : undefined
  if (builds !== undefined) {
    const distributions = platform.sites.map((spec) => {
      const distribution = site(stack, spec, {
        bucket: builds,
        edge: front,
        certificateArn: certificate.edge,
        loadBalancer: shared.loadBalancer,
        originHeader: shared.originHeader,
        rules: services.find(({ name }) => name === spec.service)?.rules ?? [],
      })
      edgeRecords(stack, zone, spec.host, distribution)
      siteManifest(stack, spec, { bucket: builds, edge: front })
      return distribution
    })
    bucketAccess(stack, builds, distributions)
  }
  if (platform.resources !== undefined) {
    const files = bucket(stack, 'resources')
    const parts = { bucket: files, edge: front, certificateArn: certificate.edge }
    const distribution = resourcesSite(stack, platform.resources, parts)
    edgeRecords(stack, zone, platform.resources.host, distribution)
    bucketAccess(stack, files, [distribution])
  }
  if (platform.pipeline !== undefined) {
    const sites = builds === undefined ? {} : { sites: builds }
    pipelineAccess(stack, platform.pipeline, { edge: front, repositoryArns, ...sites })
  }
}
