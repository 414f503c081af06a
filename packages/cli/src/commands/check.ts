/** `baton check`: what the synthesized Terraform opens, leaves unprotected, or does not fit together. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkRules, checkStacks, renderCheck, synth } from '@baton/infra'
import type { Command } from 'commander'
import { type Settings, settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { checkContract } from './check-contract.ts'

interface Options {
  readonly from?: string
  readonly rules?: boolean
  readonly run?: boolean
  readonly traffic: string
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .argument('[target]', 'with --run: the service to run, as service/NAME')
    .summary('find what is open, unprotected or inconsistent')
    .description(
      'Reads the Terraform of both stacks and reports, with the reason and the fix, what is reachable from where, ' +
        'open to the world, unencrypted, over-permitted, against a limit of AWS, or does not fit together. ' +
        'Makes no call to AWS. Exit status 1 when there is an error. With --run: starts a service alone in the emulator, ' +
        'measures it for some 70 seconds, and reports which points of the platform’s contract it breaks.',
    )
    .option('--run', 'run the service, and check it against the contract')
    .option('--traffic <file>', 'with --run: the module with the traffic of clients', 'baton.rehearsal.ts')
    .option('--from <folder>', 'check what `baton synth --out` wrote there, instead of the configuration')
    .option('--rules', 'list the rules, and check nothing')
    .addHelpText('after', '\nExamples:\n  $ baton check --json\n  $ baton check service/admin --run')
    .action(async (target: string | undefined, options: Options, command: Command) => {
      const settings = settingsOf(command)
      const { terminal } = settings
      if (target !== undefined || options.run) return checkContract(target, options, settings)
      if (options.rules) {
        const listed = checkRules.map(({ name, severity, demand, source }) => ({
          name,
          severity,
          demand,
          source,
        }))
        const lines = listed.map(
          ({ name, severity, demand }) => `${severity.padEnd(7)}  ${name.padEnd(40)}${demand}`,
        )
        terminal.result({ rules: listed }, lines.join('\n'))
        return
      }
      const result =
        options.from === undefined ? await checkPlatform(settings) : await checkFolder(options.from)
      terminal.result(result, renderCheck(result, terminal.paint))
      if (result.summary.errors > 0) process.exitCode = 1
    })
}

/** Synthesizes into a temporary folder, so that nothing of an earlier `synth` changes. */
async function checkPlatform(settings: Settings) {
  const outDir = await mkdtemp(join(tmpdir(), 'baton-check-'))
  try {
    const { stacks } = await synth(await settings.platform(), { outDir })
    return await checkStacks(stacks)
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

async function checkFolder(from: string) {
  const stacks = ['bootstrap', 'platform'].map((name) => ({ name, folder: resolve(from, 'stacks', name) }))
  const missing = stacks.map(({ folder }) => join(folder, 'cdk.tf.json')).find((file) => !existsSync(file))
  if (missing) {
    throw new UsageError(
      `There is no ${missing}.`,
      `Write it with \`baton synth --out ${from}\`, or omit --from.`,
    )
  }
  return checkStacks(stacks)
}
