/** What runs of a platform, since when and from what; what is under way; what is wrong. Only reads. */
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { GetDeploymentTargetCommand, ListDeploymentTargetsCommand } from '@aws-sdk/client-codedeploy'
import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Platform, type ServiceManifest, shiftSeconds } from '@baton/config'
import { serviceManifest, siteManifest } from '../aws/manifests.ts'
import { succeededRelease } from '../record/earlier.ts'
import type { ReleaseRecord, ReleaseTarget } from '../record/release-record.ts'
import { releaseRecords } from '../record/store.ts'
import { type DeploymentUnderWay, deploymentUnderWay } from '../service/deployments.ts'
import { type RunningService, runningService, templateIsNewer } from '../service/running-service.ts'
import { currentRelease } from '../site/pointer.ts'
import type { Observers } from './observers.ts'

/** Where what runs came from, as far as its release was recorded. */
interface Origin {
  /** ISO 8601. */
  readonly since?: string
  readonly by?: string
  readonly commit?: string
  readonly dirty?: boolean
}

export interface DeploymentStatus {
  readonly id: string
  /** CodeDeploy's word: `InProgress`, `Ready`. */
  readonly status: string
  readonly version?: string
  /** The life cycle event that is under way: `AllowTraffic`. */
  readonly step?: string
  /** Percent of the production traffic that the new tasks get. */
  readonly newTrafficPercent?: number
  /** What the group's own waits will still take, in real milliseconds; starting tasks takes its own time. */
  readonly remainingMs?: number
}

export interface ServiceStatus extends RunningService, Origin {
  readonly name: string
  /** Targets of the running tasks that the load balancer calls healthy; undefined where it is not asked. */
  readonly healthyCount?: number
  readonly templateIsNewer: boolean
  readonly deployment?: DeploymentStatus
}

export interface SiteStatus extends Origin {
  readonly name: string
  readonly host: string
  readonly version?: string
}

export interface AlarmStatus {
  readonly name: string
  /** ISO 8601. */
  readonly since?: string
  readonly reason?: string
}

export interface PlatformStatus {
  readonly services: readonly ServiceStatus[]
  readonly sites: readonly SiteStatus[]
  /** The platform's alarms that are in ALARM. */
  readonly alarms: readonly AlarmStatus[]
}

/** `speed` compresses AWS's own waits: 1 on AWS. Throws `manifest-missing` where the platform is not applied. */
export async function platformStatus(
  clients: Observers,
  platform: Platform,
  speed: number,
): Promise<PlatformStatus> {
  const [services, sites, alarms] = await Promise.all([
    Promise.all(platform.services.map(({ name }) => serviceStatus(clients, platform, name, speed))),
    Promise.all(platform.sites.map(({ name, host }) => siteStatus(clients, platform, name, host))),
    alarmsOf(clients, platform),
  ])
  return { services, sites, alarms }
}

async function serviceStatus(
  clients: Observers,
  platform: Platform,
  name: string,
  speed: number,
): Promise<ServiceStatus> {
  const manifest = await serviceManifest(clients, platform.name, name)
  const running = await runningService(clients, manifest)
  const [isNewer, healthyCount, deployment, origin] = await Promise.all([
    templateIsNewer(clients, manifest, running),
    healthyTargets(clients, manifest),
    deploymentStatus(clients, manifest, platform, speed),
    originOf(clients, platform, `service/${name}`, running.version),
  ])
  return {
    name,
    ...running,
    ...origin,
    ...(healthyCount === undefined ? {} : { healthyCount }),
    templateIsNewer: isNewer,
    ...(deployment ? { deployment } : {}),
  }
}

async function siteStatus(
  clients: Observers,
  platform: Platform,
  name: string,
  host: string,
): Promise<SiteStatus> {
  const version = await currentRelease(clients, await siteManifest(clients, platform.name, name))
  const origin = await originOf(clients, platform, `site/${name}`, version)
  return { name, host, ...(version === undefined ? {} : { version }), ...origin }
}

