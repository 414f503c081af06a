/**
 * The first roll-out of a platform, as a runbook, in the only order that works on an empty account: the registry must
 * exist before the images, the images before the services, the users of the database before the services that log in
 * as them. Each step asks for the present state and does only what is missing, so a roll-out may be stopped anywhere and
 * started again from any machine; nothing of it is remembered in a file.
 *
 * `baton up`, a rehearsal and `baton apply` run this one runbook. What differs between an emulator and AWS is the
 * `RollOutDestination`.
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
import { releaseJobs } from '../job/first-release.ts'
import { withJobsPaused } from '../job/pause.ts'
import type { JobRelease } from '../job/release.ts'
import { contractsOf } from '../migration/contracts.ts'
import { migrate } from '../migration.ts'
import { type OnProgress, step } from '../progress.ts'
import { imageContent, serviceContent } from '../record/content.ts'
import type { ReleaseOrigin } from '../record/release-record.ts'
import { ReleaseError } from '../release-error.ts'
import { describeOutcome } from '../service/deploy-revision.ts'
import { releaseService, type ServiceRelease } from '../service/release.ts'
import { releaseSite, type SiteRelease } from '../site/release.ts'
import { byName, type PlatformBuilder } from './builder.ts'
import { type UnreleasedTargets, unreleasedTargets } from './unreleased-targets.ts'

export type StackName = 'bootstrap' | 'platform'

/** Where a platform is rolled out to. `Applied` is what the apply of a stack resolves with. */
export interface RollOutDestination<Applied> {
  /** Called before anything is built or changed, with what is going to be released. Throws where that must not begin. */
  confirm?(targets: UnreleasedTargets): Promise<void>
  /** Makes what the first stack needs: on AWS the bucket of Terraform's state. */
  prepare?(): Promise<void>
  applyStack(name: StackName): Promise<Applied>
  /** Waits for what the bootstrap stack made to be usable: on AWS the delegation of the hosted zone. */
  waitForBootstrap?(): Promise<void>
  /** Sees to the values of the secrets of these services, which are about to start. Throws where one has none. */
  supplySecrets(services: readonly string[]): Promise<void>
  /** How to go on after a first release that did not become healthy. */
  readonly retry: string
}

export interface RollOut<Applied> {
  readonly platform: Platform
  /** What to call the first release. */
  readonly version: string
  readonly builder: PlatformBuilder
  readonly destination: RollOutDestination<Applied>
  /** Who releases, and from which commit: for the records. */
  readonly origin?: ReleaseOrigin
  /** Stops the step that is under way, a migration and deployments included. */
  readonly signal?: AbortSignal
}

/** What a roll-out did; what had been released before is left as it is. */
export interface RolledOut<Applied> {
  readonly stacks: readonly Applied[]
  readonly services: readonly ServiceRelease[]
  readonly sites: readonly SiteRelease[]
  readonly jobs: readonly JobRelease[]
}

