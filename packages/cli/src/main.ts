/** The `baton` command: thin commands over the packages, one file each. */
import { Command } from 'commander'
import { addCheck } from './commands/check.ts'
import { addDeploy } from './commands/deploy.ts'
import { addDown } from './commands/down.ts'
import { addRehearse } from './commands/rehearse.ts'
import { addStatus } from './commands/status.ts'
import { addSynth } from './commands/synth.ts'
import { addUp } from './commands/up.ts'
import { describeFailure, renderFailure } from './failure.ts'
import { Interrupted } from './interrupt.ts'

const program = new Command('baton')
  .description('Rehearse a zero-downtime deployment on your own machine, then perform it on AWS.')
  .option('-c, --config <file>', 'the platform’s description', 'baton.config.ts')
  .option('--state-dir <folder>', 'where Baton keeps what it makes', '.baton')
  .option('--json', 'print the result, or the failure, as JSON')
  .showHelpAfterError('(run the command with --help)')
  .addHelpText('after', '\nExample:\n  $ baton rehearse')

for (const add of [addSynth, addCheck, addUp, addDown, addDeploy, addRehearse, addStatus]) add(program)

try {
  await program.parseAsync()
} catch (error) {
  const failure = describeFailure(error)
  if (!failure) throw error
  if (program.opts().json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
  process.stderr.write(`${renderFailure(failure)}\n`)
  process.exitCode = error instanceof Interrupted ? 130 : 1
}
