/** `baton plan`: what `baton apply` would change on AWS. */
import type { Command } from 'commander'
import { identify } from '../aws/account/account.ts'
import { awsClients } from '../aws/account/clients.ts'
import { describePlanned, planStacks } from '../aws/stack/plan-stacks.ts'
import { openStacks } from '../aws/stack/stacks.ts'
import { stateBucket } from '../aws/stack/state-bucket.ts'
import { withUserErrors } from '../aws/terminal/user-errors.ts'
import { interruptible } from '../interrupt.ts'
import { settingsOf } from '../settings.ts'

const interruption = { during: 'changes were being planned', left: 'Nothing has been changed.' }

export function addPlan(program: Command): void {
  program
    .command('plan')
    .summary('show what an apply would change on AWS')
    .description(
      'Runs the terraform or tofu on the PATH (or the one in TERRAFORM_BINARY), and changes nothing. Shows which changes an apply would refuse.',
    )
    .option('--allow-replace <address...>', 'addresses that an apply may replace or delete')
    .addHelpText('after', '\nExample:\n  $ baton plan')
    .action(async (options: { allowReplace?: string[] }, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      const clients = awsClients(platform)
      try {
        const planned = await interruptible(interruption, (signal) =>
          withUserErrors(async () => {
            const openStack = await openStacks(platform, { stateDir, terminal, signal })
            const account = await identify(clients)
            terminal.note(`Account ${account.id} as ${account.arn}, region ${platform.region}`)
            return planStacks({
              openStack,
              bucket: await stateBucket(clients, platform, account.id).find(),
              allowReplace: options.allowReplace ?? [],
            })
          }),
        )
        terminal.result(planned, describePlanned(planned))
      } finally {
        clients.close()
      }
    })
}
