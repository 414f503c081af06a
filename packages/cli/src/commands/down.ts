/** `baton down`: stops the region of this directory; its state is kept unless it is to be destroyed. */
import { deleteRegion, endLeftProcesses, findRegion } from '@baton/emulator/client'
import type { Command } from 'commander'
import { regionDir } from '../emulator/directory.ts'
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
      const folder = regionDir(stateDir)
      const region = await findRegion(folder)
      await region?.stop()
      const ended = await endLeftProcesses(folder)
      if (options.destroy) await deleteRegion(folder)
      const stopped = region !== undefined
      terminal.result(
        { stopped, ended: ended.length, destroyed: options.destroy === true },
        `${stopped ? 'The region has stopped' : 'No region was running'}${left(ended.length)}${options.destroy ? '; its state is deleted' : ''}.`,
      )
    })
}

/** What a region that was killed had left running. */
const left = (count: number): string =>
  count === 0
    ? ''
    : `; ${count} ${count === 1 ? 'process' : 'processes'} of one that was killed ${count === 1 ? 'is' : 'are'} ended`
