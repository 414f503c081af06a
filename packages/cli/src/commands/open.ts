/** `baton open`: a site in the browser. */
import { spawn } from 'node:child_process'
import type { Command } from 'commander'
import { runningEmulator } from '../emulator/running-emulator.ts'
import { type OnOption, onOption } from '../on-destination.ts'
import { settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

interface Options extends OnOption {
  print?: boolean
}

export function addOpen(program: Command): void {
  program
    .command('open')
    .summary('open a site in the browser')
    .description(
      'Opens a site of the emulator or of AWS in the browser of this machine, and prints its address.',
    )
    .argument('[site]', 'admin or site/admin; needed where there is more than one')
    .option('--print', 'only print the address')
    .addOption(onOption('whose site'))
    .addHelpText('after', '\nExamples:\n  $ baton open site/admin\n  $ baton open admin --on aws --print')
    .action(async (id: string | undefined, options: Options, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const { sites } = await settings.platform()
      const name = id?.replace(/^site\//, '')
      const site =
        name === undefined && sites.length === 1 ? sites[0] : sites.find((each) => each.name === name)
      if (site === undefined) {
        throw new UsageError(
          id === undefined ? 'No site was named.' : `There is no site "${id}".`,
          sites.length > 0
            ? `Choose one of ${sites.map((each) => each.name).join(', ')}.`
            : 'The platform has none.',
        )
      }
      const url =
        options.on === 'aws'
          ? `https://${site.host}`
          : (await runningEmulator(stateDir)).endpoints.http.replace('127.0.0.1', `${site.host}.localhost`)
      const opened = options.print !== true && (await openBrowser(url))
      if (options.print !== true && !opened) terminal.note('No browser could be started here.')
      terminal.result({ site: site.name, url, opened }, url)
    })
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' }

/** False where there is no program for it, or it fails at once. The browser outlives this command. */
function openBrowser(url: string): Promise<boolean> {
  const program = openers[process.platform]
  if (program === undefined) return Promise.resolve(false)
  return new Promise((done) => {
    const child = spawn(program, [url], { stdio: 'ignore', detached: true })
    child.once('error', () => done(false))
    child.once('exit', (code) => done(code === 0))
    child.once('spawn', () => setTimeout(() => done(true), 1_000).unref())
    child.unref()
  })
}
