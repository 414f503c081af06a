/** What the commands of every day have in common: the platform, the place that `--on` names, and its clients. */
import type { Platform } from '@baton/config'
import type { Clock } from '@baton/release'
import { scaledClock } from '@baton/release'
import { type Command, Option } from 'commander'
import { type Destination, destination } from './destination.ts'
import { type Settings, settingsOf } from './settings.ts'

export interface OnOption {
  readonly on: 'emulator' | 'aws'
}

/** `--on emulator`, unless AWS is named: no variable of the shell leads a command there. */
export const onOption = (what: string): Option =>
  new Option('--on <where>', what).choices(['emulator', 'aws']).default('emulator')

export interface Place extends Settings, Destination, OnOption {
  readonly described: Platform
  readonly clock: Clock
}

/** Opens the place, does the work, and closes the clients however it ends. */
export async function onDestination<T>(
  command: Command,
  { on }: OnOption,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const settings = settingsOf(command)
  const described = await settings.platform()
  const to = await destination(on, described, settings.stateDir)
  try {
    return await work({ ...settings, ...to, on, described, clock: scaledClock(to.speed) })
  } finally {
    to.clients.close()
  }
}
