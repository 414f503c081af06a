/** The stacks of a platform on the emulator: checked together, then applied one by one, with what changed in lines. */
import type { Platform } from '@baton/config'
import type { Change, Emulator } from '@baton/emulator/client'
import type { Clients, StackName } from '@baton/release'
import { adoptSecrets } from '../stack/deleted-secrets.ts'
import { placeFiles } from '../stack/files.ts'
import type { Terminal } from '../terminal.ts'
import { describeEmulatorChanges } from './changes.ts'

/** What the emulator's apply did to a stack; nothing where it was as the configuration says. */
export interface EmulatorStack {
  readonly name: string
  readonly changes: readonly Change[]
}

export interface EmulatorStackOptions {
  readonly platform: Platform
  readonly emulator: Pick<Emulator, 'apply' | 'check'>
  readonly clients: Pick<Clients, 'secretsManager'>
  /** Synthesized. */
  readonly stacks: readonly { readonly name: StackName; readonly folder: string }[]
  readonly inert: readonly string[]
  readonly terminal: Pick<Terminal, 'apply' | 'note'>
  readonly signal: AbortSignal
}

/** Checks all of them, before anything is built or applied; resolves with the apply of one. */
export async function openEmulatorStacks(
  options: EmulatorStackOptions,
): Promise<(stack: StackName) => Promise<EmulatorStack>> {
  const { platform, emulator, clients, stacks, inert, terminal, signal } = options
  const folderOf = (name: StackName) => {
    const folder = stacks.find((stack) => stack.name === name)?.folder
    if (folder === undefined) throw new Error(`invariant: ${name} is synthesized`)
    return folder
  }
  // What an earlier run adopted may no longer be in the configuration.
  await placeFiles(folderOf('platform'), { 'adopt.tf.json': undefined })
  await emulator.check(stacks, { inert })
  return async (stack) => {
    if (stack === 'platform') await placeFiles(folderOf(stack), await adoptSecrets(clients, platform))
    const result = await emulator.apply(folderOf(stack), {
      stack,
      inert,
      signal,
      onProgress: (event) => terminal.apply(stack, event),
    })
    for (const line of describeEmulatorChanges(result.changes)) terminal.note(line)
    if (result.inert.length > 0) terminal.note(`Accepted without being emulated: ${result.inert.join(', ')}.`)
    return { name: stack, changes: result.changes }
  }
}
