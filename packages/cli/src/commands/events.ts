/** `baton events`: what happened to services and sites: deployments, tasks that stopped, releases. */
import { eventsOf, type PlatformEvent, type ReleaseTarget } from '@baton/release'
import type { Command } from 'commander'
import { columns, moment } from '../moment.ts'
import { observing } from '../observation.ts'
import { type OnOption, onOption } from '../on-destination.ts'
import { targetNamed, targetsOf } from '../target.ts'
import { sinceOption } from './logs.ts'

interface Options extends OnOption {
  since: string
}

export function addEvents(program: Command): void {
  program
    .command('events')
    .summary('show what happened: deployments, tasks that stopped, releases')
    .description(
      'Shows the events of ECS, the ends of tasks with their reasons and exit codes, the deployments of CodeDeploy and the releases, in the order of time. ECS forgets a task an hour after its end.',
    )
    .argument('[target]', 'service/admin, site/admin or migration; all of them where none is named')
    .option('--since <time>', 'how far back: 90s, 15m, 2h, 3d, or a time: 2026-11-29T10:00', '1d')
    .addOption(onOption('whose events'))
    .addHelpText('after', '\nExamples:\n  $ baton events service/admin\n  $ baton events --since 2h --on aws')
    .action((id: string | undefined, options: Options, command: Command) =>
      observing(command, options, async ({ described, clients, terminal }) => {
        const since = sinceOption(options.since)
        const all: ReleaseTarget[] = [...targetsOf(described).map((target) => target.id), 'migration']
        const chosen = id === undefined ? all : id === 'migration' ? [id] : [targetNamed(described, id).id]
        const found = await Promise.all(
          (chosen as ReleaseTarget[]).map((target) => eventsOf(clients, described.name, target)),
        )
        const events = found
          .flat()
          .filter(({ at }) => at >= since)
          .sort((a, b) => a.at - b.at)
        terminal.result(
          { events },
          events.length > 0 ? columns(events.map(row)).join('\n') : 'Nothing happened.',
        )
      }),
    )
}

const row = ({ at, target, source, message }: PlatformEvent) => [moment(at), target, source, message]
