/** The first roll-out of a whole platform from its sources: built, applied, its secrets given values, released. */
import type { Platform } from '@baton/config'
import type { Clients } from './clients.ts'
import type { Pace } from './pace.ts'
import { buildPlatform, type PlatformBuilder } from './platform-builds.ts'
import type { OnProgress } from './progress.ts'
import { type RolledOut, type RollOut, rollOut } from './roll-out.ts'
import { putSecretValues, requireSecretValues, type SecretValues } from './secret-values.ts'

export interface PlatformRollOut {
  readonly platform: Platform
  readonly version: string
  readonly builder: PlatformBuilder
  readonly secrets: SecretValues
  readonly apply: RollOut['apply']
  readonly signal?: AbortSignal
}

/** Throws `secret-missing` before anything is built, what a build rejects with before anything is applied. */
export async function rollOutPlatform(
  clients: Clients,
  { platform, version, builder, secrets, apply, signal }: PlatformRollOut,
  pace: Pace,
  onProgress?: OnProgress,
): Promise<RolledOut> {
  requireSecretValues(platform, secrets)
  const builds = await buildPlatform(platform, builder)
  return rollOut(
    clients,
    {
      platform: platform.name,
      version,
      ...builds,
      async apply(stack) {
        await apply(stack)
        if (stack === 'platform') await putSecretValues(clients, platform, secrets)
      },
      ...(signal ? { signal } : {}),
    },
    pace,
    onProgress,
  )
}
