/**
 * The release of a service, read as a runbook: an image by digest, a revision from the template, a CodeDeploy
 * deployment watched to its end. The first release has nothing to shift from: CodeDeploy puts the revision in
 * place while the service has no tasks, and then the count is raised.
 */
import type { Clients } from '../aws/clients.ts'
import { serviceManifest } from '../aws/manifests.ts'
import type { Clock } from '../clock.ts'
import { type OnProgress, step } from '../progress.ts'
import type { ReleaseOrigin } from '../record/release-record.ts'
import { deployRevision } from './deploy-revision.ts'
import type { DeploymentOutcome } from './deployment.ts'
import { registerRevision } from './revision.ts'
import { runningService } from './running-service.ts'

export interface ServiceReleaseRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly service: string
  /** Of the main container, by digest. */
  readonly image: string
  /** Of the containers beside it, by digest and by the container's name. */
  readonly sidecars?: Readonly<Record<string, string>>
  readonly version: string
  /** Digest of what is released, whatever its version: for the record. */
  readonly content?: string
  readonly origin?: ReleaseOrigin
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
  const { platform, service, version, image } = request
  const manifest = await serviceManifest(clients, platform, service)
  // Of a service whose traffic another container takes, the main container is still the first.
  const main = Object.keys(manifest.images ?? {})[0] ?? manifest.containerName
  const images = { [main]: image, ...request.sidecars }
  const before = await runningService(clients, manifest)
  // Also when an earlier first release was cut off between its deployment and its first tasks.
  const first = before.desiredCount === 0
  const revision = await step(onProgress, service, 'register the revision', () =>
    registerRevision(clients, { ...manifest, images, version }),
  )
  const deployment = await deployRevision(
    clients,
    {
      ...request,
      manifest,
      from: before.version,
      taskDefinition: revision.arn,
      first,
      action: 'release',
      images,
    },
    clock,
    onProgress,
  )
  return {
    kind: 'service',
    target: service,
    ...(before.version === undefined ? {} : { from: before.version }),
    to: version,
    succeeded: deployment.status === 'Succeeded',
    first,
    taskDefinition: revision.arn,
    deployment,
  }
}
