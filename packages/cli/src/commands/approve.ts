/** `baton approve`: a deployment that waits for a person goes on. */
import { approveDeployment, describeOutcome, ReleaseError } from '@baton/release'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { targetNamed } from '../target.ts'

export function addApprove(program: Command): void {
  program
    .command('approve')
    .summary('let a deployment go on that waits for an approval')
    .description(
      'On a platform with delivery.approval a deployment waits once its new tasks are healthy. This gives the approval, and follows the deployment to its end.',
    )
    .argument('<target>', 'service/admin')
    .addOption(onOption('where the deployment is'))
    .addHelpText('after', '\nExample:\n  $ baton approve service/admin --on aws')
    .action((id: string, options: OnOption, command: Command) =>
      onDestination(command, options, async ({ described, clients, clock, terminal }) => {
        const { name } = targetNamed(described, id, 'service')
        const request = { platform: described.name, service: name }
        const interruption = {
          during: `the deployment of ${id} was being followed`,
          left: 'The approval had not been given.',
        }
        const followed = await interruptible(interruption, (signal) =>
          approveDeployment(clients, { ...request, signal }, clock, terminal.progress),
        )
        const version = followed.version ?? 'the new version'
        if (!followed.succeeded) {
          throw new ReleaseError(
            'deployment-failed',
            `${id} ${version} was not released: ${describeOutcome(followed.deployment)}.`,
            'What ran before keeps serving. Fix the service, and release under a new version.',
          )
        }
        terminal.result(followed, `${id} ${version} serves.`)
      }),
    )
}
