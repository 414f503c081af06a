/** `baton env`: what an AWS client needs to reach the emulator of this directory, for the shell or for a program. */
import type { Command } from 'commander'
import { runningEmulator } from '../emulator/running-emulator.ts'
import { settingsOf } from '../settings.ts'

/** What a shell may have of a real account: it must not go along. */
const unset = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN']

export function addEnv(program: Command): void {
  program
    .command('env')
    .summary('print the environment of AWS clients for the emulator')
    .description(
      'Prints lines for a POSIX shell that lead every AWS client to the emulator: endpoint, credentials, region and certificate authority. Variables that point at a real account are unset.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton env --json\n  $ eval "$(baton env)" && aws ecs list-clusters',
    )
    .action(async (_options: object, command: Command) => {
      const { stateDir, terminal } = settingsOf(command)
      const emulator = await runningEmulator(stateDir)
      const environment = emulator.environment()
      terminal.result({ environment, unset }, shellLines(environment).join('\n'))
    })
}

function shellLines(environment: Readonly<Record<string, string>>): string[] {
  return [
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `unset ${unset.join(' ')}`,
  ]
}

/** For a POSIX shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
