/** The option `--runtime` of commands that start an emulator. */
import { type RuntimeChoice, runtimeChoices } from '@baton/emulator/client'
import { UsageError } from '../usage-error.ts'

/** For `command.option(...)`. */
export const runtimeOption: [flags: string, description: string, value: string] = [
  '--runtime <kind>',
  'what runs tasks: process, container, or auto: processes for what Baton builds from sources and jars, containers of Docker or Podman for the rest',
  'auto',
]

/** Throws `UsageError` for a name that is none. */
export function runtimeNamed(text: string): RuntimeChoice {
  const known = runtimeChoices.find((choice) => choice === text)
  if (known !== undefined) return known
  throw new UsageError(`--runtime is "${text}".`, `Choose one of ${runtimeChoices.join(', ')}.`)
}
