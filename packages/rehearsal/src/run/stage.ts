/**
 * The stage of a rehearsal: the platform's Terraform, an emulator that has applied it, the first version released.
 * Everything after this is the performance.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform, Service, Site } from '@baton/config'
import {
  type ApplyEvent,
  deleteEmulator,
  type Emulator,
  endLeftProcesses,
  startEmulator,
} from '@baton/emulator/client'
import type { Image } from '@baton/image'
import { synth } from '@baton/infra'
import {
  type Clients,
  createClients,
  fromSources,
  type OnProgress,
  type Pace,
  type PlatformBuilder,
  pace,
  requireSecretValues,
  rollOutPlatform,
  type SecretValues,
  unlessAborted,
} from '@baton/release'
import { type Fault, withFault } from '../faults/index.ts'

export interface StageOptions {
  readonly platform: Platform
  /** Directory of this rehearsal: the emulator's state, the Terraform, the built sites. Emptied first. */
  readonly workDir: string
  /** Directory of built layers, kept between rehearsals. */
  readonly cacheDir: string
  readonly speed: number
  /** Resource types that the emulator accepts without modelling them. */
  readonly inert?: readonly string[]
  /** Values of the secrets that services name. */
  readonly secrets?: SecretValues
  /** Changes the synthesized platform before it is applied. */
  readonly alterTerraform?: (folder: string) => Promise<void>
  /** Laid over every version of every service. */
  readonly fault?: Fault
  readonly onProgress?: OnProgress
  readonly onApply?: (stack: string, event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

export interface Stage {
  readonly platform: Platform
  readonly emulator: Emulator
  readonly clients: Clients
  readonly pace: Pace
  readonly fault: Fault | undefined
  /** Addresses of the resources that were accepted without being modelled. */
  readonly inert: ReadonlySet<string>
  /** Applies a stack as it was synthesized; also in the middle of a deployment. */
  apply(stack: 'bootstrap' | 'platform'): Promise<void>
  /** Image of a service at a version; built once. */
  image(service: string, version: string, fault?: Fault): Promise<Image>
  /** Folder of a built site at a version; built once. */
  site(site: string, version: string): Promise<string>
  /** Stops everything and removes the work directory. */
  close(): Promise<void>
}

/** Synthesizes, starts an emulator, and rolls the first version out. Whatever fails, nothing is left running. */
export async function openStage(options: StageOptions, version: string): Promise<Stage> {
  const { platform, workDir, speed } = options
  requireSecretValues(platform, options.secrets ?? {})
  await removeStage(workDir)
  await mkdir(workDir, { recursive: true })
  const { stacks } = await synth(platform, { outDir: join(workDir, 'terraform') })
  const folderOf = (name: string) => stacks.find((stack) => stack.name === name)?.folder ?? ''
  await options.alterTerraform?.(folderOf('platform'))
  const emulator = await startEmulator({
    stateDir: emulatorDir(workDir),
    speed,
    awsRegion: platform.region,
    ...(options.signal ? { signal: options.signal } : {}),
  })
  const clients = createClients(emulator.clientSettings())
  const sources = (wanted: string) => sourcesOf(options, wanted)
  const inert = new Set<string>()
  const builds = { images: new Map<string, Promise<Image>>(), sites: new Map<string, Promise<string>>() }
  const accepted = options.inert ? { inert: options.inert } : {}
  const stage: Stage = {
    platform,
    emulator,
    clients,
    pace: pace(speed),
    fault: options.fault,
    inert,
    async apply(stack) {
      const result = await emulator.apply(folderOf(stack), {
        stack,
        ...accepted,
        ...(options.signal ? { signal: options.signal } : {}),
        onProgress: (event) => options.onApply?.(stack, event),
      })
      for (const address of result.inert) inert.add(address)
    },
    image: (name, wanted, fault = options.fault) =>
      once(builds.images, `${name} ${wanted} ${fault}`, async () => {
        const service = platform.services.find((candidate) => candidate.name === name)
        if (!service) throw new Error(`The platform has no service ${name}`)
        const image = await sources(wanted).service(service)
        return fault ? withFault(image, fault, service) : image
      }),
    site: (name, wanted) =>
      once(builds.sites, `${name} ${wanted}`, async () => {
        const site = platform.sites.find((candidate) => candidate.name === name)
        if (!site) throw new Error(`The platform has no site ${name}`)
        return sources(wanted).site(site)
      }),
    async close() {
      clients.close()
      await emulator.stop()
      await removeStage(workDir)
    },
  }
  try {
    // All of it, before anything is built or applied.
    await emulator.check(stacks, accepted)
    await firstRelease(stage, options, version)
  } catch (error) {
    await stage.close()
    throw error
  }
  return stage
}

const emulatorDir = (workDir: string) => join(workDir, 'emulator')

/** Whatever a rehearsal left, one that was killed too: its processes, its data wherever it lies, its directory. */
async function removeStage(workDir: string): Promise<void> {
  await endLeftProcesses(emulatorDir(workDir))
  await deleteEmulator(emulatorDir(workDir))
  await rm(workDir, { recursive: true, force: true })
}

async function firstRelease(stage: Stage, options: StageOptions, version: string): Promise<void> {
  const { platform } = stage
  const builder = {
    ...sourcesOf(options, version),
    service: ({ name }: Service) => stage.image(name, version),
    site: ({ name }: Site) => stage.site(name, version),
  }
  const { secrets = {}, signal } = options
  const rollOut = rollOutPlatform(
    stage.clients,
    { platform, version, builder, secrets, apply: stage.apply, ...(signal ? { signal } : {}) },
    stage.pace,
    options.onProgress,
  )
  // The emulator is about to go: nobody waits until what it was asked for has been stopped in good order.
  await unlessAborted(rollOut, signal)
}

function sourcesOf(options: StageOptions, version: string): PlatformBuilder {
  const { platform, workDir, cacheDir, signal, onProgress } = options
  return fromSources(platform, {
    version,
    cacheDir,
    sitesDir: join(workDir, 'sites'),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  })
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key)
  if (known) return known
  const promise = make()
  made.set(key, promise)
  return promise
}
