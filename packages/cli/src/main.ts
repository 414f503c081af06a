/** The `baton` command: thin commands over the packages, one file each. */
import { Command, CommanderError } from 'commander'
import { describeFailure, type FailureView, renderFailure, unforeseen } from './failure.ts'
import { Interrupted } from './interrupt.ts'

const program = new Command('baton')
  .description('Rehearse a zero-downtime deployment on your own machine, then perform it on AWS.')
  .option('-c, --config <file>', 'the platform’s description', 'baton.config.ts')
  .option('--state-dir <folder>', 'where Baton keeps what it makes', '.baton')
  .option('--json', 'print the result, or the failure, as JSON')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(run the command with --help)')
  .exitOverride()
  .addHelpText('after', '\nExample:\n  $ baton rehearse')

type Add = (program: Command) => void

/**
 * In the order in which a team meets them: describe, rehearse, run here, run on AWS. Loaded when they are asked
 * for: `synth` has no use for the AWS SDK, nor `status` for CDK Terrain.
 */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  synth: async () => (await import('./commands/synth.ts')).addSynth,
  check: async () => (await import('./commands/check.ts')).addCheck,
  rehearse: async () => (await import('./commands/rehearse.ts')).addRehearse,
  up: async () => (await import('./commands/up.ts')).addUp,
  status: async () => (await import('./commands/status.ts')).addStatus,
  notices: async () => (await import('./commands/notices.ts')).addNotices,
  deploy: async () => (await import('./commands/deploy.ts')).addDeploy,
  down: async () => (await import('./commands/down.ts')).addDown,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  apply: async () => (await import('./commands/apply.ts')).addApply,
  secret: async () => (await import('./commands/secret.ts')).addSecret,
  destroy: async () => (await import('./commands/destroy.ts')).addDestroy,
}

/** The commands that the words name, or all of them: whoever names none reads the help. */
async function load(words: readonly string[]): Promise<Add[]> {
  const named = Object.entries(commands).filter(([name]) => words.includes(name))
  const wanted = named.length > 0 && !words.includes('help') ? named : Object.entries(commands)
  return Promise.all(wanted.map(([, add]) => add()))
}

for (const add of await load(process.argv.slice(2))) add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) misused(error)
  else await failed(error)
}

/** Commander has told people already, in its own words; help that was asked for comes here too. */
function misused(error: CommanderError): void {
  process.exitCode = error.exitCode
  if (error.exitCode === 0) return
  const message = error.code === 'commander.help' ? 'No command was named.' : error.message
  tellPrograms({ message: message.replace(/^error: /, ''), fix: 'Run the command with --help.' })
}

async function failed(error: unknown): Promise<void> {
  const { explain } = await import('./aws/say/explain.ts')
  const known = describeFailure(explain(error))
  const failure = known ?? unforeseen(error)
  tellPrograms(failure)
  if (!known) console.error(error)
  process.stderr.write(`${renderFailure(failure)}\n`)
  process.exitCode = error instanceof Interrupted ? 130 : 1
}

function tellPrograms(failure: FailureView): void {
  if (program.opts().json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
}
