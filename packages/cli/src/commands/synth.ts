/** `baton synth`: writes the platform as Terraform. */
import { join, relative } from 'node:path'
import { synth } from '@baton/infra'
import type { Command } from 'commander'
import { settingsOf } from '../settings.ts'

export function addSynth(program: Command): void {
  program
    .command('synth')
    .summary('write the platform as Terraform')
    .description(
      'Checks the configuration and writes the Terraform of both stacks. The same input gives the same bytes.',
    )
    .option('-o, --out <folder>', 'where to write (default: terraform/ in the state directory)')
    .addHelpText('after', '\nExample:\n  $ baton synth --out terraform')
    .action(async (options: { out?: string }, command: Command) => {
      const { platform, stateDir, terminal } = settingsOf(command)
      const outDir = options.out ?? join(stateDir, 'terraform')
      const { stacks } = await synth(await platform(), { outDir })
      const lines = stacks.map((stack) => `${stack.name}  ${relative('', stack.folder)}/cdk.tf.json`)
      terminal.result({ stacks }, lines.join('\n'))
    })
}
