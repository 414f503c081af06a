/** `baton down`: stops the emulator of the state directory. Its state is kept, unless with `--destroy`. */
import { deleteEmulator, stopEmulator } from '@baton/emulator/client'
import type { Command } from 'commander'
import { emulatorDir } from '../emulator/directory.ts'
import { deleteEarlierState, refuseEarlierState } from '../emulator/earlier-state.ts'
import { settingsOf } from '../settings.ts'

export function addDown(program: Command): void {
  program
    .command('down')
    .summary('stop the emulator')
    .description('Stops the emulator that `baton up --detach` started. Its state is kept for the next start.')
    .option('--destroy', 'also delete its state')
    .addHelpText('after', '\nExample:\n  $ baton down --destroy')
    .action(async (options: { destroy?: boolean }, command: Command) => {
      const { stateDir, terminal } = settingsOf(command)
      const folder = emulatorDir(stateDir)
      if (options.destroy) await deleteEarlierState(stateDir)
      else refuseEarlierState(stateDir)
      const { outcome, leftovers } = await stopEmulator(folder)
      if (options.destroy) await deleteEmulator(folder)
      terminal.result(
        {
          stopped: outcome !== undefined,
          killed: outcome === 'killed',
          ended: leftovers.length,
          destroyed: options.destroy === true,
        },
        `${outcomes[outcome ?? 'none']}${left(leftovers.length)}${options.destroy ? '; its state is deleted' : ''}.`,
      )
    })
}

const outcomes = {
  none: 'No emulator was running',
  stopped: 'The emulator has stopped',
  killed: 'The emulator did not answer and did not stop: it was killed',
}

/** Processes that a killed emulator had left running. */
const left = (count: number): string =>
  count === 0
    ? ''
    : `; ${count} ${count === 1 ? 'process' : 'processes'} of a killed emulator ${count === 1 ? 'was' : 'were'} ended`
