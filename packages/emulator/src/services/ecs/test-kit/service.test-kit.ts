/** For tests: ECS with test doubles of the other services, and the requests that many tests make. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'
import { serveForTest, type TestWire } from '../../../protocol/test-kit/protocol.test-kit.ts'
import { createProcessRuntime, type TaskRuntime } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import { type ContextOnDisk, contextOnDisk } from '../../../test-kit/context-on-disk.test-kit.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { StoredImage } from '../../ecr/contract.ts'
import type { Ecs } from '../contract.ts'
import { createEcs } from '../index.ts'
import { type TestLoadBalancing, testLoadBalancing } from './ecs.test-kit.ts'
import { standardImages } from './images.test-kit.ts'

const SECRET_VERSIONS: Readonly<Record<string, string>> = {
  AWSCURRENT: '{"username":"app","password":"s3cret"}',
  AWSPREVIOUS: '{"username":"app","password":"older"}',
  'version-1': 'the whole first version',
}
const FILES: Readonly<Record<string, string>> = {
  'one.env': '# a comment\nFROM_FILE=one\nQUOTED="kept"\n',
  'two.env': 'FROM_FILE=two\nSECOND=2\nOVERRIDDEN=by the file\n',
}
export const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/blue/0123456789abcdef'
export const GREEN =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/green/0123456789abcdef'
/** One zone for each. */
const ZONES: Readonly<Record<string, string>> = {
  'subnet-a': 'ap-northeast-2a',
  'subnet-c': 'ap-northeast-2c',
}
export const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: [] } }

export interface TestOptions {
  readonly stateDir?: string
  readonly clock?: Clock
  metrics?(context: EmulatorContext): CloudWatch
  /** Processes where it is not given. */
  runtime?(context: EmulatorContext): TaskRuntime
}

export interface TestEmulator extends AsyncDisposable {
  readonly context: ContextOnDisk
  readonly ecs: Ecs
  readonly client: sdk.ECSClient
  readonly loadBalancing: TestLoadBalancing
  /** For clients of the other services. */
  readonly wire: TestWire
  readonly images: Map<string, StoredImage>
  readonly logs: string[]
}

/** ECS on a process runtime with the official client, and with CloudWatch for tests of alarms. */
export async function testEmulator({
  metrics: createMetrics,
  runtime = createProcessRuntime,
  ...options
}: TestOptions = {}): Promise<TestEmulator> {
  const context = await contextOnDisk(options)
  const cloudWatch = createMetrics?.(context)
  const elbv2 = testLoadBalancing()
  const images = new Map<string, StoredImage>()
  const logs: string[] = []
  const service = (name: string) => ({ name })
  const ecs = createEcs(context, {
    elbv2,
    ecr: {
      ...service('ecr'),
      image(reference) {
        const [, digest] = reference.split('@')
        return digest ? images.values().find((image) => image.digest === digest) : images.get(reference)
      },
    },
    efs: {
      ...service('elasticfilesystem'),
      directory({ fileSystemId, accessPointId }) {
        if (fileSystemId !== 'fs-1') return undefined
        const directory = join(context.stateDir, 'efs', accessPointId ?? 'root')
        mkdirSync(directory, { recursive: true })
        return directory
      },
    },
    objects: async (bucket, key) => (bucket === 'files' ? FILES[key] : undefined),
    logs: {
      ...service('logs'),
      deliveriesOf: () => [],
      put(group, stream, events) {
        for (const { message } of events) logs.push(`${stream.replace(/[0-9a-f]{32}/, '<task>')} ${message}`)
        return group === '/app'
      },
    },
    secretsManager: {
      ...service('secretsmanager'),
      secretString(id, { stage = 'AWSCURRENT', versionId } = {}) {
        if (!id.endsWith(':secret:db-AbCdEf')) return undefined
        return SECRET_VERSIONS[versionId ?? stage]
      },
      manage: () => '',
      remove: () => undefined,
    },
    ssm: { ...service('ssm'), parameter: (name) => (name === '/app/key' ? 'from-ssm' : undefined) },
    runtime: runtime(context),
    zoneOf: (subnetId) => ZONES[subnetId],
    ...(cloudWatch ? { cloudWatch } : {}),
    apiEndpoint: () => 'http://127.0.0.1:4566',
    taskCredentials: (RoleArn) => ({
      RoleArn,
      AccessKeyId: 'ASIATASK',
      SecretAccessKey: 'secret',
      Token: 'token',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  })
  await ecs.start?.()
  await cloudWatch?.start?.()
  const apis = [ecs.api, cloudWatch?.api].filter((api) => api !== undefined)
  const wire: TestWire = await serveForTest(apis)
  const client = new sdk.ECSClient(wire.client)
  for (const [name, image] of await standardImages(context.stateDir)) images.set(name, image)
  await client.send(new sdk.CreateClusterCommand({ clusterName: 'main' }))
  return {
    context,
    ecs,
    client,
    loadBalancing: elbv2,
    wire,
    images,
    logs,
    async [Symbol.asyncDispose]() {
      await ecs.stop?.()
      await cloudWatch?.stop?.()
      await wire[Symbol.asyncDispose]()
      await context[Symbol.asyncDispose]()
    },
  }
}

export async function register(
  client: sdk.ECSClient,
  image: string,
  more: Partial<sdk.ContainerDefinition> = {},
  definition: Partial<sdk.RegisterTaskDefinitionCommandInput> = {},
): Promise<string> {
  const { taskDefinition } = await client.send(
    new sdk.RegisterTaskDefinitionCommand({
      family: 'app',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
      containerDefinitions: [
        {
          name: 'app',
          image,
          portMappings: [{ containerPort: 8080 }],
          logConfiguration: LOGS,
          ...more,
        },
      ],
      ...definition,
    }),
  )
  assert.ok(taskDefinition?.taskDefinitionArn)
  return taskDefinition.taskDefinitionArn
}

export async function createService(
  { client }: TestEmulator,
  name: string,
  taskDefinition: string,
  more: Partial<sdk.CreateServiceCommandInput> = {},
): Promise<sdk.Service> {
  const { service } = await client.send(
    new sdk.CreateServiceCommand({
      cluster: 'main',
      serviceName: name,
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
      loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'app', containerPort: 8080 }],
      ...more,
    }),
  )
  assert.ok(service)
  return service
}

export async function describeService({ client }: TestEmulator, name: string): Promise<sdk.Service> {
  const { services } = await client.send(
    new sdk.DescribeServicesCommand({ cluster: 'main', services: [name] }),
  )
  assert.ok(services?.[0])
  return services[0]
}

/** A revision of several containers. */
export const registerContainers = (
  { client }: TestEmulator,
  containerDefinitions: sdk.ContainerDefinition[],
  more: Partial<sdk.RegisterTaskDefinitionCommandInput> = {},
): Promise<string> => register(client, '', {}, { family: 'several', containerDefinitions, ...more })

/** The awslogs driver with the existing log group. */
export const LOGS = {
  logDriver: 'awslogs',
  options: {
    'awslogs-group': '/app',
    'awslogs-region': 'ap-northeast-2',
    'awslogs-stream-prefix': 'app',
  },
} as const
