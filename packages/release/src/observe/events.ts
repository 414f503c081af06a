/**
 * What happened to a service, from those who noted it: ECS's own events, the ends of its tasks, CodeDeploy's deployments,
 * and the records of releases. In the order of time.
 */
import { BatchGetDeploymentsCommand, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy'
import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { serviceManifest } from '../aws/manifests.ts'
import type { ReleaseTarget } from '../record/release-record.ts'
import { releaseRecords } from '../record/store.ts'
import type { Observers } from './observers.ts'

export interface PlatformEvent {
  readonly at: number
  readonly target: ReleaseTarget
  readonly source: 'ecs' | 'task' | 'codedeploy' | 'release'
  readonly message: string
}

/** Of a service: what ECS, its tasks and CodeDeploy say. Of the others: the records of their releases. */
export async function eventsOf(
  clients: Observers,
  platform: string,
  target: ReleaseTarget,
): Promise<readonly PlatformEvent[]> {
  const [kind, name] = target.split('/')
  const found = await Promise.all([
    recorded(clients, platform, target),
    ...(kind === 'service' && name !== undefined ? [serviceEvents(clients, platform, name)] : []),
  ])
  return found.flat().sort((a, b) => a.at - b.at)
}

async function recorded(
  clients: Observers,
  platform: string,
  target: ReleaseTarget,
): Promise<readonly PlatformEvent[]> {
  const records = await releaseRecords(clients, platform, target)
  return records.flatMap(({ version, action, state, startedAt, endedAt, by, reason }) => {
    const event = (at: string, message: string) =>
      ({ at: Date.parse(at), target, source: 'release', message }) as const
    const begun = action === 'release' ? `release of ${version}` : `rollback to ${version}`
    const why = reason === undefined ? '' : `: ${reason}`
    return [
      event(startedAt, `${begun} begun by ${by}`),
      ...(endedAt === undefined ? [] : [event(endedAt, `${begun} ${state}${why}`)]),
    ]
  })
}

async function serviceEvents(
  clients: Observers,
  platform: string,
  name: string,
): Promise<readonly PlatformEvent[]> {
  const manifest = await serviceManifest(clients, platform, name)
  const target = `service/${name}` as const
  const { cluster, service } = manifest
  const [described, stopped, deployments] = await Promise.all([
    clients.ecs.send(new DescribeServicesCommand({ cluster, services: [service] })),
    stoppedTasks(clients, cluster, service),
    manifest.controller === 'ECS'
      ? []
      : deploymentsOf(clients, manifest.codedeployApplication, manifest.codedeployDeploymentGroup),
  ])
  const noted = (described.services?.[0]?.events ?? []).map(({ createdAt, message = '' }) => ({
    at: createdAt?.getTime() ?? 0,
    target,
    source: 'ecs' as const,
    message,
  }))
  const ended = stopped.map(({ taskArn = '', stoppedAt, stoppedReason = 'no reason given', containers }) => {
    const codes = (containers ?? []).flatMap(({ name: container, exitCode }) =>
      exitCode === undefined ? [] : [`${container} exited with ${exitCode}`],
    )
    const message = [`task ${taskArn.split('/').at(-1)} stopped: ${stoppedReason}`, ...codes].join('; ')
    return { at: stoppedAt?.getTime() ?? 0, target, source: 'task' as const, message }
  })
  return [...noted, ...ended, ...deployments.map((each) => ({ ...each, target }))]
}

/** Those of the last hour: ECS forgets them then. */
async function stoppedTasks({ ecs }: Observers, cluster: string, serviceName: string) {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED' }),
  )
  if (taskArns.length === 0) return []
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 100) }))
  return tasks
}

async function deploymentsOf(
  { codedeploy }: Observers,
  applicationName: string,
  deploymentGroupName: string,
) {
  const { deployments = [] } = await codedeploy.send(
    new ListDeploymentsCommand({ applicationName, deploymentGroupName }),
  )
  if (deployments.length === 0) return []
  const { deploymentsInfo = [] } = await codedeploy.send(
    new BatchGetDeploymentsCommand({ deploymentIds: deployments.slice(0, 25) }),
  )
  return deploymentsInfo.flatMap(
    ({ deploymentId, description, creator, createTime, completeTime, status, errorInformation }) => {
      const event = (at: Date | undefined, message: string) =>
        at ? [{ at: at.getTime(), source: 'codedeploy' as const, message: `${deploymentId} ${message}` }] : []
      const why = errorInformation?.message ? `: ${errorInformation.message}` : ''
      const what = description ? ` (${description})` : creator === 'codeDeployRollback' ? ' (rollback)' : ''
      return [...event(createTime, `created${what}`), ...event(completeTime, `${status}${why}`)]
    },
  )
}
