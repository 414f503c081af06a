/**
 * The platform on this machine: started with the state that it has, or rolled out for the first time.
 */
import { join } from 'node:path'
import type { Platform } from '@baton/config'
import { type Emulator, findEmulator, type Ports, startEmulator } from '@baton/emulator/client'
import { synth } from '@baton/infra'
import {
  type Clients,
  createClients,
  emulatorDestination,
  fromSources,
  type ReleaseOrigin,
  requireSecretValues,
  rollOut,
  scaledClock,
} from '@baton/release'
import { sourceOptions } from '../builds-dir.ts'
import { quietAfter, type Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { type EmulatorStack, openEmulatorStacks } from './apply-stack.ts'
import { emulatorDir } from './directory.ts'
import { refuseEarlierState } from './earlier-state.ts'
import type { EmulatorRuntime } from './runtime-option.ts'
import { emulatorSecrets } from './secrets.ts'

export interface LocalPlatform {
  readonly platform: Platform
  readonly emulator: Emulator
  readonly clients: Clients
  readonly stateDir: string
  readonly terminal: Terminal
  readonly builds: EmulatorRuntime['builds']
}

/** Starts the emulator of a state directory. Throws when one runs already. */
export async function startLocal(
  platform: Platform,
  options: {
    stateDir: string
    ports: Ports
    speed: number
    runtime: EmulatorRuntime
    detached: boolean
    terminal: Terminal
    signal: AbortSignal
  },
): Promise<LocalPlatform> {
  const { stateDir, terminal } = options
  refuseEarlierState(stateDir)
  const running = await findEmulator(emulatorDir(stateDir))
  if (running) {
    throw new UsageError(
      `The platform is up already: ${running.endpoints.http} (process ${running.pid}).`,
      'Stop it with `baton down`, or see what runs with `baton status`.',
    )
  }
  const { choice, builds } = options.runtime
  const emulator = await startEmulator({
    ...options,
    runtime: choice,
    stateDir: emulatorDir(stateDir),
    awsRegion: platform.region,
  })
  return { platform, emulator, clients: createClients(emulator.clientSettings()), stateDir, terminal, builds }
}

/** Applies the Terraform and releases a version of everything; what is there already is left as it is. */
export async function rollOutLocal(
  local: LocalPlatform,
  {
    version,
    inert,
    origin,
    signal,
  }: {
    version: string
    inert: readonly string[]
    origin: ReleaseOrigin
    signal: AbortSignal
  },
): Promise<readonly EmulatorStack[]> {
  const { platform, emulator, clients, stateDir } = local
  const terminal = quietAfter(local.terminal, signal)
  const secrets = await emulatorSecrets(platform)
  requireSecretValues(platform, secrets)
  const { stacks } = await synth(platform, { outDir: join(stateDir, 'terraform') })
  const apply = await openEmulatorStacks({ platform, emulator, clients, stacks, inert, terminal, signal })
  const { progress: onProgress } = terminal
  const rolledOut = await rollOut(
    clients,
    {
      platform,
      version,
      builder: fromSources(
        platform,
        sourceOptions({ stateDir, version, signal, onProgress, ...local.builds }),
      ),
      destination: emulatorDestination({ clients, platform, secrets, apply, retry, onProgress }),
      origin,
      signal,
    },
    scaledClock(emulator.speed),
    onProgress,
  )
  return rolledOut.stacks
}

/** The image of the failed version is in the emulator's registry, and a version never changes its content. */
const retry =
  'Read the service’s log and fix it. Then delete the emulator’s state (`baton down --destroy`) and run `baton up` again.'
