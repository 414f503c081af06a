/** An emulator as the destination of a roll-out: it applies the stacks, and the secrets' values come from a file. */
import type { Platform } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { putSecretValues, requireSecretValues, type SecretValues } from '../aws/secret-values.ts'
import { type OnProgress, step } from '../progress.ts'
import type { RollOutDestination, StackName } from './roll-out.ts'

export interface EmulatorDestination<Applied> {
  readonly clients: Clients
  readonly platform: Platform
  readonly secrets: SecretValues
  readonly apply: (stack: StackName) => Promise<Applied>
  readonly retry: string
  readonly onProgress?: OnProgress | undefined
}

/** Its roll-out throws `secret-missing` before anything is built. */
export const emulatorDestination = <Applied>({
  clients,
  platform,
  secrets,
  apply,
  retry,
  onProgress,
}: EmulatorDestination<Applied>): RollOutDestination<Applied> => ({
  confirm: async () => requireSecretValues(platform, secrets),
  applyStack: (name) => step(onProgress, 'platform', `apply ${name}`, () => apply(name)),
  supplySecrets: () => putSecretValues(clients, platform, secrets),
  retry,
})