async function originOf(
  clients: Observers,
  platform: Platform,
  target: ReleaseTarget,
  version: string | undefined,
): Promise<Origin> {
  if (version === undefined) return {}
  const record: Partial<ReleaseRecord> =
    succeededRelease(await releaseRecords(clients, platform.name, target), version) ?? {}
  const { endedAt, by, commit, dirty } = record
  return {
    ...(endedAt === undefined ? {} : { since: endedAt }),
    ...(by === undefined ? {} : { by }),
    ...(commit === undefined ? {} : { commit }),
    ...(dirty === undefined ? {} : { dirty }),
  }
}

/** Of the target group that the primary task set stands in; a worker has none. */
async function healthyTargets(clients: Observers, manifest: ServiceManifest): Promise<number | undefined> {
  const { services } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: manifest.cluster, services: [manifest.service] }),
  )
  const primary = services?.[0]?.taskSets?.find(({ status }) => status === 'PRIMARY')
  const [balancer] = primary?.loadBalancers ?? services?.[0]?.loadBalancers ?? []
  if (balancer?.targetGroupArn === undefined) return undefined
  const { TargetHealthDescriptions = [] } = await clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: balancer.targetGroupArn }),
  )
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
}

async function deploymentStatus(
  clients: Observers,
  manifest: ServiceManifest,
  { delivery }: Platform,
  speed: number,
): Promise<DeploymentStatus | undefined> {
  if (manifest.controller === 'ECS') return undefined
  const underWay = await deploymentUnderWay(clients, manifest)
  if (underWay === undefined) return undefined
  const target = await targetOf(clients, underWay)
  const events = target?.lifecycleEvents ?? []
  const step = events.find(({ status }) => status === 'InProgress')?.lifecycleEventName
  const startOf = (name: string) =>
    events.find(({ lifecycleEventName }) => lifecycleEventName === name)?.startTime?.getTime()
  const remainingMs = remaining({
    shiftMs: delivery.shift.kind === 'allAtOnce' ? 0 : (shiftSeconds(delivery.shift) * 1000) / speed,
    waitMs: (delivery.terminationWaitMinutes * 60_000) / speed,
    shiftStartedAt: startOf('AllowTraffic'),
    shiftEndedAt: startOf('AfterAllowTraffic'),
    now: Date.now(),
  })
  const weights = target?.taskSetsInfo?.find(({ taskSetLabel }) => taskSetLabel === 'Green')
  const { id, status, version } = underWay
  return {
    id,
    status,
    ...(version === undefined ? {} : { version }),
    ...(step === undefined ? {} : { step }),
    ...(weights?.trafficWeight === undefined ? {} : { newTrafficPercent: weights.trafficWeight }),
    ...(status === 'Ready' || underWay.rollsBack ? {} : { remainingMs }),
  }
}

async function targetOf(clients: Observers, { id: deploymentId }: DeploymentUnderWay) {
  const { targetIds = [] } = await clients.codedeploy
    .send(new ListDeploymentTargetsCommand({ deploymentId }))
    // CodeDeploy refuses to list what has not started.
    .catch(() => ({ targetIds: [] }))
  const [targetId] = targetIds
  if (targetId === undefined) return undefined
  const { deploymentTarget } = await clients.codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId }),
  )
  return deploymentTarget?.ecsTarget
}

/** The shift and the wait for the end of the old tasks, less what has passed of them. */
export function remaining(times: {
  readonly shiftMs: number
  readonly waitMs: number
  readonly shiftStartedAt: number | undefined
  readonly shiftEndedAt: number | undefined
  readonly now: number
}): number {
  const { shiftMs, waitMs, shiftStartedAt, shiftEndedAt, now } = times
  if (shiftEndedAt !== undefined) return Math.max(0, waitMs - (now - shiftEndedAt))
  if (shiftStartedAt === undefined) return shiftMs + waitMs
  return Math.max(0, shiftMs - (now - shiftStartedAt)) + waitMs
}

async function alarmsOf({ cloudwatch }: Observers, { name }: Platform): Promise<readonly AlarmStatus[]> {
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: `${name}-`, StateValue: 'ALARM' }),
  )
  return MetricAlarms.map(({ AlarmName = '', StateUpdatedTimestamp, StateReason }) => ({
    name: AlarmName,
    ...(StateUpdatedTimestamp ? { since: StateUpdatedTimestamp.toISOString() } : {}),
    ...(StateReason ? { reason: StateReason } : {}),
  }))
}