/** Throws what a step throws, and the signal's reason. Every step may be repeated. */
export async function rollOut<Applied>(
  clients: Clients,
  plan: RollOut<Applied>,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<RolledOut<Applied>> {
  const { platform, builder, destination, signal } = plan
  const targets = await unreleasedTargets(clients, platform)
  await destination.confirm?.(targets)
  const builds = await build(platform, builder, targets)
  await destination.prepare?.()
  signal?.throwIfAborted()
  const bootstrap = await destination.applyStack('bootstrap')
  signal?.throwIfAborted()
  await destination.waitForBootstrap?.()
  const images = await push(clients, plan, builds, onProgress)
  signal?.throwIfAborted()
  const stack = await destination.applyStack('platform')
  signal?.throwIfAborted()
  await destination.supplySecrets(targets.services)
  const { version, origin } = plan
  const release: Release = { platform: platform.name, version, origin, clock, onProgress, signal }
  const { migrations } = images
  if (migrations !== undefined && builds.migrations !== undefined) {
    const content = imageContent(builds.migrations)
    const contracts = await contractsOf(platform)
    const request = { ...requestOf(release), image: migrations, content, contracts }
    await withJobsPaused(
      clients,
      platform.name,
      () => migrate(clients, request, clock, onProgress),
      onProgress,
    )
  }
  const services = await releaseServices(clients, release, { ...images, builds }, destination.retry)
  const jobs = await releaseJobs(
    clients,
    {
      ...requestOf(release),
      platform,
      jobs: platform.jobs.filter(({ name }) => targets.jobs.includes(name)),
      images: builds.jobs,
    },
    onProgress,
  )
  const sites = await allOf(builds.sites, (site, folder) =>
    releaseSite(clients, { ...requestOf(release), site, folder }, clock, onProgress),
  )
  return { stacks: [bootstrap, stack], services, sites, jobs }
}

interface Builds {
  /** Undefined when no service is to be released. */
  readonly migrations: Image | undefined
  readonly services: Readonly<Record<string, Image>>
  /** Of the containers beside the main one, by service and container. */
  readonly sidecars: Readonly<Record<string, Readonly<Record<string, Image>>>>
  /** Of the jobs that have an image of their own. */
  readonly jobs: Readonly<Record<string, Image>>
  /** Folder of each built site. */
  readonly sites: Readonly<Record<string, string>>
}

/**
 * Builds what has not been released, and nothing else: the sources of what runs may have changed since, and a version
 * never changes its content. A build that fails has changed nothing.
 */
async function build(
  platform: Platform,
  builder: PlatformBuilder,
  targets: UnreleasedTargets,
): Promise<Builds> {
  const services = platform.services.filter(({ name }) => targets.services.includes(name))
  const sites = platform.sites.filter(({ name }) => targets.sites.includes(name))
  const jobs = platform.jobs.filter(
    ({ name, service }) => service === undefined && targets.jobs.includes(name),
  )
  const [migrations, serviceImages, sidecars, jobImages, folders] = await Promise.all([
    services.length > 0 && platform.database ? builder.migrations() : undefined,
    byName(services, builder.service),
    byName(services, builder.sidecars),
    byName(jobs, builder.job),
    byName(sites, builder.site),
  ])
  return { migrations, services: serviceImages, sidecars, jobs: jobImages, sites: folders }
}

interface References {
  readonly migrations: string | undefined
  readonly services: Readonly<Record<string, string>>
  readonly sidecars: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** References by digest. The repositories belong to the bootstrap stack and exist before any manifest. */
async function push(
  clients: Clients,
  { platform, version }: Pick<RollOut<unknown>, 'platform' | 'version'>,
  { migrations, services, sidecars }: Builds,
  onProgress?: OnProgress,
): Promise<References> {
  const pushOne = async (target: string, image: Image, repository: string) => {
    const work = () => pushToRepository(clients, image, repository, version)
    const size = ({ pushedBytes }: { pushedBytes: number }) => `${Math.ceil(pushedBytes / 1024)} KiB`
    return (await step(onProgress, target, 'push the image', work, size)).reference
  }
  return {
    migrations: migrations && (await pushOne('migration', migrations, migrationsRepositoryName(platform))),
    services: Object.fromEntries(
      await allOf(
        services,
        async (name, image) => [name, await pushOne(name, image, repositoryName(platform, name))] as const,
      ),
    ),
    sidecars: Object.fromEntries(
      await allOf(sidecars, async (service, images) => {
        const references = await allOf(images, async (container, image) => {
          const repository = containerRepositoryName(platform, service, container)
          return [container, await pushOne(`${service}/${container}`, image, repository)] as const
        })
        return [service, Object.fromEntries(references)] as const
      }),
    ),
  }
}

interface Release {
  readonly platform: string
  readonly version: string
  readonly origin: ReleaseOrigin | undefined
  readonly clock: Clock
  readonly onProgress: OnProgress | undefined
  readonly signal: AbortSignal | undefined
}

const requestOf = ({ platform, version, origin, signal }: Release) => ({
  platform,
  version,
  ...(origin ? { origin } : {}),
  ...(signal ? { signal } : {}),
})

/** Throws `not-healthy` for the first service whose release did not succeed. */
async function releaseServices(
  clients: Clients,
  release: Release,
  { services: images, sidecars, builds }: References & { readonly builds: Builds },
  retry: string,
): Promise<readonly ServiceRelease[]> {
  const { clock, onProgress, signal } = release
  const services = await allOf(images, (service, image) => {
    const main = builds.services[service]
    const content = main && serviceContent(main, builds.sidecars[service] ?? {})
    return releaseService(
      clients,
      {
        ...requestOf(release),
        service,
        image,
        sidecars: sidecars[service] ?? {},
        ...(content === undefined ? {} : { content }),
      },
      clock,
      onProgress,
    )
  })
  // What was stopped because the caller asked for it is no failure of the service.
  signal?.throwIfAborted()
  const failed = services.find(({ succeeded }) => !succeeded)
  if (failed === undefined) return services
  throw new ReleaseError(
    'not-healthy',
    `The first release of ${failed.target} did not succeed: ${describeOutcome(failed.deployment)}.`,
    retry,
  )
}

/** All at the same time. Throws the first error only after all have ended, so that none goes on unwatched. */
async function allOf<From, To>(
  targets: Readonly<Record<string, From>>,
  work: (name: string, from: From) => Promise<To>,
): Promise<readonly To[]> {
  const ended = await Promise.allSettled(Object.entries(targets).map(([name, from]) => work(name, from)))
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
