/** `baton status`: what runs, since when and from what, what is under way and what is wrong, here or on AWS. */
import { type PlatformStatus, platformStatus, type ServiceStatus } from '@baton/release'
import type { Command } from 'commander'
import { duration, moment } from '../moment.ts'
import { observing } from '../observation.ts'
import { type OnOption, onOption } from '../on-destination.ts'

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('show what runs, in which version, and what is under way')
    .description(
      'Shows the running version of every service and site, since when it runs and from which commit; how many tasks are healthy, the deployment that is under way with its step, its share of the traffic and the time that its waits will still take, alarms, and templates that are newer than what runs. Of an emulator also where it listens.',
    )
    .addOption(onOption('whose status'))
    .addHelpText('after', '\nExamples:\n  $ baton status --json\n  $ baton status --on aws')
    .action((options: OnOption, command: Command) =>
      observing(command, options, async ({ described, clients, speed, emulator, terminal }) => {
        const { services, sites, alarms } = await platformStatus(clients, described, speed)
        if (emulator === undefined) {
          const { name, region } = described
          const located = sites.map((site) => ({ ...site, url: `https://${site.host}` }))
          terminal.result(
            { platform: name, region, services, sites: located, alarms },
            [`${name} on AWS, ${region}`, '', ...linesOf({ services, sites: located, alarms })].join('\n'),
          )
          return
        }
        const { stacks } = await emulator.status()
        const { pid, startedAt, speed: fast, endpoints, caFile } = emulator
        const located = sites.map((site) => ({
          ...site,
          url: endpoints.http.replace('127.0.0.1', `${site.host}.localhost`),
        }))
        terminal.result(
          { endpoints, pid, startedAt, speed: fast, caFile, stacks, services, sites: located, alarms },
          [
            `emulator ${endpoints.api} (process ${pid}, speed ${fast})`,
            `http     ${endpoints.http}`,
            `https    ${endpoints.https} (certificates of ${caFile})`,
            `dns      ${endpoints.dns}`,
            '',
            ...linesOf({ services, sites: located, alarms }),
          ].join('\n'),
        )
      }),
    )
}

type Located = Omit<PlatformStatus, 'sites'> & {
  readonly sites: readonly (PlatformStatus['sites'][number] & { readonly url: string })[]
}

function linesOf({ services, sites, alarms }: Located): string[] {
  return [
    ...services.flatMap(serviceLines),
    ...sites.map(
      (site) => `site     ${site.name}  ${site.version ?? 'not released'}  ${site.url}${origin(site)}`,
    ),
    ...alarms.map(
      ({ name, since, reason }) =>
        `ALARM    ${name}${since === undefined ? '' : ` since ${moment(since)}`}${reason === undefined ? '' : `: ${reason}`}`,
    ),
  ]
}

function serviceLines(service: ServiceStatus): string[] {
  const { name, version, desiredCount, runningCount, healthyCount, steady, templateIsNewer, deployment } =
    service
  const healthy = healthyCount === undefined ? '' : `, ${healthyCount} healthy`
  const lines = [
    `service  ${name}  ${version ?? 'not released'}  ${runningCount} of ${desiredCount} tasks${healthy}${steady ? '' : ', not steady'}${origin(service)}`,
  ]
  if (templateIsNewer) lines.push('         the template is newer than what runs: deploy the service')
  if (deployment) {
    const { id, status, version: next, step, newTrafficPercent, remainingMs } = deployment
    const facts = [
      step ?? status,
      ...(newTrafficPercent === undefined ? [] : [`${newTrafficPercent} % of the traffic`]),
      ...(remainingMs === undefined ? [] : [`${duration(remainingMs)} of waiting left`]),
      ...(status === 'Ready' ? [`waits for an approval: baton approve service/${name}`] : []),
    ]
    lines.push(`         ${next ?? 'a deployment'} is under way (${id}): ${facts.join(', ')}`)
  }
  return lines
}

const origin = ({ since, commit, dirty, by }: Partial<ServiceStatus>) => {
  const facts = [
    ...(since === undefined ? [] : [`since ${moment(since)}`]),
    ...(commit === undefined ? [] : [`commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}`]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ]
  return facts.length > 0 ? `  (${facts.join(', ')})` : ''
}
