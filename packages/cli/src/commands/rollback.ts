/** `baton rollback`: an earlier version runs again, by the same path that released it. */
import { describeOutcome, ReleaseError, rollBack } from '@baton/release'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { commitOf, originOf } from '../origin.ts'
import { targetNamed, targetsOf } from '../target.ts'
import { UsageError } from '../usage-error.ts'

interface Options extends OnOption {
  to?: string
  force?: boolean
}

export function addRollback(program: Command): void {
  program
    .command('rollback')
    .summary('go back to an earlier version')
    .description(
      'Goes back to the version before the one that runs, or to another one. A service’s earlier revision goes out by the same deployment as a release, and is not built again; a site is switched at once. The database stays as it is: no migration is undone. A version that is older than a migration which took away from the schema is refused.',
    )
    .argument('[target]', 'service/admin, site/admin; needed where there is more than one')
    .option('--to <version>', 'the version to go back to')
    .option('--force', 'also to a version that is older than a contracting migration')
    .addOption(onOption('where to go back'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton rollback service/admin\n  $ baton rollback site/user --to v2 --on aws',
    )
    .action((id: string | undefined, options: Options, command: Command) =>
      onDestination(command, options, async ({ described, clients, clock, terminal, configFile }) => {
        const only = targetsOf(described)
        if (id === undefined && only.length !== 1) {
          throw new UsageError(
            'No target was named.',
            `Choose one of ${only.map((target) => target.id).join(', ')}.`,
          )
        }
        const target = id === undefined ? only[0] : targetNamed(described, id)
        if (target === undefined) throw new Error('invariant: there is one target')
        const origin = originOf(await commitOf(configFile))
        const interruption = {
          during: `${target.id} was being rolled back`,
          left: 'Nothing had begun to change what serves.',
        }
        const release = await interruptible(interruption, (signal) =>
          rollBack(
            clients,
            {
              platform: described.name,
              target: target.id,
              origin,
              signal,
              ...(options.to === undefined ? {} : { to: options.to }),
              ...(options.force ? { force: true } : {}),
            },
            clock,
            terminal.progress,
          ),
        )
        if (release.kind === 'service' && !release.succeeded) {
          throw new ReleaseError(
            'deployment-failed',
            `${target.id} was not rolled back to ${release.to}: ${describeOutcome(release.deployment)}.`,
            `${release.from ?? 'The version before'} keeps serving. See why: baton logs ${target.id}, baton events ${target.id}.`,
          )
        }
        terminal.result(
          release,
          `${target.id} ${release.to} serves again${release.from ? `, instead of ${release.from}` : ''}.`,
        )
      }),
    )
}
