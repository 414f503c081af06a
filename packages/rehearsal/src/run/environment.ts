/**
 * The environment of a rehearsal: the platform's Terraform, an emulator that has applied it, the first version released.
 * Everything after this is the rehearsal.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform, Service, Site } from '@baton/config'
import {
  type ApplyEvent,
  deleteEmulator,
  type Emulator,
  endLeftoverProcesses,
  type RuntimeChoice,
  startEmulator,
} from '@baton/emulator/client'
import { type Image, withFiles } from '@baton/image'
import { synth } from '@baton/infra'
import {
  type Clients,
  type Clock,
  createClients,
  emulatorDestination,
  fromSources,
  type OnProgress,
  type PlatformBuilder,
  requireSecretValues,
  rollOut,
  type SecretValues,
  type SourceOptions,
  scaledClock,
  unlessAborted,
} from '@baton/release'
import { type Fault, withFault } from '../faults/index.ts'

export interface RehearsalEnvironmentOptions {
  readonly platform: Platform
  /** Directory of this rehearsal: the emulator's state, the Terraform, the built sites. Emptied first. */
  readonly workDir: string
  /** Directory of built layers, kept between rehearsals. */
  readonly cacheDir: string
  readonly speed: number
  /** What runs tasks; `auto` where it is not given. */
  readonly runtime?: RuntimeChoice
  /** How images are built for that: what they stand on, and for which processor. */
  readonly builds?: Pick<SourceOptions, 'base' | 'architecture'>
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

export interface RehearsalEnvironment {
  readonly platform: Platform
  readonly emulator: Emulator
  readonly clients: Clients
  readonly clock: Clock
  readonly fault: Fault | undefined
  /** Addresses of the resources that were accepted without being modelled. */
  readonly inert: ReadonlySet<string>
  /** Applies a stack as it was synthesized; also in the middle of a deployment. */
  apply(stack: 'bootstrap' | 'platform'): Promise<void>
  /** Image of a service at a version; built once. */
  image(service: string, version: string, fault?: Fault): Promise<Image>
  /** Images of the containers beside the main one, at a version; built once. */
  sidecars(service: string, version: string): Promise<Readonly<Record<string, Image>>>
  /** Image of the migrations at a version, with these files laid over it; undefined where the platform has none. */
  migrations(version: string, files?: Readonly<Record<string, string>>): Promise<Image> | undefined
  /** Folder of a built site at a version; built once. */
  site(site: string, version: string): Promise<string>
  /** Stops everything and removes the work directory. */
  close(): Promise<void>
}

/**
 * Synthesizes, starts an emulator, and rolls the first version out. Whatever fails, nothing is left running; unless the
 * caller tolerates the error of the first release.
 */
export async function openRehearsalEnvironment(
  options: RehearsalEnvironmentOptions,
  version: string,
  tolerates: (error: unknown) => boolean = () => false,
): Promise<RehearsalEnvironment> {
  const { platform, workDir, speed } = options
  requireSecretValues(platform, options.secrets ?? {})
  await removeWorkDir(workDir)
  await mkdir(workDir, { recursive: true })
  const { stacks } = await synth(platform, { outDir: join(workDir, 'terraform') })
  const folderOf = (name: string) => stacks.find((stack) => stack.name === name)?.folder ?? ''
  await options.alterTerraform?.(folderOf('platform'))
  const emulator = await startEmulator({
    stateDir: emulatorDir(workDir),
    speed,
    awsRegion: platform.region,
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  const clients = createClients(emulator.clientSettings())
  const sources = (wanted: string) => sourcesOf(options, wanted)
  const inert = new Set<string>()
  const builds = {
    images: new Map<string, Promise<Image>>(),
    sidecars: new Map<string, Promise<Readonly<Record<string, Image>>>>(),
    sites: new Map<string, Promise<string>>(),
  }
  const accepted = options.inert ? { inert: options.inert } : {}
  const environment: RehearsalEnvironment = {
    platform,
    emulator,
    clients,
    clock: scaledClock(speed),
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
        return fault ? withFault(image, fault, wanted) : image
      }),
    sidecars: (name, wanted) =>
      once(builds.sidecars, `${name} ${wanted}`, async () => {
        const service = platform.services.find((candidate) => candidate.name === name)
        if (!service) throw new Error(`The platform has no service ${name}`)
        return sources(wanted).sidecars(service)
      }),
    migrations: (wanted, files = {}) =>
      platform.database?.migrations &&
      once(builds.images, `migrations ${wanted} ${JSON.stringify(files)}`, async () => {
        const image = await sources(wanted).migrations()
        return Object.keys(files).length === 0 ? image : withFiles(image, { files })
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
      await removeWorkDir(workDir)
    },
  }
  try {
    // All of it, before anything is built or applied.
    await emulator.check(stacks, accepted)
    await firstRelease(environment, options, version).catch((error: unknown) => {
      if (!tolerates(error)) throw error
    })
  } catch (error) {
    await environment.close()
    throw error
  }
  return environment
}

const emulatorDir = (workDir: string) => join(workDir, 'emulator')

/** Whatever a rehearsal left, also one that was killed: its processes, its data wherever it is, its directory. */
async function removeWorkDir(workDir: string): Promise<void> {
  await endLeftoverProcesses(emulatorDir(workDir))
  await deleteEmulator(emulatorDir(workDir))
  await rm(workDir, { recursive: true, force: true })
}

async function firstRelease(
  environment: RehearsalEnvironment,
  options: RehearsalEnvironmentOptions,
  version: string,
): Promise<void> {
  const { platform } = environment
  const builder = {
    ...sourcesOf(options, version),
    service: ({ name }: Service) => environment.image(name, version),
    sidecars: ({ name }: Service) => environment.sidecars(name, version),
    site: ({ name }: Site) => environment.site(name, version),
  }
  const { secrets = {}, signal, onProgress } = options
  const { clients, clock, apply } = environment
  const destination = emulatorDestination({ clients, platform, secrets, apply, retry, onProgress })
  const released = rollOut(
    clients,
    { platform, version, builder, destination, ...(signal ? { signal } : {}) },
    clock,
    onProgress,
  )
  // The emulator is about to stop: there is no need to wait until what it was asked for has stopped in good order.
  await unlessAborted(released, signal)
}

const retry = 'Read the service’s log and fix it, then rehearse again.'

function sourcesOf(options: RehearsalEnvironmentOptions, version: string): PlatformBuilder {
  const { platform, workDir, cacheDir, signal, onProgress } = options
  return fromSources(platform, {
    ...options.builds,
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
