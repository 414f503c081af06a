/**
 * The one list of services: made in the order in which they build upon each other, started in it, stopped in
 * reverse.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal, ServiceApi } from './protocol/api.ts'
import { createProcessRuntime } from './runtime/index.ts'
import type { EmulatorContext, Service } from './service.ts'
import { createCertificates } from './services/acm/index.ts'
import { createApplicationAutoScaling } from './services/application-autoscaling/index.ts'
import { createCloudFront } from './services/cloudfront/index.ts'
import { createCloudwatch } from './services/cloudwatch/index.ts'
import type { Delivery } from './services/codedeploy/contract.ts'
import { createCodedeploy } from './services/codedeploy/index.ts'
import { createEc2 } from './services/ec2/index.ts'
import { createEcr } from './services/ecr/index.ts'
import { createEcs } from './services/ecs/index.ts'
import { createEfs } from './services/efs/index.ts'
import { createElbv2 } from './services/elbv2/index.ts'
import { createEvents } from './services/events/index.ts'
import { createIam } from './services/iam/index.ts'
import { createLambda } from './services/lambda/index.ts'
import { createLogs } from './services/logs/index.ts'
import { createRds } from './services/rds/index.ts'
import type { Dns } from './services/route53/contract.ts'
import { createRoute53 } from './services/route53/index.ts'
import { createS3 } from './services/s3/index.ts'
import { createSecretsManager } from './services/secretsmanager/index.ts'
import type { Notifications } from './services/sns/contract.ts'
import { createSns } from './services/sns/index.ts'
import { createSsm } from './services/ssm/index.ts'
import { createSts } from './services/sts/index.ts'
import type { DataSourceType, EphemeralType, ResourceType } from './terraform/type/resource-type.ts'

export interface Services {
  readonly all: readonly Service[]
  readonly apis: readonly ServiceApi[]
  readonly types: {
    readonly resources: readonly ResourceType[]
    readonly dataSources: readonly DataSourceType[]
    readonly ephemerals: readonly EphemeralType[]
  }
  readonly codedeploy: Delivery
  readonly dns: Dns
  readonly notifications: Notifications
  /** The registry protocol, in front of the APIs: true when it answers. */
  serveRegistry(request: IncomingMessage, response: ServerResponse): boolean
  principals(accessKeyId: string): Principal | undefined
}

/** `apiUrl` is asked for when it is needed: the port is known only after the services are made. */
export function createServices(
  context: EmulatorContext,
  options: { dnsPort: number; apiUrl: () => string },
): Services {
  const { apiUrl } = options
  const ec2 = createEc2(context)
  const iam = createIam(context)
  const ssm = createSsm(context)
  const secrets = createSecretsManager(context)
  const logs = createLogs(context)
  const sts = createSts(context)
  const lambda = createLambda(context, {
    logs,
    apiUrl,
    credentials(roleArn, sessionName) {
      const session = sts.sessionCredentials(roleArn, sessionName)
      return {
        accessKeyId: session.AccessKeyId,
        secretAccessKey: session.SecretAccessKey,
        sessionToken: session.Token,
      }
    },
  })
  const { invokeEvent } = lambda
  const sns = createSns(context, { invoke: invokeEvent })
  const events = createEvents(context, { publish: sns.publish, invoke: invokeEvent })
  const dns = createRoute53(context, { dnsPort: options.dnsPort })
  const certificates = createCertificates(context, { dns })
  const storage = createS3(context)
  const runtime = createProcessRuntime(context)
  const registry = createEcr(context, { proxyEndpoint: apiUrl, imagesRemoved: runtime.removeImagesExcept })
  const fileSystems = createEfs(context)
  const metrics = createCloudwatch(context, { notify: sns.publish, invoke: invokeEvent })
  const rds = createRds(context, { secrets, metrics })
  const scaling = createApplicationAutoScaling(context)
  const loadBalancing = createElbv2(context, { certificates, metrics })
  const objects = async (bucket: string, key: string) =>
    (await storage.object(bucket, key)?.read())?.toString()
  const containers = createEcs(context, {
    loadBalancing,
    registry,
    logs,
    secrets,
    parameters: ssm,
    fileSystems,
    metrics,
    runtime,
    zoneOf: ec2.zoneOf,
    objects,
    apiEndpoint: apiUrl,
    taskCredentials: (roleArn, taskId) => sts.sessionCredentials(roleArn, taskId.slice(0, 64)),
  })
  const codedeploy = createCodedeploy(context, {
    containers,
    loadBalancing,
    metrics,
    lambda,
    objects: storage.object,
    roleExists: (arn) => iam.role(arn) !== undefined,
    publish: sns.publish,
  })
  const cloudfront = createCloudFront(context, { storage, certificates })
  const all: Service[] = [
    ec2,
    iam,
    ssm,
    secrets,
    logs,
    sts,
    lambda,
    sns,
    events,
    dns,
    certificates,
    storage,
    registry,
    fileSystems,
    rds,
    metrics,
    scaling,
    loadBalancing,
    containers,
    codedeploy,
    cloudfront,
    cloudfront.keyValueStores,
  ]
  return {
    all,
    apis: all.flatMap((service) => service.api ?? []),
    types: {
      resources: all.flatMap((service) => service.resourceTypes ?? []),
      dataSources: all.flatMap((service) => service.dataSourceTypes ?? []),
      ephemerals: all.flatMap((service) => service.ephemeralTypes ?? []),
    },
    codedeploy,
    dns,
    notifications: sns,
    serveRegistry: registry.serve,
    principals: sts.principal,
  }
}
