/** Where a release goes: an emulator or AWS. The release code gets clients, a clock and a base image, and nothing else. */
import type { Platform } from '@baton/config'
import { type BuildOptions, type Clients, createClients } from '@baton/release'
import { requireAccount } from './aws/account/account.ts'
import { runningEmulator } from './emulator/running-emulator.ts'
import { nodeImage } from './node-image.ts'

export interface Destination {
  readonly clients: Clients
  /** Speed of AWS's own time: 1 on AWS. */
  readonly speed: number
  /** Image below the services; an emulator's tasks need none. */
  readonly base: BuildOptions['base']
}

export async function destination(
  where: 'emulator' | 'aws',
  platform: Platform,
  stateDir: string,
  baseImage = nodeImage,
): Promise<Destination> {
  if (where === 'aws') {
    await requireAccount(platform)
    return {
      clients: createClients({ region: platform.region }),
      speed: 1,
      base: baseImage === 'none' ? undefined : { reference: baseImage },
    }
  }
  const emulator = await runningEmulator(stateDir)
  return { clients: createClients(emulator.clientSettings()), speed: emulator.speed, base: undefined }
}
