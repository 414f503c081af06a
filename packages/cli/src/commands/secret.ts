/** `baton secret set`: writes the value of a service's secret, which is then in no file, no history and no state. */
import { serviceSecretName } from '@baton/config'
import type { Command } from 'commander'
import { awsClients } from '../aws/account/clients.ts'
import { requireSecret, setSecret } from '../aws/stack/secrets.ts'
import { readValue } from '../aws/terminal/prompt.ts'
import { withUserErrors } from '../aws/terminal/user-errors.ts'
import { settingsOf } from '../settings.ts'

export function addSecret(program: Command): void {
  const secret = program
    .command('secret')
    .summary('values of the services’ secrets')
    .description('Values of the services’ secrets.')
  secret
    .command('set')
    .summary('write a secret’s value to AWS')
    .description(
      'Reads the value from standard input, or asks for it without showing it; it is never an argument. Tasks read it when they start, so the next deploy puts it into use.',
    )
    .argument('<service>', 'name of the service')
    .argument('<name>', 'name of the secret, which is the name of its environment variable')
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton secret set admin API_KEY\n  $ baton secret set admin API_KEY < key.txt',
    )
    .action(async (service: string, name: string, _options: unknown, command: Command) => {
      const { terminal, ...settings } = settingsOf(command)
      const platform = await settings.platform()
      requireSecret(platform, { service, name })
      const value = await readValue(name)
      const clients = awsClients(platform)
      try {
        const version = await withUserErrors(() => setSecret(clients, platform, { service, name }, value))
        terminal.result(
          { secret: serviceSecretName(platform, service, name), version },
          `${name} of ${service} is set. The next deploy of service/${service} puts it into use.`,
        )
      } finally {
        clients.close()
      }
    })
}
