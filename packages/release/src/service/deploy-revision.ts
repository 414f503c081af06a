/**
 * A revision on its way into production: a deployment that is created, recorded and watched to its end while scaling is
 * suspended. It is CodeDeploy's where the service takes traffic, and otherwise ECS's own rolling update. Releases, rollbacks and the command that follows a deployment again go this one way.
 */
import { DeploymentLimitExceededException } from '@aws-sdk/client-codedeploy'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import { type OnProgress, step } from '../progress.ts'
import { type Recording, startRecording } from '../record/recording.ts'
import {
  isOver,
  type ReleaseOrigin,
  type ReleaseRecord,
  type ReleaseState,
} from '../record/release-record.ts'
import { releaseRecords } from '../record/store.ts'
import { ReleaseError } from '../release-error.ts'
import {
  createDeployment,
  type DeploymentOutcome,
  type LifecycleStep,
  stopDeployment,
  watchDeployment,
} from './deployment.ts'
import { stopRollingUpdate, watchRollingUpdate } from './rolling-update.ts'
import { scaleTo } from './running-service.ts'
import { withScalingSuspended } from './scaling.ts'
import { startRollingUpdate } from './service-deployment.ts'

export interface RevisionDeployment {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly manifest: ServiceManifest
  readonly service: string
  readonly version: string
  readonly from: string | undefined
  readonly taskDefinition: string
  /** The service has no tasks: the deployment goes all at once, and then the count is raised. */
  readonly first: boolean
  readonly action: ReleaseRecord['action']
  readonly images: Readonly<Record<string, string>>
  readonly content?: string | undefined
  readonly origin?: ReleaseOrigin | undefined
  readonly signal?: AbortSignal | undefined
}

