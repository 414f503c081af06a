/** `baton destroy`: deletes the platform on AWS and leaves a final snapshot of its database. */
import { finalSnapshotIdentifier } from '@baton/config'
import { lowerProtections } from '@baton/infra'
import type { Command } from 'commander'
import { awsClients } from '../aws/account/clients.ts'
import { openStacks } from '../aws/stack/stacks.ts'
import { awsTearDown } from '../aws/step/tear-down-steps.ts'
import { type TornDown, tearDown } from '../aws/tear-down.ts'
import { confirmName } from '../aws/terminal/prompt.ts'
import { withUserErrors } from '../aws/terminal/user-errors.ts'
import { interruptible } from '../interrupt.ts'
import { settingsOf } from '../settings.ts'

const interruption = {
  during: 'the platform was being destroyed',
  left: 'What was deleted stays deleted. The rest is still on AWS and still costs. AWS finishes the deletions that it had begun.',
  fix: 'Run the command again; it continues from there.',
}

export function addDestroy(program: Command): void {
  program
    .command('destroy')
    .summary('delete the platform on AWS')
    .description(
      'Asks for the platform’s name, lowers its protections, and destroys it; the database leaves a final snapshot. Hosted zone, images and state stay, unless with --all. May be stopped and started again.',
    )
    .option('--all', 'also destroy the bootstrap stack: hosted zone, images, state')
    .option('--confirm <name>', 'the platform’s name, instead of typing it')
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton destroy\n  $ baton destroy --all --confirm keencho-production',
    )
    .action(async (options: { all?: boolean; confirm?: string }, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      const asked = { given: options.confirm, json: terminal.json }
      const finalSnapshot = `${finalSnapshotIdentifier(platform)}-${timestamp(new Date())}`
      const clients = awsClients(platform)
      try {
        const done = await interruptible(interruption, (signal) =>
          withUserErrors(async () => {
            const openStack = await openStacks(lowerProtections(platform), { stateDir, terminal, signal })
            return tearDown(awsTearDown({ clients, platform, openStack, finalSnapshot }), {
              platform,
              finalSnapshot,
              all: options.all === true,
              confirm: (question) => confirmName(platform.name, question, asked),
              terminal,
            })
          }),
        )
        terminal.result(done, describe(done, options.all === true))
      } finally {
        clients.close()
      }
    })
}

/** `20261122-135042`, UTC. */
const timestamp = (date: Date) => date.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)

function describe({ destroyed, finalSnapshot }: TornDown, all: boolean): string {
  if (destroyed.length === 0) return 'There was nothing to destroy.'
  return [
    `Destroyed: ${destroyed.map(({ name, resources }) => `${name} (${resources} resources)`).join(', ')}.`,
    ...(finalSnapshot ? [`The database is kept in the snapshot ${finalSnapshot}.`] : []),
    ...(all ? [] : ['Hosted zone, images and state are still there; --all destroys them too.']),
  ].join('\n')
}
