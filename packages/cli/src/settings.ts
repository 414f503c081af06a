/** The global options of a command: configuration, state directory, output. */
import { resolve } from 'node:path'
import { loadPlatform, type Platform } from '@baton/config'
import type { Command } from 'commander'
import { openTerminal, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export interface Settings {
  readonly configFile: string
  readonly stateDir: string
  readonly terminal: Terminal
  platform(): Promise<Platform>
}

/** Reads the global options of a command. */
export function settingsOf(command: Command): Settings {
  const { config, stateDir, json } = command.optsWithGlobals<{
    config: string
    stateDir: string
    json?: boolean
  }>()
  // An unset variable of a script, which would mean the current folder: `--state-dir "$X" down --destroy`.
  for (const [option, value] of [
    ['--config', config],
    ['--state-dir', stateDir],
  ]) {
    if (value === '') throw new UsageError(`${option} is empty.`, `Give a path, or omit ${option}.`)
  }
  const configFile = resolve(config)
  return {
    configFile,
    stateDir: resolve(stateDir),
    terminal: openTerminal({ json: json === true }),
    platform: () => loadPlatform(configFile),
  }
}

/** A port, 0 for a free one; throws `UsageError`. */
export function portOption(name: string, text: string): number {
  const port = numberOption(name, text, { min: 0, max: 65_535 }) ?? 0
  if (Number.isInteger(port)) return port
  throw new UsageError(`${name} is "${text}".`, `Give a whole number: ${name} ${Math.round(port)}.`)
}

/** A number option; throws `UsageError` outside of its bounds. */
export function numberOption(
  name: string,
  text: string | undefined,
  bounds: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && value >= bounds.min && value <= bounds.max) return value
  throw new UsageError(
    `${name} is "${text}".`,
    `Give a number from ${bounds.min} to ${bounds.max}: ${name} ${bounds.min}.`,
  )
}

/** A version as tags, folders and task definitions take it; throws `UsageError`. */
export function versionOption(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text
  throw new UsageError(
    `The version is "${text}".`,
    'Use letters, digits, ".", "_" and "-", at most 64: --version v2.',
  )
}