/** An outcome that is not `Succeeded` is no error; errors are thrown for what could not be begun or watched. */
export async function deployRevision(
  clients: Clients,
  plan: RevisionDeployment,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<DeploymentOutcome> {
  const { platform, manifest, service, version, from, taskDefinition, first, signal } = plan
  signal?.throwIfAborted()
  const begin = () =>
    rolls(manifest)
      ? startRollingUpdate(clients, { manifest, taskDefinition, first }, clock)
      : createDeployment(clients, { manifest, taskDefinition, version, first })
  const deploymentId = await begin().catch((error) => refused(clients, platform, service, error))
  const recording = await startRecording(
    clients,
    platform,
    {
      by: 'unknown',
      ...plan.origin,
      target: `service/${service}`,
      version,
      ...(from === undefined ? {} : { from }),
      action: plan.action,
      images: plan.images,
      ...(plan.content === undefined ? {} : { content: plan.content }),
      taskDefinition,
      deploymentId,
    },
    onProgress,
  )
  return followDeployment(clients, { ...plan, deploymentId, recording }, clock, onProgress)
}

const rolls = ({ controller }: ServiceManifest) => controller === 'ECS'

/** Two people at once: the second one is answered who the first one is. Throws. */
async function refused(clients: Clients, platform: string, service: string, error: unknown): Promise<never> {
  const isTaken =
    error instanceof ReleaseError &&
    error.code === 'deployment-refused' &&
    error.cause instanceof DeploymentLimitExceededException
  if (!isTaken) throw error
  const target = `service/${service}` as const
  const [other] = await releaseRecords(clients, platform, target).catch(() => [])
  const who =
    other && !isOver(other)
      ? ` ${other.version} is being ${other.action === 'release' ? 'released' : 'rolled back to'} by ${other.by} since ${other.startedAt}.`
      : ''
  throw new ReleaseError(
    error.code,
    `${error.message}.${who}`.replace('..', '.'),
    `Wait for it (baton resume ${target} follows it), or take it back: baton stop ${target}.`,
    { cause: error.cause },
  )
}

/** A deployment that exists already. */
export interface FollowedDeployment
  extends Pick<RevisionDeployment, 'manifest' | 'service' | 'first' | 'signal'> {
  readonly deploymentId: string
  readonly recording?: Recording | undefined
}

/** Watches it to its end, starts the first tasks of a first release, and records how it ended. */
export async function followDeployment(
  clients: Clients,
  followed: FollowedDeployment,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<DeploymentOutcome> {
  const { manifest, service, first, signal, recording } = followed
  try {
    const outcome = await withoutScaling(clients, followed, async () => {
      const ended = await watch(clients, followed, clock, onProgress)
      // A rolling update has started them itself.
      if (first && !rolls(manifest) && ended.status === 'Succeeded') {
        await step(onProgress, service, 'start the first tasks', () =>
          scaleTo(clients, manifest, manifest.desiredCount, {
            giveUpAfterMs: giveUpAfterMs(manifest),
            clock,
            ...(signal ? { signal } : {}),
          }),
        )
      }
      return ended
    })
    await recording?.end({ state: stateOf(outcome), ...reasonOf(outcome) })
    return outcome
  } catch (error) {
    // What is only unwatched goes on: its record stays open, and the next command completes it.
    const goesOn = error instanceof Error && 'code' in error && error.code === 'deployment-unwatched'
    if (!goesOn) await recording?.end({ state: 'failed', reason: String(error) })
    throw error
  }
}

const giveUpAfterMs = (manifest: ServiceManifest) => manifest.giveUpAfterMinutes * 60_000

export function stateOf(outcome: Pick<DeploymentOutcome, 'status' | 'rolledBack'>): ReleaseState {
  if (outcome.status === 'Succeeded') return 'succeeded'
  return outcome.rolledBack ? 'rolled-back' : 'failed'
}

const reasonOf = (outcome: DeploymentOutcome) =>
  outcome.status === 'Succeeded' ? {} : { reason: describeOutcome(outcome) }

/** One line for people: `Stopped after the tasks did not become healthy in time; rolled back`. */
export function describeOutcome(outcome: DeploymentOutcome): string {
  const why = outcome.stopped === 'gave-up' ? 'the new tasks did not become healthy in time' : outcome.message
  const parts = [why ? `${outcome.status}: ${why}` : outcome.status]
  if (outcome.rolledBack) parts.push('rolled back')
  return parts.join('; ')
}

/**
 * The deployment comes first: it is the lock among releases, so that one that is refused leaves alone what the other
 * has suspended. Where scaling cannot be suspended, the deployment would not be watched: it is stopped.
 */
async function withoutScaling<T>(
  clients: Clients,
  followed: FollowedDeployment,
  work: () => Promise<T>,
): Promise<T> {
  const { manifest, deploymentId } = followed
  let watched = false
  try {
    return await withScalingSuspended(clients, manifest.scalableTarget, () => {
      watched = true
      return work()
    })
  } catch (error) {
    const stop = () =>
      rolls(manifest)
        ? stopRollingUpdate(clients, deploymentId, followed)
        : stopDeployment(clients, deploymentId)
    if (!watched) await stop().catch(() => undefined)
    throw error
  }
}

async function watch(
  clients: Clients,
  { manifest, deploymentId, service, signal }: FollowedDeployment,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<DeploymentOutcome> {
  onProgress?.({ target: service, step: 'deploy', state: 'started', detail: deploymentId })
  const options = {
    giveUpAfterMs: giveUpAfterMs(manifest),
    clock,
    ...(signal ? { signal } : {}),
    onStep: (event: LifecycleStep) =>
      onProgress?.({ target: service, step: event.name, ...progressOf(event) }),
  }
  const outcome = rolls(manifest)
    ? await watchRollingUpdate(clients, deploymentId, { ...options, manifest })
    : await watchDeployment(clients, deploymentId, options)
  onProgress?.({
    target: service,
    step: 'deploy',
    state: outcome.status === 'Succeeded' ? 'finished' : 'failed',
    detail: describeOutcome(outcome),
  })
  return outcome
}

function progressOf(event: LifecycleStep): {
  state: 'started' | 'finished' | 'failed' | 'noted'
  detail?: string
} {
  if (event.status === 'InProgress') return { state: 'started' }
  if (event.status === 'Succeeded') return { state: 'finished' }
  if (event.status === 'Failed') return { state: 'failed' }
  return { state: 'noted', detail: event.status }
}
