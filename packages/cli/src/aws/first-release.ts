/** What the first releases take: builds, images in the registry, the migration, services, sites. */
import { migrationsRepositoryName, type Platform, repositoryName } from '@baton/config'
import type { Image } from '@baton/image'
import {
  type BuildOptions,
  byName,
  describeOutcome,
  fromSources,
  migrate,
  type OnProgress,
  type Pace,
  pushToRepository,
  ReleaseError,
  releaseService,
  releaseSite,
  runningService,
  serviceManifest,
} from '@baton/release'
import { sourceOptions } from '../builds-dir.ts'
import type { AwsClients } from './account/clients.ts'
import type { Standing } from './stack/standing.ts'

export interface Builds {
  /** Absent when no service is to be released. */
  readonly migrations?: Image
  readonly services: Readonly<Record<string, Image>>
  /** Folder of each built site. */
  readonly sites: Readonly<Record<string, string>>
}

/** References by digest. */
export interface PushedImages {
  readonly migrations?: string
  readonly services: Readonly<Record<string, string>>
}

export interface FirstRelease {
  readonly clients: AwsClients
  readonly platform: Platform
  readonly version: string
  readonly stateDir: string
  /** Image below the services. */
  readonly base: BuildOptions['base']
  readonly pace: Pace
  readonly onProgress: OnProgress
  readonly signal?: AbortSignal
}

/** Builds what has not been released, and nothing else. A build that fails has changed nothing. */
export async function buildFirst(
  { platform, version, stateDir, base, signal, onProgress }: FirstRelease,
  standing: Standing,
): Promise<Builds> {
  const builder = fromSources(platform, sourceOptions({ stateDir, version, base, signal, onProgress }))
  const services = platform.services.filter(({ name }) => standing.services.includes(name))
  const sites = platform.sites.filter(({ name }) => standing.sites.includes(name))
  return {
    ...(services.length > 0 ? { migrations: await builder.migrations() } : {}),
    services: await byName(services, builder.service),
    sites: await byName(sites, builder.site),
  }
}

/** Pushes to the repositories of the bootstrap stack; an image that is there already is not pushed again. */
export async function pushFirst(release: FirstRelease, builds: Builds): Promise<PushedImages> {
  const { clients, platform, version, onProgress } = release
  const push = async (target: string, image: Image, repository: string) => {
    onProgress({ target, step: 'push the image', state: 'started' })
    const { reference, pushedBytes } = await pushToRepository(clients, image, repository, version)
    onProgress({
      target,
      step: 'push the image',
      state: 'finished',
      detail: `${Math.ceil(pushedBytes / 1024)} KiB`,
    })
    return reference
  }
  const services = Object.entries(builds.services).map(([name, image]) => ({ name, image }))
  return {
    ...(builds.migrations
      ? { migrations: await push('migration', builds.migrations, migrationsRepositoryName(platform)) }
      : {}),
    services: await byName(services, ({ name, image }) => push(name, image, repositoryName(platform, name))),
  }
}

/** Brings the schema up to date and makes the services' users. May be repeated. */
export async function migrateFirst(release: FirstRelease, image: string): Promise<void> {
  const { clients, platform, version, pace, onProgress, signal } = release
  const request = { platform: platform.name, image, version, ...(signal ? { signal } : {}) }
  await migrate(clients, request, pace, onProgress)
}

/** Releases one service and sees that it serves. */
export async function releaseFirstService(
  release: FirstRelease,
  service: string,
  image: string,
): Promise<void> {
  const { clients, platform, version, pace, onProgress, signal } = release
  const { succeeded, deployment } = await releaseService(
    clients,
    { platform: platform.name, service, image, version, ...(signal ? { signal } : {}) },
    pace,
    onProgress,
  )
  if (succeeded) return requireTasks(release, service)
  throw new ReleaseError(
    'not-healthy',
    `The first release of ${service} did not succeed: ${describeOutcome(deployment)}.`,
    `Read the service’s log, mend it, and run the command again with another --version than ${version}.`,
  )
}

/** A release that was cut off between its deployment and its first tasks leaves a revision in place and nothing running. */
async function requireTasks({ clients, platform }: FirstRelease, service: string): Promise<void> {
  const manifest = await serviceManifest(clients, platform.name, service)
  if ((await runningService(clients, manifest)).desiredCount > 0) return
  throw new ReleaseError(
    'not-healthy',
    `${service} has its revision, but no task was started for it.`,
    `Start them: aws ecs update-service --cluster ${manifest.cluster} --service ${manifest.service} --desired-count ${manifest.desiredCount}`,
  )
}

export async function releaseFirstSite(release: FirstRelease, site: string, folder: string): Promise<void> {
  const { clients, platform, version, pace, onProgress, signal } = release
  const request = { platform: platform.name, site, folder, version, ...(signal ? { signal } : {}) }
  await releaseSite(clients, request, pace, onProgress)
}
