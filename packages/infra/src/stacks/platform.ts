/** The platform stack: every part of a platform and how the parts hang together. Read it as the table of contents. */
import { bucketName, migrationsRepositoryName, type Platform, repositoryName } from '@baton/config'
import { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { LbListenerRule } from '@cdktn/provider-aws/lib/lb-listener-rule/index.js'
import { type App, S3Backend } from 'cdktn'
import { Construct } from 'constructs'
import { accessLogs } from '../access-logs.ts'
import { serviceAlarms } from '../alarms.ts'
import type { Asset } from '../assets.ts'
import { bucketAccess } from '../bucket-access.ts'
import { bucket } from '../buckets.ts'
import { certificates } from '../certificates.ts'
import { cluster } from '../cluster.ts'
import { database } from '../database.ts'
import { databaseAlarms } from '../database-alarms.ts'
import { delivery, deploymentGroup } from '../delivery.ts'
import { edgeRecords, hostedZone } from '../dns.ts'
import { edge } from '../edge.ts'
import { notices } from '../events.ts'
import { loadBalancer } from '../load-balancer.ts'
import { logs } from '../logs.ts'
import { migrationManifest, serviceManifest, siteManifest } from '../manifest.ts'
import { migration } from '../migration.ts'
import { network } from '../network.ts'
import { originHeader } from '../origin-header.ts'
import { pipelineAccess } from '../pipeline.ts'
import { resourcesSite } from '../resources-site.ts'
import { scaling } from '../scaling.ts'
import { securityGroups } from '../security-groups.ts'
import { service } from '../service.ts'
import { serviceTraffic } from '../service-traffic.ts'
import { site } from '../site.ts'
import { smokeTest } from '../smoke-test.ts'
import { BatonStack } from '../stack.ts'

export function platformStack(app: App, platform: Platform, assets: { smokeTest?: Asset }): BatonStack {
  const stack = new BatonStack(app, 'platform', platform)
  new S3Backend(stack, {
    bucket: bucketName(platform, 'state'),
    key: 'platform.tfstate',
    region: platform.region,
    encrypt: true,
    useLockfile: true,
  })

  const zone = hostedZone(stack)
  const net = network(stack)
  const groups = securityGroups(stack, net)
  const certificate = certificates(stack, zone)
  const header = originHeader(stack)
  const balancer = loadBalancer(stack, {
    network: net,
    securityGroups: groups,
    certificateArn: certificate.regional,
    accessLogs: accessLogs(stack),
  })
  const store = database(stack, { network: net, securityGroups: groups })
  const logging = logs(stack, { network: net, securityGroups: groups })
  const topic = notices(stack)
  databaseAlarms(stack, store, topic.arn)

  const ecs = cluster(stack)
  const deliver = delivery(stack)
  const repositoryArns: string[] = []
  const rules = new Map<string, readonly LbListenerRule[]>()
  for (const spec of platform.services) {
    const repository = imageRepository(stack, spec.name, repositoryName(platform, spec.name))
    const securityGroup = groups.services.get(spec.name)
    if (securityGroup === undefined) throw new Error(`invariant: ${spec.name} has a security group`)
    const routes = serviceTraffic(stack, spec, { network: net, loadBalancer: balancer, originHeader: header })
    const ecsService = service(stack, spec, {
      cluster: ecs,
      repository,
      network: net,
      securityGroup,
      traffic: routes,
      database: store,
      logs: logging,
    })
    scaling(stack, spec, { cluster: ecs, ecsService })
    const alarms = serviceAlarms(stack, spec, {
      loadBalancer: balancer,
      traffic: routes,
      topicArn: topic.arn,
    })
    const group = deploymentGroup(stack, spec, {
      delivery: deliver,
      cluster: ecs,
      ecsService,
      loadBalancer: balancer,
      traffic: routes,
      alarms,
    })
    const hook =
      assets.smokeTest === undefined
        ? {}
        : {
            smokeTest: smokeTest(stack, spec, {
              asset: assets.smokeTest,
              loadBalancer: balancer,
              originHeader: header,
              deploymentGroupArn: group.arn,
            }),
          }
    serviceManifest(stack, spec, { cluster: ecs, ecsService, repository, deploymentGroup: group, ...hook })
    repositoryArns.push(repository.arn)
    rules.set(spec.name, routes.rules)
  }
  const migrations = imageRepository(stack, 'migrations', migrationsRepositoryName(platform))
  repositoryArns.push(migrations.arn)
  migration(stack, { database: store, logs: logging, repository: migrations })
  migrationManifest(stack, { cluster: ecs, network: net, securityGroups: groups, repository: migrations })

  const front = edge(stack)
  const builds = platform.sites.length > 0 ? bucket(stack, 'sites') : undefined
  if (builds !== undefined) {
    const distributions = platform.sites.map((spec) => {
      const distribution = site(stack, spec, {
        bucket: builds,
        edge: front,
        certificateArn: certificate.edge,
        loadBalancer: balancer,
        originHeader: header,
        rules: rules.get(spec.service ?? '') ?? [],
      })
      edgeRecords(stack, zone, spec.host, distribution)
      siteManifest(stack, spec, { bucket: builds, edge: front })
      return distribution
    })
    bucketAccess(stack, builds, distributions)
  }
  if (platform.resources !== undefined) {
    const files = bucket(stack, 'resources')
    const distribution = resourcesSite(stack, platform.resources, {
      bucket: files,
      edge: front,
      certificateArn: certificate.edge,
    })
    edgeRecords(stack, zone, platform.resources.host, distribution)
    bucketAccess(stack, files, [distribution])
  }
  if (platform.pipeline !== undefined) {
    pipelineAccess(stack, platform.pipeline, {
      edge: front,
      repositoryArns,
      ...(builds === undefined ? {} : { sites: builds }),
    })
  }
  return stack
}

const imageRepository = (stack: BatonStack, id: string, name: string) =>
  new DataAwsEcrRepository(new Construct(stack, `repository-${id}`), id, { name })
