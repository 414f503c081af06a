/** What has to hold once an emulator that was killed has been started again and has had the time to go on. */

import { get } from 'node:http'
import { GetDeploymentCommand, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy'
import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { containerPort } from '../delivered-service.ts'
import { names } from './platform.ts'
import { processesWith, type Stage } from './stage.ts'

/** Tries again until it holds: what is on its way needs a moment. Fails with the last reason. */
export async function eventually<T>(look: () => Promise<T>, limitMs = 60_000): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function demand(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** The deployment's status once it is over, and that of its rollback. */
export async function settled(stage: Stage, deploymentId: string): Promise<string> {
  return eventually(async () => {
    const { deploymentInfo } = await stage
      .clients()
      .codedeploy.send(new GetDeploymentCommand({ deploymentId }))
    const status = deploymentInfo?.status ?? 'unknown'
    demand(['Succeeded', 'Failed', 'Stopped'].includes(status), `${deploymentId} stays ${status}`)
    return status
  })
}

/** Why a deployment ended as it did, in CodeDeploy's words. */
export async function reasonOf(stage: Stage, deploymentId: string): Promise<string> {
  const { deploymentInfo } = await stage.clients().codedeploy.send(new GetDeploymentCommand({ deploymentId }))
  return JSON.stringify(deploymentInfo?.errorInformation ?? {})
}

/**
 * The service has its tasks and nothing but them, traffic is wholly on the side of its one task set, and every process
 * that carries the token is one of its tasks. Resolves with the version that answers.
 */
export async function consistent(stage: Stage): Promise<string> {
  return eventually(async () => {
    await noneUnderWay(stage)
    const { primaryGroup, addresses, pids } = await serviceInOrder(stage)
    await targetsAreTasks(stage, addresses)
    const ports = await routedTo(stage, primaryGroup)
    const running = processesWith(stage.token).sort()
    demand(
      JSON.stringify(running) === JSON.stringify([...pids].sort()),
      `processes ${running} run, tasks have ${pids}`,
    )
    const answers = await Promise.all(
      [...addresses.map((address) => `${address}:${containerPort}`), ...ports].flatMap((socket) => [
        ask(socket),
        ask(socket),
      ]),
    )
    demand(new Set(answers).size === 1, `versions ${answers} answer`)
    return answers[0] ?? ''
  })
}

async function noneUnderWay({ clients }: Stage): Promise<void> {
  const includeOnlyStatuses = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] as const
  const { deployments = [] } = await clients().codedeploy.send(
    new ListDeploymentsCommand({
      applicationName: names.application,
      deploymentGroupName: names.group,
      includeOnlyStatuses: [...includeOnlyStatuses],
    }),
  )
  demand(deployments.length === 0, `${deployments} are under way`)
}

async function serviceInOrder({ clients }: Stage) {
  const { ecs } = clients()
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: names.cluster, services: [names.service] }),
  )
  const [service] = services
  demand(service, 'the service is gone')
  const { desiredCount, runningCount, pendingCount, taskSets = [] } = service
  demand(
    desiredCount === 2 && runningCount === 2 && pendingCount === 0,
    `${runningCount} tasks run and ${pendingCount} are pending of ${desiredCount}`,
  )
  const [primary] = taskSets
  demand(
    taskSets.length === 1 && primary?.status === 'PRIMARY',
    `task sets are ${taskSets.map(({ id, status }) => `${id} ${status}`)}`,
  )
  demand(
    service.taskDefinition === primary.taskDefinition,
    'the service names another task definition than its PRIMARY task set',
  )
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: names.cluster, desiredStatus: 'RUNNING' }),
  )
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: names.cluster, tasks: taskArns }))
  demand(
    tasks.length === 2 && tasks.every(({ lastStatus }) => lastStatus === 'RUNNING'),
    `tasks are ${tasks.map(({ lastStatus }) => lastStatus)}`,
  )
  const containers = tasks.flatMap(({ containers: [container] = [] }) => container ?? [])
  return {
    primaryGroup: primary.loadBalancers?.[0]?.targetGroupArn ?? '',
    addresses: containers.map(({ networkInterfaces: [network] = [] }) => network?.privateIpv4Address ?? ''),
    // The process runtime's container ids end with the process id.
    pids: containers.map(({ runtimeId = '' }) => Number(runtimeId.split('-').at(-1))),
  }
}

async function targetsAreTasks({ clients }: Stage, addresses: readonly string[]): Promise<void> {
  const { elb } = clients()
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: ['blue', 'green'] }))
  const found: string[] = []
  for (const { TargetGroupArn } of TargetGroups) {
    const { TargetHealthDescriptions = [] } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    )
    for (const { Target, TargetHealth } of TargetHealthDescriptions) {
      demand(TargetHealth?.State === 'healthy', `target ${Target?.Id} is ${TargetHealth?.State}`)
      found.push(Target?.Id ?? '')
    }
  }
  demand(
    JSON.stringify(found.sort()) === JSON.stringify([...addresses].sort()),
    `targets are ${found}, tasks ${addresses}`,
  )
}

/** Both listeners give everything to the group; resolves with their sockets. */
async function routedTo(stage: Stage, group: string): Promise<string[]> {
  const { elb } = stage.clients()
  const { names: bound } = await stage.emulator().status()
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: await loadBalancerOf(stage, group) }),
  )
  const sockets: string[] = []
  for (const { ListenerArn, Port } of Listeners) {
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }))
    for (const { Actions: [action] = [] } of Rules) {
      const weights = action?.ForwardConfig?.TargetGroups ?? []
      const wrong = weights.filter(
        ({ TargetGroupArn, Weight }) => Weight !== (TargetGroupArn === group ? 100 : 0),
      )
      demand(
        weights.length > 0 && wrong.length === 0,
        `port ${Port} has the weights ${JSON.stringify(weights)}`,
      )
    }
    const socket = bound.find(({ name, port }) => port === Port && name.startsWith('main-'))?.socket
    demand(socket, `nothing listens for port ${Port}`)
    sockets.push(socket)
  }
  return sockets
}

async function loadBalancerOf({ clients }: Stage, group: string): Promise<string | undefined> {
  const { TargetGroups = [] } = await clients().elb.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }),
  )
  return TargetGroups[0]?.LoadBalancerArns?.[0]
}

/** What answers there; fails on anything but 200. */
function ask(socket: string): Promise<string> {
  const [host = '', port = ''] = socket.split(':')
  return new Promise((resolve, reject) => {
    get({ host, port: Number(port), agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${socket}: ${response.statusCode}`)),
      )
    }).on('error', reject)
  })
}
