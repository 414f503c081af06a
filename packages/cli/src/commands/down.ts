/** `baton down`: stops the region of this directory; its state is kept unless it is to be destroyed. */
import { rm } from 'node:fs/promises'
import { findRegion } from '@baton/region/client'
import type { Command } from 'commander'
import { regionDir } from '../region-dir.ts'
import { settingsOf } from '../settings.ts'

export function addDown(program: Command): void {
  program
    .command('down')
    .summary('stop the region')
    .description(
      'Stops the region that `baton up --detach` left running. What it holds is found again at the next start.',
    )
    .option('--destroy', 'also delete what it holds')
    .addHelpText('after', '\nExample:\n  $ baton down --destroy')
    .action(async (options: { destroy?: boolean }, command: Command) => {
      const { stateDir, terminal } = settingsOf(command)
      const region = await findRegion(regionDir(stateDir))
      await region?.stop()
      if (options.destroy) await rm(regionDir(stateDir), { recursive: true, force: true })
      const stopped = region !== undefined
      terminal.result(
        { stopped, destroyed: options.destroy === true },
        `${stopped ? 'The region has stopped' : 'No region was running'}${options.destroy ? '; its state is deleted' : ''}.`,
      )
    })
}
