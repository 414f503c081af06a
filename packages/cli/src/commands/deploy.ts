/** `baton deploy`: builds a service or a site and releases it, on the emulator or, with `--on aws`, on AWS. */
import type { Platform } from '@baton/config'
import {
  describeOutcome,
  fromSources,
  type PlatformBuilder,
  pushServiceImage,
  pushSidecarImages,
  ReleaseError,
  type ReleaseOrigin,
  releaseJobs,
  releaseService,
  releaseSite,
  scaledClock,
} from '@baton/release'
import { type Command, Option } from 'commander'
import { sourceOptions } from '../builds-dir.ts'
import { type Destination, destination } from '../destination.ts'
import { interruptible } from '../interrupt.ts'
import { nodeImage } from '../node-image.ts'
import { commitOf, originOf, refuseDirty, versionFor } from '../origin.ts'
import { settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

interface Options {
  version?: string
  force?: boolean
  baseImage: string
  on: 'emulator' | 'aws'
}

export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .summary('release a service, a site or a job')
    .description(
      'Builds and releases. A service is released by a CodeDeploy deployment, which is watched to its end and rolled back when it fails; a site by one switch of its pointer. A worker is released by ECS’s rolling update, and a job by its schedule, which runs the new image from then on; the jobs of a service are released with it.',
    )
    .argument('<target>', 'name of a service, site or job: service/admin, site/admin, job/nightly')
    .option('--version <version>', 'name of this release (default: the commit)')
    .option('--force', 'also to production on AWS from files that are in no commit')
    .addOption(
      new Option('--on <where>', 'where to release').choices(['emulator', 'aws']).default('emulator'),
    )
    .option('--base-image <reference>', 'on AWS: base image of the services; "none" for none', nodeImage)
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton deploy service/admin --version v2\n  $ baton deploy site/user --version v2',
    )
    .action(async (target: string, options: Options, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      const commit = await commitOf(settings.configFile)
      const version = versionFor(options.version, commit)
      const { environment } = platform
      refuseDirty(commit, { on: options.on, environment, force: options.force === true })
      if (!targets(platform).includes(target)) throw unknown(platform, target)
      const to = await destination(options.on, platform, stateDir, options.baseImage)
      const work = {
        ...to,
        platform,
        version,
        stateDir,
        origin: originOf(commit),
        onProgress: terminal.progress,
      }
      try {
        const [kind, name = ''] = target.split('/')
        const interruption = {
          during: `${target} ${version} was being released`,
          left: 'Nothing had begun to change what serves.',
        }
        const release = await interruptible<Outcome>(interruption, (signal) =>
          deployments[kind as keyof typeof deployments](work, name, signal),
        )
        terminal.result(release.data, release.text)
      } finally {
        to.clients.close()
      }
    })
}

interface Outcome {
  readonly data: unknown
  readonly text: string
}

interface Work extends Destination {
  readonly platform: Platform
  readonly version: string
  readonly origin: ReleaseOrigin
  readonly stateDir: string
  readonly onProgress: Parameters<typeof releaseSite>[3]
}

async function deployService(work: Work, name: string, signal: AbortSignal): Promise<Outcome> {
  const { platform, clients, version, origin } = work
  const service = platform.services.find((candidate) => candidate.name === name)
  if (!service) throw unknown(platform, `service/${name}`)
  const builder = builderOf(work, signal)
  const [image, beside] = await Promise.all([builder.service(service), builder.sidecars(service)])
  signal.throwIfAborted()
  const reference = await pushServiceImage(clients, {
    platform: platform.name,
    service: name,
    image,
    version,
  })
  const sidecars = await pushSidecarImages(clients, {
    platform: platform.name,
    service: name,
    images: beside,
    version,
  })
  const release = await releaseService(
    clients,
    { platform: platform.name, service: name, image: reference, sidecars, version, origin, signal },
    scaledClock(work.speed),
    work.onProgress,
  )
  if (!release.succeeded) {
    const { deployment, from = 'The version before' } = release
    const advice =
      deployment.stopped === 'interrupted'
        ? 'Release it again.'
        : 'Read the service’s log, fix it, and release under a new version.'
    throw new ReleaseError(
      'deployment-failed',
      `${name} ${version} was not released: ${describeOutcome(deployment)}.`,
      `${deployment.rolledBack ? `${from} keeps serving. ` : ''}${advice}`,
    )
  }
  const jobs = await releaseJobs(
    clients,
    { platform, jobs: platform.jobs.filter((job) => job.service === name), images: {}, version, origin },
    work.onProgress,
  )
  return {
    data: jobs.length > 0 ? { ...release, jobs } : release,
    text: `${name} ${version} serves (${(release.deployment.durationMs / 1000).toFixed(1)} s).`,
  }
}

/** The job's own image, or that of its service as it runs. */
async function deployJob(work: Work, name: string, signal: AbortSignal): Promise<Outcome> {
  const { platform, clients, version, origin } = work
  const job = platform.jobs.find((candidate) => candidate.name === name)
  if (!job) throw unknown(platform, `job/${name}`)
  const images = job.service === undefined ? { [name]: await builderOf(work, signal).job(job) } : {}
  const [release] = await releaseJobs(
    clients,
    { platform, jobs: [job], images, version, origin, signal },
    work.onProgress,
  )
  const when = release?.enabled
    ? `runs by its schedule: ${job.schedule}`
    : 'is released; its schedule is disabled'
  return { data: release, text: `job/${name} ${version} ${when}.` }
}

const deployments = { service: deployService, site: deploySite, job: deployJob }

async function deploySite(work: Work, name: string, signal: AbortSignal): Promise<Outcome> {
  const { platform, clients, version, origin } = work
  const site = platform.sites.find((candidate) => candidate.name === name)
  if (!site) throw unknown(platform, `site/${name}`)
  const folder = await builderOf(work, signal).site(site)
  const release = await releaseSite(
    clients,
    { platform: platform.name, site: name, folder, version, origin, signal },
    scaledClock(work.speed),
    work.onProgress,
  )
  return {
    data: release,
    text: `${site.host} ${version} serves (${release.uploaded.objects} objects uploaded).`,
  }
}

const builderOf = (work: Work, signal: AbortSignal): PlatformBuilder =>
  fromSources(work.platform, sourceOptions({ ...work, signal }))

const targets = (platform: Platform) => [
  ...platform.services.map(({ name }) => `service/${name}`),
  ...platform.sites.map(({ name }) => `site/${name}`),
  ...platform.jobs.map(({ name }) => `job/${name}`),
]

function unknown(platform: Platform, target: string): UsageError {
  return new UsageError(`There is no target "${target}".`, `Choose one of ${targets(platform).join(', ')}.`)
}
