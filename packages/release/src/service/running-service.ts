/** What runs of a service now: the task definition of its primary task set, and the version it stands for. */
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { type Clock, firstStartFloorMs } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'
import { templateTag, versionTag } from './revision.ts'

export interface RunningService {
  readonly desiredCount: number
  readonly runningCount: number
  readonly pendingCount: number
  readonly taskDefinition: string
  /** Undefined before the first release: the service still names its template. */
  readonly version?: string
  /** `family:revision` of the template that the running revision was made from. */
  readonly template?: string
  readonly image?: string
  readonly steady: boolean
}

/** Throws `service-missing` when ECS has no such active service. */
export async function runningService(clients: Clients, manifest: ServiceManifest): Promise<RunningService> {
  const { services } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: manifest.cluster, services: [manifest.service] }),
  )
  const service = services?.find((candidate) => candidate.status === 'ACTIVE')
  if (!service) {
    throw new ReleaseError(
      'service-missing',
      `The cluster ${manifest.cluster} has no active service ${manifest.service}.`,
      'Apply the platform again.',
    )
  }
  const primary = service.taskSets?.find((taskSet) => taskSet.status === 'PRIMARY')
  const taskDefinition = primary?.taskDefinition ?? service.taskDefinition ?? ''
  const { taskDefinition: revision, tags } = await clients.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }),
  )
  const tag = (key: string) => tags?.find((candidate) => candidate.key === key)?.value
  const [version, template] = [tag(versionTag), tag(templateTag)]
  const image = revision?.containerDefinitions?.find(
    (container) => container.name === manifest.containerName,
  )?.image
  return {
    desiredCount: service.desiredCount ?? 0,
    runningCount: primary?.runningCount ?? service.runningCount ?? 0,
    pendingCount: primary?.pendingCount ?? service.pendingCount ?? 0,
    taskDefinition,
    ...(version === undefined ? {} : { version }),
    ...(template === undefined ? {} : { template }),
    ...(image === undefined ? {} : { image }),
    steady: primary?.stabilityStatus === 'STEADY_STATE',
  }
}

/**
 * True when Terraform has a newer template than the one that the running revision was made from: what changed in
 * it reaches production by the next release. False before the first one.
 */
export async function templateIsNewer(
  clients: Clients,
  manifest: ServiceManifest,
  running: RunningService,
): Promise<boolean> {
  if (running.template === undefined) return false
  const { taskDefinition: newest } = await clients.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: manifest.templateFamily }),
  )
  return running.template !== `${newest?.family}:${newest?.revision}`
}

/**
 * Sets the desired count and waits until that many tasks run and are healthy. Throws `not-healthy` after `giveUpAfterMs`,
 * and rejects with the signal's reason.
 */
export async function scaleTo(
  clients: Clients,
  manifest: ServiceManifest,
  desiredCount: number,
  options: { readonly giveUpAfterMs: number; readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  await clients.ecs.send(
    new UpdateServiceCommand({ cluster: manifest.cluster, service: manifest.service, desiredCount }),
  )
  const giveUpAt =
    options.clock.now() + Math.max(options.clock.toReal(options.giveUpAfterMs), firstStartFloorMs)
  for (;;) {
    options.signal?.throwIfAborted()
    const now = await runningService(clients, manifest)
    if (now.steady && now.runningCount === desiredCount) return
    if (options.clock.now() > giveUpAt) {
      throw new ReleaseError(
        'not-healthy',
        `${manifest.service} did not become healthy: ${now.runningCount} of ${desiredCount} tasks run, ${now.pendingCount} are pending.`,
        'Read the tasks’ logs and the events of the service; then release again.',
      )
    }
    await options.clock.sleep(5_000)
  }
}
