/**
 * The one list of services: made in the order in which they build upon each other, started in it, stopped in
 * reverse.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServiceApi } from './protocol/api.ts'
import type { FindCredentials } from './protocol/signature/verify.ts'
import {
  type ContainerDoors,
  createContainerRuntime,
  createProcessRuntime,
  createSelectedRuntime,
  type RuntimeChoice,
  type RuntimeKind,
} from './runtime/index.ts'
import type { EmulatorContext, Service } from './service.ts'
import { createAcm } from './services/acm/index.ts'
import { createApplicationAutoScaling } from './services/application-autoscaling/index.ts'
import { createCloudFront } from './services/cloudfront/index.ts'
import { createCloudWatch } from './services/cloudwatch/index.ts'
import type { CodeDeploy } from './services/codedeploy/contract.ts'
import { createCodeDeploy } from './services/codedeploy/index.ts'
import { createEc2 } from './services/ec2/index.ts'
import { createEcr } from './services/ecr/index.ts'
import { createEcs } from './services/ecs/index.ts'
import { createEfs } from './services/efs/index.ts'
import { createElbv2 } from './services/elbv2/index.ts'
import { createEventBridge } from './services/events/index.ts'
import { createIam } from './services/iam/index.ts'
import { createKms } from './services/kms/index.ts'
import { createLambda } from './services/lambda/index.ts'
import { createLogs } from './services/logs/index.ts'
import { createRds } from './services/rds/index.ts'
import type { Route53 } from './services/route53/contract.ts'
import { createRoute53 } from './services/route53/index.ts'
import { createS3 } from './services/s3/index.ts'
import { createEventBridgeScheduler } from './services/scheduler/index.ts'
import { createSecretsManager } from './services/secretsmanager/index.ts'
import type { Sns } from './services/sns/contract.ts'
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
  readonly codeDeploy: CodeDeploy
  readonly route53: Route53
  readonly sns: Sns
  /** What has run tasks since the emulator began. */
  readonly usedRuntimes: () => ReadonlySet<RuntimeKind>
  /** The registry protocol, in front of the APIs: true when it answers. */
  serveRegistry(request: IncomingMessage, response: ServerResponse): boolean
  readonly credentials: FindCredentials
}

/** For tests of services whose tasks reach nothing. */
const noDoors: ContainerDoors = { names: () => [], serve: (_name, _port, socket) => void socket.destroy() }

/** `apiUrl` is asked for when it is needed: the port is known only after the services are made. */
export function createServices(
  context: EmulatorContext,
  options: {
    dnsPort: number
    apiUrl: () => string
    runtime?: RuntimeChoice | undefined
    doors?: ContainerDoors
  },
): Services {
  const { apiUrl } = options
  const ec2 = createEc2(context)
  const iam = createIam(context)
  const kms = createKms(context)
  const ssm = createSsm(context)
  const secretsManager = createSecretsManager(context)
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
  const events = createEventBridge(context, { publish: sns.publish, invoke: invokeEvent })
  const route53 = createRoute53(context, { dnsPort: options.dnsPort })
  const acm = createAcm(context, { route53 })
  const s3 = createS3(context)
  const runtimes = {
    process: createProcessRuntime(context),
    container: createContainerRuntime(context, options.doors ?? noDoors),
  }
  const runtime = createSelectedRuntime(options.runtime ?? 'auto', runtimes)
  const ecr = createEcr(context, { proxyEndpoint: apiUrl, imagesRemoved: runtime.removeImagesExcept })
  const efs = createEfs(context)
  const cloudWatch = createCloudWatch(context, { notify: sns.publish, invoke: invokeEvent })
  const rds = createRds(context, { secretsManager, cloudWatch })
  const applicationAutoScaling = createApplicationAutoScaling(context)
  const elbv2 = createElbv2(context, { acm, cloudWatch })
  const objects = async (bucket: string, key: string) => (await s3.object(bucket, key)?.read())?.toString()
  const ecs = createEcs(context, {
    elbv2,
    ecr,
    logs,
    secretsManager,
    ssm,
    efs,
    cloudWatch,
    runtime,
    zoneOf: ec2.zoneOf,
    objects,
    apiEndpoint: apiUrl,
    taskCredentials: (roleArn, taskId) => sts.sessionCredentials(roleArn, taskId.slice(0, 64)),
  })
  const codeDeploy = createCodeDeploy(context, {
    ecs,
    elbv2,
    cloudWatch,
    lambda,
    objects: s3.object,
    roleExists: (arn) => iam.role(arn) !== undefined,
    publish: sns.publish,
  })
  const scheduler = createEventBridgeScheduler(
    context,
    { runTask: ecs.runTask, invoke: invokeEvent, publish: sns.publish, cloudWatch },
    (roleArn) => iam.role(roleArn)?.assumeRolePolicy,
  )
  const cloudFront = createCloudFront(context, { s3, acm, loadBalancerName: elbv2.dnsNameOf, logs })
  const all: Service[] = [
    ec2,
    iam,
    kms,
    ssm,
    secretsManager,
    logs,
    sts,
    lambda,
    sns,
    events,
    route53,
    acm,
    s3,
    ecr,
    efs,
    rds,
    cloudWatch,
    applicationAutoScaling,
    elbv2,
    ecs,
    codeDeploy,
    scheduler,
    cloudFront,
    cloudFront.keyValueStores,
  ]
  return {
    all,
    apis: all.flatMap((service) => service.api ?? []),
    types: {
      resources: all.flatMap((service) => service.resourceTypes ?? []),
      dataSources: all.flatMap((service) => service.dataSourceTypes ?? []),
      ephemerals: all.flatMap((service) => service.ephemeralTypes ?? []),
    },
    codeDeploy,
    route53,
    sns,
    usedRuntimes: runtime.used,
    serveRegistry: ecr.serve,
    credentials: sts.credentials,
  }
}
