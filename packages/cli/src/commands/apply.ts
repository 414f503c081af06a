/** `baton apply`: the platform on AWS, from an empty account to one that serves; later, what has changed. */
import { fromSources } from '@baton/release'
import type { Command } from 'commander'
import { awsClients } from '../aws/account/clients.ts'
import { publicNameServers } from '../aws/account/delegation.ts'
import { type RolledOutPlatform, rollOutOnAws } from '../aws/roll-out.ts'
import { openStacks } from '../aws/stack/stacks.ts'
import { confirmer } from '../aws/terminal/prompt.ts'
import { withUserErrors } from '../aws/terminal/user-errors.ts'
import { sourceOptions } from '../builds-dir.ts'
import { interruptible } from '../interrupt.ts'
import { nodeImage } from '../node-image.ts'
import { commitOf, originOf } from '../origin.ts'
import { settingsOf, versionOption } from '../settings.ts'

interface Options {
  yes?: boolean
  allowReplace?: string[]
  waitForDelegation: boolean
  version: string
  baseImage: string
}

const interruption = {
  during: 'the platform was being applied to AWS',
  left: 'What was created stays and is in Terraform’s state. AWS finishes by itself what it had begun.',
  fix: 'Run the command again; it continues from there.',
}

export function addApply(program: Command): void {
  program
    .command('apply')
    .summary('apply the configuration to AWS')
    .description(
      'On an empty account: state bucket, bootstrap stack, delegation of the domain, images, platform stack, migration, first release, sites. Later: what has changed. Asks before each change; may be stopped and started again at any step.',
    )
    .option('-y, --yes', 'don’t ask')
    .option('--allow-replace <address...>', 'addresses that may be replaced or deleted, data included')
    .option('--no-wait-for-delegation', 'continue while the domain is not delegated yet')
    .option('--version <version>', 'name of the first release', 'v1')
    .option('--base-image <reference>', 'base image of the services; "none" for none', nodeImage)
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton apply\n  $ baton apply --yes --allow-replace aws_lb_target_group.admin_blue aws_lb_target_group.admin_green',
    )
    .action(async (options: Options, command: Command) => {
      const { stateDir, configFile, terminal, ...settings } = settingsOf(command)
      const confirm = confirmer({ yes: options.yes === true, json: terminal.json })
      const version = versionOption(options.version)
      const platform = await settings.platform()
      const origin = originOf(await commitOf(configFile))
      const clients = awsClients(platform)
      try {
        const done = await interruptible(interruption, (signal) =>
          withUserErrors(async () => {
            const openStack = await openStacks(platform, { stateDir, terminal, signal })
            const sources = sourceOptions({
              stateDir,
              version,
              base: options.baseImage === 'none' ? undefined : { reference: options.baseImage },
              signal,
              onProgress: terminal.progress,
            })
            return rollOutOnAws({
              clients,
              platform,
              builder: fromSources(platform, sources),
              openStack,
              version,
              origin,
              confirm,
              terminal,
              allowReplace: options.allowReplace ?? [],
              waitsForDelegation: options.waitForDelegation,
              resolve: publicNameServers,
              signal,
            })
          }),
        )
        terminal.result(done, describe(done))
      } finally {
        clients.close()
      }
    })
}

function describe({ stacks, released, urls }: RolledOutPlatform): string {
  const changes = stacks.map(({ name, changed }) => `${name} ${changed ? 'applied' : 'had no changes'}`)
  const first = [
    ...released.services,
    ...released.sites.map((site) => `site ${site}`),
    ...released.jobs.map((job) => `job ${job}`),
  ]
  return [
    `The platform serves: ${changes.join(', ')}${first.length > 0 ? `; released for the first time: ${first.join(', ')}` : ''}.`,
    ...urls.map((url) => `  ${url}`),
  ].join('\n')
}
