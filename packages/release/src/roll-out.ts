/**
 * The first roll-out, in the only order that works on an empty account: the registry has to be there before the
 * images, the images before the services, the users of the database before the services that log in as them.
 */
import type { Image } from '@baton/image'
import type { Clients } from './clients.ts'
import { pushToRepository } from './image-push.ts'
import { migrationManifest, serviceManifest, siteManifest } from './manifests.ts'
import { migrate } from './migration.ts'
import type { Pace } from './pace.ts'
import { type OnProgress, step } from './progress.ts'
import { ReleaseError } from './release-error.ts'
import { runningService } from './running-service.ts'
import { describeOutcome, releaseService, type ServiceRelease } from './service-release.ts'
import { currentRelease } from './site-pointer.ts'
import { releaseSite, type SiteRelease } from './site-release.ts'

export interface RollOut {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly version: string
  /** Applies a stack: by Terraform, or by an emulator. */
  readonly apply: (stack: 'bootstrap' | 'platform') => Promise<void>
  readonly migration: Image
  /** ECR repository by what is pushed there; they belong to the bootstrap stack and exist before any manifest. */
  readonly repositories: { readonly migration: string; readonly services: Readonly<Record<string, string>> }
  readonly services: Readonly<Record<string, Image>>
  /** Folder of the built site, by name. */
  readonly sites: Readonly<Record<string, string>>
  /** Stops the step that is under way, a migration and deployments included. */
  readonly signal?: AbortSignal
}

/** What this roll-out released; what had been released before is left as it is. */
export interface RolledOut {
  readonly services: readonly ServiceRelease[]
  readonly sites: readonly SiteRelease[]
}

/**
 * Throws what a step throws, and the signal's reason. Every step may be run again: it goes on where the last run ended.
 */
export async function rollOut(
  clients: Clients,
  plan: RollOut,
  pace: Pace,
  onProgress?: OnProgress,
): Promise<RolledOut> {
  const { platform, version } = plan
  const signal = plan.signal ? { signal: plan.signal } : {}
  await step(onProgress, 'platform', 'apply bootstrap', () => plan.apply('bootstrap'))
  const missing = await unreleased(clients, plan)
  const images = await pushImages(clients, plan, missing.services, onProgress)
  plan.signal?.throwIfAborted()
  await step(onProgress, 'platform', 'apply platform', () => plan.apply('platform'))
  if (images) {
    await migrate(clients, { platform, image: images.migration, version, ...signal }, pace, onProgress)
  }
  const services = await Promise.all(
    (images?.services ?? []).map(([service, image]) =>
      releaseService(clients, { platform, service, image, version, ...signal }, pace, onProgress),
    ),
  )
  // What was stopped because somebody asked for it is no failure of the service.
  plan.signal?.throwIfAborted()
  for (const release of services) {
    if (release.succeeded) continue
    throw new ReleaseError(
      'not-healthy',
      `The first release of ${release.target} did not succeed: ${describeOutcome(release.deployment)}.`,
      'See the service’s logs; then run the roll-out again.',
    )
  }
  const sites = await Promise.all(
    Object.entries(plan.sites)
      .filter(([site]) => missing.sites.has(site))
      .map(([site, folder]) => releaseSite(clients, { platform, site, folder, version }, pace, onProgress)),
  )
  return { services, sites }
}

/**
 * Pushes what the services without a release need; undefined when none does. What runs keeps its image: the sources
 * may have changed since, and a version never changes its content.
 */
async function pushImages(
  clients: Clients,
  plan: RollOut,
  wanted: ReadonlySet<string>,
  onProgress?: OnProgress,
) {
  if (wanted.size === 0) return undefined
  const push = async (target: string, image: Image, repository: string) =>
    (
      await step(onProgress, target, 'push the image', () =>
        pushToRepository(clients, image, repository, plan.version),
      )
    ).reference
  const migration = await push('migration', plan.migration, plan.repositories.migration)
  const services = await Promise.all(
    Object.entries(plan.services)
      .filter(([service]) => wanted.has(service))
      .map(async ([service, image]) => {
        const repository = plan.repositories.services[service] ?? ''
        return [service, await push(service, image, repository)] as const
      }),
  )
  return { migration, services }
}

/** Services and sites that have no release yet: a roll-out is about the first one, `deploy` about all others. */
async function unreleased(clients: Clients, plan: RollOut) {
  const { platform } = plan
  const services = await Promise.all(
    Object.keys(plan.services).map(async (service) => {
      const running = await unlessMissing(async () =>
        runningService(clients, await serviceManifest(clients, platform, service)),
      )
      return running?.version === undefined || running.desiredCount === 0 ? [service] : []
    }),
  )
  const sites = await Promise.all(
    Object.keys(plan.sites).map(async (site) => {
      const current = await unlessMissing(async () =>
        currentRelease(clients, await siteManifest(clients, platform, site)),
      )
      return current === undefined ? [site] : []
    }),
  )
  return { services: new Set(services.flat()), sites: new Set(sites.flat()) }
}

/** Undefined where the platform, or this part of it, has not been applied yet. */
async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    const missing = ['manifest-missing', 'service-missing']
    if (error instanceof ReleaseError && missing.includes(error.code)) return undefined
    throw error
  }
}

/** Pushes an image to the repository that the service's manifest names. */
export async function pushServiceImage(
  clients: Clients,
  request: {
    readonly platform: string
    readonly service: string
    readonly image: Image
    readonly version: string
  },
): Promise<string> {
  const { repository } = await serviceManifest(clients, request.platform, request.service)
  return (await pushToRepository(clients, request.image, repository, request.version)).reference
}

/** Pushes a migration image to the repository that the manifest names. */
export async function pushMigrationImage(
  clients: Clients,
  request: { readonly platform: string; readonly image: Image; readonly version: string },
): Promise<string> {
  const { repository } = await migrationManifest(clients, request.platform)
  return (await pushToRepository(clients, request.image, repository, request.version)).reference
}
