/**
 * An emulator's CodeDeploy for tests: the real service behind the real wire, over ECS and load balancing that are
 * small enough to read and keep their contracts. Tests drive it with the official client.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as sdk from '@aws-sdk/client-codedeploy'
import { CodeDeployClient, type CreateDeploymentGroupCommandInput } from '@aws-sdk/client-codedeploy'
import { systemClock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { findTestCredentials, testCredentials } from '../../../protocol/test-kit/protocol.test-kit.ts'
import { createWire } from '../../../protocol/wire.ts'
import type { Store } from '../../../store.ts'
import { createCodeDeploy } from '../index.ts'
import { type Deployment, eventNames, newEvents } from '../model/model.ts'
import {
  inMemoryContainers,
  inMemoryLambda,
  inMemoryLoadBalancing,
  inMemoryMetrics,
} from './services.test-kit.ts'

/** The service on a socket, and the official client for it. */
export async function startCodedeploy(
  options: { speed?: number; store?: Store; handlers?: Parameters<typeof inMemoryLambda>[0] } = {},
) {
  const context = testContext({
    clock: systemClock(options.speed ?? 600),
    ...(options.store ? { store: options.store } : {}),
  })
  const ecs = inMemoryContainers()
  const elb = inMemoryLoadBalancing()
  const cloudwatch = inMemoryMetrics()
  const handlers = options.handlers ?? {}
  const objects = new Map<string, string>()
  const roles = new Set(['arn:aws:iam::000000000000:role/delivery'])
  const notices: { topicArn: string; subject: string | undefined; message: string }[] = []
  const make = () =>
    createCodeDeploy(context, {
      ecs: ecs.ecs,
      elbv2: elb.elbv2,
      cloudWatch: cloudwatch.cloudWatch,
      lambda: inMemoryLambda(handlers),
      objects(bucket, key, version) {
        const content = objects.get(`${bucket}/${key}${version === undefined ? '' : `?${version}`}`)
        const etag = `"${createHash('md5')
          .update(content ?? '')
          .digest('hex')}"`
        return content === undefined ? undefined : { etag, read: async () => Buffer.from(content) }
      },
      roleExists: (arn) => roles.has(arn),
      publish(topicArn, subject, message) {
        notices.push({ topicArn, subject, message })
        return topicArn.endsWith(':deployments')
      },
    })
  const serve = async () => {
    const codeDeploy = make()
    await codeDeploy.start?.()
    const apis = codeDeploy.api === undefined ? [] : [codeDeploy.api]
    return { codeDeploy, wire: createWire({ apis, ...context, credentials: findTestCredentials }) }
  }
  let served = await serve()
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) =>
    served.wire(request, response),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new CodeDeployClient({
    region: context.region,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: testCredentials,
    maxAttempts: 1,
  })
  await client.send(new sdk.CreateApplicationCommand({ applicationName: 'app', computePlatform: 'ECS' }))
  return {
    ...driver(client),
    context,
    client,
    get codeDeploy() {
      return served.codeDeploy
    },
    ecs: ecs.state,
    elb,
    alarms: cloudwatch.states,
    handlers,
    objects,
    roles,
    notices,
    /** The same emulator after its process ended: what the store holds, and nothing else. */
    again: make,
    /** Its CodeDeploy, started again behind the same socket. */
    async revive() {
      served = await serve()
    },
    /** ECS and the load balancer as they were at first. */
    reset() {
      ecs.reset()
      elb.reset()
    },
    /** The moment of the first shift of live traffic to come, and not one in which it was seen. */
    firstShift: () =>
      new Promise<void>((resolve) => {
        const end = context.events.subscribe(({ detailType, detail }) => {
          if (detailType !== 'CodeDeploy Traffic Shift' || detail.route !== 'production') return
          end()
          resolve()
        })
      }),
    /** A deployment that is created right before the emulator ends: not one of its events begins. */
    async createdOnly(): Promise<string> {
      const id = await this.deploy()
      await served.codeDeploy.stop?.()
      const deployments = context.store.collection<Deployment>('codedeploy.deployments')
      const { startedAt: _, appSpec: __, ...created } = deployments.get(id) as Deployment
      deployments.put(id, { ...created, status: 'Created', events: newEvents(eventNames) })
      return id
    },
    /** What the emulator would find of a deployment if it had been killed at another moment; it has been stopped. */
    left(id: string, patch: Partial<Deployment>): void {
      const deployments = context.store.collection<Deployment>('codedeploy.deployments')
      deployments.put(id, { ...(deployments.get(id) as Deployment), ...patch })
    },
    /** The handler of a hook that answers Succeeded. */
    async succeed(event: { DeploymentId: string; LifecycleEventHookExecutionId: string }) {
      const { DeploymentId: deploymentId, LifecycleEventHookExecutionId } = event
      await client.send(
        new sdk.PutLifecycleEventHookExecutionStatusCommand({
          deploymentId,
          lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
          status: 'Succeeded',
        }),
      )
    },
    async stop() {
      client.destroy()
      await served.codeDeploy.stop?.()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What tests ask of CodeDeploy, through its client. */
function driver(client: CodeDeployClient) {
  const info = async (deploymentId: string): Promise<sdk.DeploymentInfo> =>
    (await client.send(new sdk.GetDeploymentCommand({ deploymentId }))).deploymentInfo ?? {}
  return {
    info,
    group: (changes: Partial<CreateDeploymentGroupCommandInput> = {}) =>
      client.send(new sdk.CreateDeploymentGroupCommand(groupInput(changes))),
    /** The name of a canary of 10 percent that does not end by itself, however long the machine stalls a test. */
    async endlessCanary(): Promise<string> {
      const deploymentConfigName = 'endless-canary'
      const timeBasedCanary = { canaryPercentage: 10, canaryInterval: 2880 }
      await client.send(
        new sdk.CreateDeploymentConfigCommand({
          deploymentConfigName,
          computePlatform: 'ECS',
          trafficRoutingConfig: { type: 'TimeBasedCanary', timeBasedCanary },
        }),
      )
      return deploymentConfigName
    },
    async deploy(
      input: Partial<sdk.CreateDeploymentCommandInput> = {},
      content = appSpec(),
    ): Promise<string> {
      const { deploymentId = '' } = await client.send(
        new sdk.CreateDeploymentCommand({
          applicationName: 'app',
          deploymentGroupName: 'admin',
          revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
          ...input,
        }),
      )
      return deploymentId
    },
    /** Polls until the deployment has one of the statuses. */
    async until(deploymentId: string, ...statuses: sdk.DeploymentStatus[]): Promise<sdk.DeploymentInfo> {
      for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
        const found = await info(deploymentId)
        if (statuses.includes(found.status ?? 'Created')) return found
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(
        `${deploymentId} did not become ${statuses}: ${JSON.stringify(await info(deploymentId))}`,
      )
    },
    async target(deploymentId: string): Promise<sdk.ECSTarget> {
      const command = new sdk.GetDeploymentTargetCommand({ deploymentId, targetId: 'main:admin' })
      return (await client.send(command)).deploymentTarget?.ecsTarget ?? {}
    },
    async eventStatuses(deploymentId: string): Promise<Record<string, string>> {
      const { lifecycleEvents = [] } = await this.target(deploymentId)
      return Object.fromEntries(
        lifecycleEvents.map((event) => [event.lifecycleEventName, event.status ?? '']),
      )
    },
  }
}

export const groupInput = (
  changes: Partial<CreateDeploymentGroupCommandInput> = {},
): CreateDeploymentGroupCommandInput => ({
  applicationName: 'app',
  deploymentGroupName: 'admin',
  serviceRoleArn: 'arn:aws:iam::000000000000:role/delivery',
  deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
  deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
  autoRollbackConfiguration: {
    enabled: true,
    events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
  },
  alarmConfiguration: { enabled: true, alarms: [{ name: 'errors' }] },
  blueGreenDeploymentConfiguration: {
    deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 },
    terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 1 },
  },
  ecsServices: [{ clusterName: 'main', serviceName: 'admin' }],
  loadBalancerInfo: {
    targetGroupPairInfoList: [
      {
        targetGroups: [{ name: 'blue' }, { name: 'green' }],
        prodTrafficRoute: { listenerArns: ['production'] },
        testTrafficRoute: { listenerArns: ['test'] },
      },
    ],
  },
  ...changes,
})

export const appSpec = (
  changes: {
    taskDefinition?: string
    container?: string
    port?: number
    hooks?: Record<string, string>[]
  } = {},
) =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: changes.taskDefinition ?? 'app:2',
            LoadBalancerInfo: {
              ContainerName: changes.container ?? 'web',
              ContainerPort: changes.port ?? 8080,
            },
          },
        },
      },
    ],
    Hooks: changes.hooks ?? [],
  })
