/**
 * What a deployment that is under way can be asked: to be followed again after its command was cut off, to be stopped,
 * to go on after an approval. The record of the release is completed by each of them.
 */
import { ContinueDeploymentCommand, DeploymentIsNotInReadyStateException } from '@aws-sdk/client-codedeploy'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from './aws/clients.ts'
import { serviceManifest } from './aws/manifests.ts'
import type { Clock } from './clock.ts'
import type { OnProgress } from './progress.ts'
import { continueRecording } from './record/recording.ts'
import { isOver, type ReleaseRecord } from './record/release-record.ts'
import { releaseRecords } from './record/store.ts'
import { ReleaseError } from './release-error.ts'
import { followDeployment, stateOf } from './service/deploy-revision.ts'
import { type DeploymentOutcome, stopDeployment } from './service/deployment.ts'
import {
  type DeploymentUnderWay,
  deploymentUnderWay,
  describeDeployment,
  requireDeploymentUnderWay,
} from './service/deployments.ts'
import { rollingUpdateResult, stopRollingUpdate } from './service/rolling-update.ts'
import { runningService } from './service/running-service.ts'
import { withScalingSuspended } from './service/scaling.ts'

export interface UnderWayRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly service: string
  /** Stops the deployment and rolls it back when it is aborted, as that of a release does. */
  readonly signal?: AbortSignal
}

export interface Followed {
  readonly kind: 'service'
  readonly target: string
  readonly version?: string
  readonly deployment: DeploymentOutcome
  readonly succeeded: boolean
}

/** A release that ended while no one watched: its record is completed, and scaling is resumed. */
export interface Settled {
  readonly kind: 'service'
  readonly target: string
  readonly version: string
  readonly settled: ReleaseRecord['state']
  readonly reason?: string
  /** The deployment of a first release has ended, but no tasks were started. */
  readonly withoutTasks: boolean
}

/** Undefined where nothing is under way and no record is open. */
export async function resumeDeployment(
  clients: Clients,
  request: UnderWayRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<Followed | Settled | undefined> {
  const manifest = await serviceManifest(clients, request.platform, request.service)
  const underWay = await deploymentUnderWay(clients, manifest)
  if (underWay !== undefined) return follow(clients, request, underWay, clock, onProgress)
  return settle(clients, request, manifest)
}

/** Stops it and waits until it has been rolled back. Throws `nothing-under-way`. */
export async function stopUnderWay(
  clients: Clients,
  request: UnderWayRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<Followed> {
  const manifest = await serviceManifest(clients, request.platform, request.service)
  const underWay = await requireDeploymentUnderWay(clients, manifest)
  if (underWay.rollsBack !== undefined) {
    throw new ReleaseError(
      'nothing-under-way',
      `${underWay.id} is the rollback of ${underWay.rollsBack}: to stop it would leave the service between two versions.`,
      `Wait for its end: baton resume service/${request.service}.`,
    )
  }
  if (manifest.controller === 'ECS') await stopRollingUpdate(clients, underWay.id, { manifest })
  else await stopDeployment(clients, underWay.id)
  return follow(clients, request, underWay, clock, onProgress)
}

/** Lets a deployment go on that waits for an approval, and follows it. Throws `nothing-under-way`, `not-waiting`. */
export async function approveDeployment(
  clients: Clients,
  request: UnderWayRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<Followed> {
  const manifest = await serviceManifest(clients, request.platform, request.service)
  const underWay = await requireDeploymentUnderWay(clients, manifest)
  const { id: deploymentId } = underWay
  try {
    if (underWay.status !== 'Ready') throw notWaiting(deploymentId, underWay.status)
    await clients.codedeploy.send(
      new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' }),
    )
  } catch (error) {
    if (error instanceof DeploymentIsNotInReadyStateException) throw notWaiting(deploymentId, 'not ready')
    throw error
  }
  return follow(clients, request, underWay, clock, onProgress)
}

const notWaiting = (deploymentId: string, status: string) =>
  new ReleaseError(
    'not-waiting',
    `${deploymentId} does not wait for an approval (${status}).`,
    'Only a platform with delivery.approval waits, once the new tasks are healthy: see `baton status`.',
  )

async function follow(
  clients: Clients,
  { platform, service, signal }: UnderWayRequest,
  underWay: DeploymentUnderWay,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<Followed> {
  const manifest = await serviceManifest(clients, platform, service)
  const { desiredCount } = await runningService(clients, manifest)
  // A rollback is followed as a part of the deployment that it takes back.
  const deploymentId = underWay.rollsBack ?? underWay.id
  const record = (await releaseRecords(clients, platform, `service/${service}`)).find(
    (each) => each.deploymentId === deploymentId,
  )
  const deployment = await followDeployment(
    clients,
    {
      manifest,
      service,
      deploymentId,
      first: desiredCount === 0,
      signal,
      ...(record ? { recording: continueRecording(clients, platform, record, onProgress) } : {}),
    },
    clock,
    onProgress,
  )
  const version = record?.version ?? underWay.version
  return {
    kind: 'service',
    target: service,
    ...(version === undefined ? {} : { version }),
    deployment,
    succeeded: deployment.status === 'Succeeded',
  }
}

/** Completes the newest record, where its release was cut off. Scaling that it had suspended is resumed. */
async function settle(
  clients: Clients,
  { platform, service }: UnderWayRequest,
  manifest: ServiceManifest,
): Promise<Settled | undefined> {
  const [record] = await releaseRecords(clients, platform, `service/${service}`)
  if (record?.deploymentId === undefined || isOver(record)) return undefined
  const ended = await endOf(clients, manifest, record.deploymentId)
  const settled = stateOf(ended)
  const { reason, at } = ended
  await withScalingSuspended(clients, manifest.scalableTarget, () =>
    continueRecording(clients, platform, record).end({
      state: settled,
      ...(at ? { endedAt: at.toISOString() } : {}),
      ...(settled === 'succeeded' || reason === undefined ? {} : { reason }),
    }),
  )
  const { desiredCount } = await runningService(clients, manifest)
  return {
    kind: 'service',
    target: service,
    version: record.version,
    settled,
    ...(reason === undefined ? {} : { reason }),
    withoutTasks: settled === 'succeeded' && desiredCount === 0,
  }
}

async function endOf(clients: Clients, manifest: ServiceManifest, deploymentId: string) {
  if (manifest.controller === 'ECS') {
    const { status, rolledBack, message, finishedAt } = (await rollingUpdateResult(
      clients,
      deploymentId,
    )) ?? {
      status: '',
      rolledBack: false,
    }
    return { status, rolledBack, reason: message, at: finishedAt }
  }
  const info = await describeDeployment(clients, deploymentId)
  const rollback = info.rollbackInfo?.rollbackDeploymentId
  const rolledBack =
    rollback !== undefined && (await describeDeployment(clients, rollback)).status === 'Succeeded'
  const { status = '', errorInformation, completeTime } = info
  return { status, rolledBack, reason: errorInformation?.message, at: completeTime }
}
