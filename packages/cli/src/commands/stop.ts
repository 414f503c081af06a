/** `baton stop`: stops a deployment that is under way and waits until it is taken back. */
import { describeOutcome, stopUnderWay } from '@baton/release'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { targetNamed } from '../target.ts'

export function addStop(program: Command): void {
  program
    .command('stop')
    .summary('stop a deployment that is under way, and take it back')
    .description(
      'Stops the deployment of a service, by any person or pipeline, and waits until CodeDeploy has rolled it back: the version before serves all traffic again.',
    )
    .argument('<target>', 'service/admin')
    .addOption(onOption('where the deployment is'))
    .addHelpText('after', '\nExample:\n  $ baton stop service/admin --on aws')
    .action((id: string, options: OnOption, command: Command) =>
      onDestination(command, options, async ({ described, clients, clock, terminal }) => {
        const { name } = targetNamed(described, id, 'service')
        const request = { platform: described.name, service: name }
        const interruption = {
          during: `the deployment of ${id} was being stopped`,
          left: 'CodeDeploy goes on with the rollback by itself.',
        }
        const stopped = await interruptible(interruption, (signal) =>
          stopUnderWay(clients, { ...request, signal }, clock, terminal.progress),
        )
        const { version = 'the deployment', deployment } = stopped
        terminal.result(
          stopped,
          stopped.succeeded
            ? `${id} ${version} had succeeded before it could be stopped. To take it back: baton rollback ${id}.`
            : `${id} ${version}: ${describeOutcome(deployment)}.`,
        )
      }),
    )
}
