/** The `baton` command: runs the program, and reports how it failed. */
import { CommanderError } from 'commander'
import { describeFailure, type FailureView, renderFailure, unforeseen } from './failure.ts'
import { Interrupted } from './interrupt.ts'
import { addCommands, createProgram } from './program.ts'

const program = createProgram()
await addCommands(program, process.argv.slice(2))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) misused(error)
  else await failed(error)
}

/** Commander has reported it already, in its own words. Help that was asked for comes here too. */
function misused(error: CommanderError): void {
  process.exitCode = error.exitCode
  if (error.exitCode === 0) return
  const message = error.code === 'commander.help' ? 'No command was named.' : error.message
  reportAsJson({ message: message.replace(/^error: /, ''), fix: 'Run the command with --help.' })
}

async function failed(error: unknown): Promise<void> {
  const { toUserError } = await import('./aws/terminal/user-errors.ts')
  const known = describeFailure(toUserError(error))
  const failure = known ?? unforeseen(error)
  reportAsJson(failure)
  if (!known) console.error(error)
  process.stderr.write(`${renderFailure(failure)}\n`)
  process.exitCode = error instanceof Interrupted ? 130 : 1
}

function reportAsJson(failure: FailureView): void {
  if (program.opts().json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
}
