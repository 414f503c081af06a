/** `baton deploy`: releases what has changed, or one service or site, on the emulator or, with `--on aws`, on AWS. */
import {
  type Changes,
  findChanges,
  fromSources,
  type ReleasedChanges,
  releaseChanges,
  releaseJobs,
  scaledClock,
} from '@baton/release'
import type { Command } from 'commander'
import { sourceOptions } from '../builds-dir.ts'
import { destination } from '../destination.ts'
import { interruptible } from '../interrupt.ts'
import { duration } from '../moment.ts'
import { nodeImage } from '../node-image.ts'
import { type OnOption, onOption } from '../on-destination.ts'
import { commitOf, originOf, refuseDirty, versionFor } from '../origin.ts'
import { settingsOf } from '../settings.ts'
import { targetNamed } from '../target.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends OnOption {
  version?: string
  force?: boolean
  dryRun?: boolean
  baseImage: string
}

export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .summary('release what has changed, or one service or site')
    .description(
      'Builds everything and releases what differs from what runs, by content: first the migrations that are new, then the services, then the sites. Stops at the first failure, with everything serving; the same command releases what is left. A service goes out by a CodeDeploy deployment, which is watched to its end and rolled back when it fails; a site by one switch of its pointer. With a target only this one is released, changed or not, after the migrations that are new. The jobs of a service are released with it; a job with an image of its own by its name.',
    )
    .argument('[target]', 'service/admin, site/admin, job/nightly; all that has changed where none is named')
    .option('--version <version>', 'name of this release (default: the commit)')
    .option('--force', 'also to production on AWS from files that are in no commit')
    .option('--dry-run', 'only say what would be released')
    .addOption(onOption('where to release'))
    .option('--base-image <reference>', 'on AWS: base image of the services; "none" for none', nodeImage)
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton deploy\n  $ baton deploy service/admin --version v2\n  $ baton deploy --on aws --dry-run',
    )
    .action(async (id: string | undefined, options: Options, command: Command) => {
      const { stateDir, configFile, terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      const job = platform.jobs.find(({ name }) => id === `job/${name}`)
      const only = id === undefined || job ? undefined : targetNamed(platform, id).id
      const commit = await commitOf(configFile)
      const version = versionFor(options.version, commit)
      const { environment } = platform
      refuseDirty(commit, { on: options.on, environment, force: options.force === true })
      const { clients, ...to } = await destination(options.on, platform, stateDir, options.baseImage)
      try {
        const interruption = {
          during: `${id ?? 'what has changed'} was being released as ${version}`,
          left: 'What had been released stays; nothing else was begun.',
          fix: 'Run the command again: it releases what is left.',
        }
        await interruptible(interruption, async (signal) => {
          const build = { stateDir, base: to.base, signal, onProgress: terminal.progress }
          const request = {
            platform,
            version,
            builderOf: (name: string) => fromSources(platform, sourceOptions({ ...build, version: name })),
            ...(only === undefined ? {} : { only }),
          }
          if (options.dryRun) return report(terminal, version, await findChanges(clients, request))
          const confirm = async (changes: Changes) => {
            for (const line of linesOf(changes)) terminal.note(`· ${line}`)
          }
          const jobRequest = { platform, version, origin: originOf(commit), signal }
          if (job) {
            const images =
              job.service === undefined ? { [job.name]: await request.builderOf(version).job(job) } : {}
            const [release] = await releaseJobs(
              clients,
              { ...jobRequest, jobs: [job], images },
              terminal.progress,
            )
            const when = release?.enabled
              ? `runs by its schedule: ${job.schedule}`
              : 'is released; its schedule is disabled'
            return terminal.result(release, `job/${job.name} ${version} ${when}.`)
          }
          const released = await releaseChanges(
            clients,
            { ...request, origin: originOf(commit), confirm, signal },
            scaledClock(to.speed),
            terminal.progress,
          )
          const services = released.services.map(({ target }) => target)
          const jobs = await releaseJobs(
            clients,
            {
              ...jobRequest,
              jobs: platform.jobs.filter(({ service = '' }) => services.includes(service)),
              images: {},
            },
            terminal.progress,
          )
          terminal.result(jobs.length > 0 ? { ...released, jobs } : released, describe(released))
        })
      } finally {
        clients.close()
      }
    })
}

/** Only what would be released. */
function report(terminal: Terminal, version: string, changes: Changes): void {
  const why = (changed: Readonly<Record<string, { readonly why: string }>>) =>
    Object.fromEntries(Object.entries(changed).map(([name, each]) => [name, each.why]))
  const { migration, services, sites, unchanged } = changes
  terminal.result(
    {
      version,
      migration: migration ? { why: migration.why, contracts: migration.contracts } : null,
      services: why(services),
      sites: why(sites),
      unchanged,
    },
    [...linesOf(changes), ...unchanged.map((target) => `${target}: unchanged`)].join('\n'),
  )
}

const linesOf = ({ migration, services, sites }: Changes): string[] => [
  ...(migration
    ? [
        `migration: ${migration.why}${migration.contracts.length > 0 ? `; takes away from the schema: ${migration.contracts.join(', ')}` : ''}`,
      ]
    : []),
  ...Object.entries(services).map(([name, { why }]) => `service/${name}: ${why}`),
  ...Object.entries(sites).map(([name, { why }]) => `site/${name}: ${why}`),
]

function describe({ version, migrated, services, sites, unchanged }: ReleasedChanges): string {
  if (!migrated && services.length + sites.length === 0) return 'Nothing has changed since the last release.'
  return [
    ...(migrated ? [`The migration of ${version} has run.`] : []),
    ...services.map(
      ({ target, deployment }) => `${target} ${version} serves (${duration(deployment.durationMs)}).`,
    ),
    ...sites.map(
      ({ target, uploaded }) => `site/${target} ${version} serves (${uploaded.objects} objects uploaded).`,
    ),
    ...(unchanged.length > 0 ? [`Unchanged: ${unchanged.join(', ')}.`] : []),
  ].join('\n')
}
