/**
 * A release of the whole platform, as a runbook: what has changed is built, then the migrations that are new run, then the
 * services go out, then the sites that need them. It stops at the first step that fails, with everything serving: an
 * earlier step is made for both versions, and a later one has not begun. The same again releases what is left.
 */
import {
  containerRepositoryName,
  migrationsRepositoryName,
  type Platform,
  repositoryName,
} from '@baton/config'
import type { Image } from '@baton/image'
import type { Clients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import { pushToRepository } from '../image/push.ts'
import { withJobsPaused } from '../job/pause.ts'
import { migrate } from '../migration.ts'
import { type OnProgress, step } from '../progress.ts'
import type { ReleaseOrigin, ReleaseTarget } from '../record/release-record.ts'
import { ReleaseError } from '../release-error.ts'
import { describeOutcome } from '../service/deploy-revision.ts'
import { releaseService, type ServiceRelease } from '../service/release.ts'
import { releaseSite, type SiteRelease } from '../site/release.ts'
import { type Changes, type ChangesRequest, findChanges } from './changes.ts'

export interface ChangesRelease extends ChangesRequest {
  readonly origin: ReleaseOrigin
  /** Called with what is going to be released, before anything is changed; throws where it must not begin. */
  readonly confirm?: (changes: Changes) => Promise<void>
  /** Stops the step that is under way, a migration and deployments included. */
  readonly signal?: AbortSignal
}

export interface ReleasedChanges {
  readonly version: string
  readonly migrated: boolean
  readonly services: readonly ServiceRelease[]
  readonly sites: readonly SiteRelease[]
  readonly unchanged: readonly ReleaseTarget[]
}

/** Throws what a step throws, with what is released and what is left in its message. */
export async function releaseChanges(
  clients: Clients,
  request: ChangesRelease,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<ReleasedChanges> {
  const { platform, version, origin, signal } = request
  const changes = await findChanges(clients, request)
  await request.confirm?.(changes)
  signal?.throwIfAborted()
  const images = await pushAll(clients, request, changes, onProgress)
  signal?.throwIfAborted()
  const common = { platform: platform.name, version, origin, ...(signal ? { signal } : {}) }
  const { migration } = changes
  if (migration !== undefined && images.migration !== undefined) {
    const { content, contracts } = migration
    const request = { ...common, image: images.migration, content, contracts }
    await withJobsPaused(
      clients,
      platform.name,
      () => migrate(clients, request, clock, onProgress),
      onProgress,
    )
  }
  const services = await releaseServices(
    clients,
    { changes, images: images.services, common },
    clock,
    onProgress,
  )
  const sites: SiteRelease[] = []
  for (const [site, { folder }] of Object.entries(changes.sites)) {
    signal?.throwIfAborted()
    sites.push(await releaseSite(clients, { ...common, site, folder }, clock, onProgress))
  }
  return { version, migrated: migration !== undefined, services, sites, unchanged: changes.unchanged }
}

interface Pushed {
  readonly migration: string | undefined
  /** References by the name of the service and its container; the main one is named like the service. */
  readonly services: Readonly<Record<string, Readonly<Record<string, string>>>>
}

async function pushAll(
  clients: Clients,
  { platform, version }: { platform: Platform; version: string },
  { migration, services }: Changes,
  onProgress: OnProgress | undefined,
): Promise<Pushed> {
  const push = async (target: string, image: Image, repository: string) => {
    const work = () => pushToRepository(clients, image, repository, version)
    const size = ({ pushedBytes }: { pushedBytes: number }) => `${Math.ceil(pushedBytes / 1024)} KiB`
    return (await step(onProgress, target, 'push the image', work, size)).reference
  }
  const references = await Promise.all(
    Object.entries(services).map(async ([name, { image, sidecars }]) => {
      const beside = Object.entries(sidecars).map(async ([container, sidecar]) => {
        const repository = containerRepositoryName(platform, name, container)
        return [container, await push(`${name}/${container}`, sidecar, repository)] as const
      })
      const main = push(name, image, repositoryName(platform, name))
      return [name, Object.fromEntries([[name, await main], ...(await Promise.all(beside))])] as const
    }),
  )
  return {
    migration: migration && (await push('migration', migration.image, migrationsRepositoryName(platform))),
    services: Object.fromEntries(references),
  }
}

/** All at the same time; one that fails takes back itself only. Throws after all have ended. */
async function releaseServices(
  clients: Clients,
  plan: {
    readonly changes: Changes
    readonly images: Pushed['services']
    readonly common: { platform: string; version: string; origin: ReleaseOrigin; signal?: AbortSignal }
  },
  clock: Clock,
  onProgress: OnProgress | undefined,
): Promise<readonly ServiceRelease[]> {
  const { changes, images, common } = plan
  const ended = await Promise.allSettled(
    Object.entries(images).map(([service, { [service]: image = '', ...sidecars }]) => {
      const content = changes.services[service]?.content
      return releaseService(
        clients,
        { ...common, service, image, sidecars, ...(content === undefined ? {} : { content }) },
        clock,
        onProgress,
      )
    }),
  )
  const releases = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = releases.find(({ succeeded }) => !succeeded)
  if (failed) throw notReleased(failed, releases, changes)
  for (const each of ended) if (each.status === 'rejected') throw each.reason
  common.signal?.throwIfAborted()
  return releases
}

function notReleased(
  failed: ServiceRelease,
  releases: readonly ServiceRelease[],
  { migration, sites }: Changes,
): ReleaseError {
  const serving = releases.filter(({ succeeded }) => succeeded).map(({ target }) => `service/${target}`)
  const left = Object.keys(sites).map((name) => `site/${name}`)
  const facts = [
    ...(migration === undefined ? [] : ['The migration has run, and stays.']),
    ...(serving.length > 0 ? [`Released: ${serving.join(', ')}.`] : []),
    ...(left.length > 0 ? [`Not begun: ${left.join(', ')}.`] : []),
  ]
  return new ReleaseError(
    'deployment-failed',
    [`${failed.target} ${failed.to} was not released: ${describeOutcome(failed.deployment)}.`, ...facts].join(
      ' ',
    ),
    `${failed.deployment.rolledBack && failed.from !== undefined ? `${failed.from} keeps serving. ` : ''}See why: baton logs service/${failed.target}, baton events service/${failed.target}. Fix it, and deploy again under a new version: only what is left is released.`,
  )
}
