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
  /** Applies a stack: by Terraform, or by a region. */
  readonly apply: (stack: 'bootstrap' | 'platform') => Promise<void>
  readonly migration: Image
  /** ECR repository by what is pushed there; they belong to the bootstrap stack and exist before any manifest. */
  readonly repositories: { readonly migration: string; readonly services: Readonly<Record<string, string>> }
  readonly services: Readonly<Record<string, Image>>
  /** Folder of the built site, by name. */
  readonly sites: Readonly<Record<string, string>>
}

/** What this roll-out released; what had been released before is left as it is. */
export interface RolledOut {
  readonly services: readonly ServiceRelease[]
  readonly sites: readonly SiteRelease[]
}

/** Throws what a step throws. Every step may be run again: it goes on where the last run ended. */
export async function rollOut(
  clients: Clients,
  plan: RollOut,
  pace: Pace,
  onProgress?: OnProgress,
): Promise<RolledOut> {
  const { platform, version } = plan
  await step(onProgress, 'platform', 'apply bootstrap', () => plan.apply('bootstrap'))
  const migration = await step(onProgress, 'migration', 'push the image', () =>
    pushToRepository(clients, plan.migration, plan.repositories.migration, version),
  )
  const images = await Promise.all(
    Object.entries(plan.services).map(async ([service, image]) => {
      const repository = plan.repositories.services[service] ?? ''
      const pushed = await step(onProgress, service, 'push the image', () =>
        pushToRepository(clients, image, repository, version),
      )
      return [service, pushed.reference] as const
    }),
  )
  await step(onProgress, 'platform', 'apply platform', () => plan.apply('platform'))
  const missing = await unreleased(clients, plan)
  const pending = images.filter(([service]) => missing.services.has(service))
  if (pending.length > 0) {
    await migrate(clients, { platform, image: migration.reference, version }, pace, onProgress)
  }
  const services = await Promise.all(
    pending.map(([service, image]) =>
      releaseService(clients, { platform, service, image, version }, pace, onProgress),
    ),
  )
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

/** Services and sites that have no release yet: a roll-out is about the first one, `deploy` about all others. */
async function unreleased(clients: Clients, plan: RollOut) {
  const { platform } = plan
  const services = await Promise.all(
    Object.keys(plan.services).map(async (service) => {
      const running = await runningService(clients, await serviceManifest(clients, platform, service))
      return running.version === undefined || running.desiredCount === 0 ? [service] : []
    }),
  )
  const sites = await Promise.all(
    Object.keys(plan.sites).map(async (site) => {
      const current = await currentRelease(clients, await siteManifest(clients, platform, site))
      return current === undefined ? [site] : []
    }),
  )
  return { services: new Set(services.flat()), sites: new Set(sites.flat()) }
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
