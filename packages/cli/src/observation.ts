/** The place that `--on` names, for commands that only look. */
import type { Platform } from '@baton/config'
import type { Emulator } from '@baton/emulator/client'
import { createObservers, type Observers } from '@baton/release'
import type { Command } from 'commander'
import { requireAccount } from './aws/account/account.ts'
import { runningEmulator } from './emulator/running-emulator.ts'
import type { OnOption } from './on-destination.ts'
import { type Settings, settingsOf } from './settings.ts'

export interface Observation extends Settings {
  readonly described: Platform
  readonly clients: Observers
  /** Speed of AWS's own time: 1 on AWS. */
  readonly speed: number
  /** Undefined on AWS. */
  readonly emulator: Emulator | undefined
}

/** Opens the place, looks, and closes the clients however it ends. */
export async function observing<T>(
  command: Command,
  { on }: OnOption,
  work: (place: Observation) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(command)
  // Before the configuration: a command that asks an emulator which does not run says so first.
  const emulator = on === 'emulator' ? await runningEmulator(settings.stateDir) : undefined
  const described = await settings.platform()
  if (on === 'aws') await requireAccount(described)
  const clients = createObservers(emulator?.clientSettings() ?? { region: described.region })
  try {
    return await work({ ...settings, described, clients, speed: emulator?.speed ?? 1, emulator })
  } finally {
    clients.close()
  }
}
