/**
 * The release of a service, read as a runbook: an image by digest, a revision from the template, a CodeDeploy
 * deployment watched to its end. The first release has nothing to shift from: CodeDeploy puts the revision in
 * place while the service has no tasks, and then the count is raised.
 */
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { serviceManifest } from '../aws/manifests.ts'
import type { Clock } from '../clock.ts'
import { type OnProgress, step } from '../progress.ts'
import {
  createDeployment,
  type DeploymentOutcome,
  type LifecycleStep,
  stopDeployment,
  watchDeployment,
} from './deployment.ts'
import { registerRevision } from './revision.ts'
import { runningService, scaleTo } from './running-service.ts'
import { withScalingSuspended } from './scaling.ts'

export interface ServiceReleaseRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly service: string
  /** By digest. */
  readonly image: string
  readonly version: string
  /** Stops the deployment and rolls it back when it is aborted; before there is one it rejects with the reason. */
  readonly signal?: AbortSignal
}

export interface ServiceRelease {
  readonly kind: 'service'
  readonly target: string
  /** Version that ran before; undefined for the first release. */
  readonly from?: string
  readonly to: string
  readonly succeeded: boolean
  readonly first: boolean
  readonly taskDefinition: string
  readonly deployment: DeploymentOutcome
}

/**
 * Releases a service. A deployment that fails, is stopped or rolled back is an outcome, not an error; errors are
 * thrown for what could not be begun (`ReleaseError`).
 */
export async function releaseService(
  clients: Clients,
  request: ServiceReleaseRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<ServiceRelease> {
  const target = request.service
  const manifest = await serviceManifest(clients, request.platform, request.service)
  const before = await runningService(clients, manifest)
  // Also when an earlier first release was cut off between its deployment and its first tasks.
  const first = before.desiredCount === 0
  const revision = await step(onProgress, target, 'register the revision', () =>
    registerRevision(clients, { ...manifest, image: request.image, version: request.version }),
  )
  const { version } = request
  request.signal?.throwIfAborted()
  const deploymentId = await createDeployment(clients, {
    manifest,
    taskDefinition: revision.arn,
    version,
    first,
  })
  const deployment = await withoutScaling(clients, manifest, deploymentId, async () => {
    const outcome = await watch(clients, { manifest, deploymentId, request }, clock, onProgress)
    if (first && outcome.status === 'Succeeded') {
      await step(onProgress, target, 'start the first tasks', () =>
        scaleTo(clients, manifest, manifest.desiredCount, {
          giveUpAfterMs: giveUpAfterMs(manifest),
          clock,
          ...(request.signal ? { signal: request.signal } : {}),
        }),
      )
    }
    return outcome
  })
  return {
    kind: 'service',
    target,
    ...(before.version === undefined ? {} : { from: before.version }),
    to: request.version,
    succeeded: deployment.status === 'Succeeded',
    first,
    taskDefinition: revision.arn,
    deployment,
  }
}

const giveUpAfterMs = (manifest: ServiceManifest) => manifest.giveUpAfterMinutes * 60_000

/**
 * The deployment comes first: it is the lock among releases, so that one that is refused leaves alone what the other
 * has suspended. Where scaling cannot be suspended, the deployment would not be watched: it is stopped.
 */
async function withoutScaling<T>(
  clients: Clients,
  manifest: ServiceManifest,
  deploymentId: string,
  work: () => Promise<T>,
): Promise<T> {
  let watched = false
  try {
    return await withScalingSuspended(clients, manifest.scalableTarget, () => {
      watched = true
      return work()
    })
  } catch (error) {
    if (!watched) await stopDeployment(clients, deploymentId).catch(() => undefined)
    throw error
  }
}

async function watch(
  clients: Clients,
  plan: { manifest: ServiceManifest; deploymentId: string; request: ServiceReleaseRequest },
  clock: Clock,
  onProgress?: OnProgress,
): Promise<DeploymentOutcome> {
  const { manifest, deploymentId, request } = plan
  onProgress?.({ target: request.service, step: 'deploy', state: 'started', detail: deploymentId })
  const outcome = await watchDeployment(clients, deploymentId, {
    giveUpAfterMs: giveUpAfterMs(manifest),
    clock,
    ...(request.signal ? { signal: request.signal } : {}),
    onStep: (event) => onProgress?.({ target: request.service, step: event.name, ...progressOf(event) }),
  })
  onProgress?.({
    target: request.service,
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

/** One line for people: `Stopped after the tasks did not become healthy in time; rolled back`. */
export function describeOutcome(outcome: DeploymentOutcome): string {
  const why = outcome.stopped === 'gave-up' ? 'the new tasks did not become healthy in time' : outcome.message
  const parts = [why ? `${outcome.status}: ${why}` : outcome.status]
  if (outcome.rolledBack) parts.push('rolled back')
  return parts.join('; ')
}
