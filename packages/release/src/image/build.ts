/**
 * From sources to images: one per service, one for the migrations. Builds know the version, and carry it where
 * clients and operators can see it.
 */
import type { Job, Platform, Service } from '@baton/config'
import {
  type Architecture,
  buildImage,
  checkSource,
  type Image,
  type ImageLock,
  type ImageSource,
} from '@baton/image'
import { type BaseImages, lockedBase } from './bases.ts'

export interface BuildOptions {
  readonly version: string
  /** What images stand on; absent for an emulator, whose tasks run on this machine's own Node.js and Java. */
  readonly base?: BaseImages | undefined
  /** Folder where layers are kept and found again. */
  readonly cacheDir: string
  readonly signal?: AbortSignal
}

/** One image to build: what it is made of, and for which processor. */
export interface WantedImage {
  readonly source: ImageSource
  readonly architecture: Architecture
}

const architectures = { ARM64: 'arm64', X86_64: 'amd64' } as const

/** The image of a service's main container. */
export function serviceImage({ containers, architecture }: Service): WantedImage {
  return { source: containers[0].image, architecture: architectures[architecture] }
}

/** The images of the containers beside the main one, by the container's name. */
export function sidecarImages({ containers, architecture }: Service): Readonly<Record<string, WantedImage>> {
  const [, ...others] = containers
  return Object.fromEntries(
    others.map(({ name, image }) => [name, { source: image, architecture: architectures[architecture] }]),
  )
}

/** The image of a job; undefined where it runs that of a service. */
export function jobImage({ service, container, architecture }: Job): WantedImage | undefined {
  return service === undefined
    ? { source: container.image, architecture: architectures[architecture] }
    : undefined
}

/** All images of a platform. */
export function wantedImages(platform: Platform): readonly WantedImage[] {
  const migration = migrationImage(platform)
  return [
    ...(migration ? [migration] : []),
    ...platform.services.flatMap((each) => [serviceImage(each), ...Object.values(sidecarImages(each))]),
    ...platform.jobs.flatMap((job) => jobImage(job) ?? []),
  ]
}

/** The image of the one-off task that migrates the database; undefined where there is none. */
export function migrationImage({ database, services }: Platform): WantedImage | undefined {
  const source = database?.migrations?.image
  return source && { source, architecture: architectures[services[0]?.architecture ?? 'ARM64'] }
}

/** Finds out without building whether everything that the image is made of is there. */
export async function checkWanted(
  { source, architecture }: WantedImage,
  options: BuildOptions,
): Promise<void> {
  const { cacheDir, signal } = options
  await checkSource(source, { architecture, cacheDir, ...(signal ? { signal } : {}) })
}

/** Builds an image; it names its version in `APP_VERSION`. */
export async function buildWanted(
  { source, architecture }: WantedImage,
  { version, cacheDir, base, signal }: BuildOptions,
  lock: ImageLock,
): Promise<Image> {
  return buildImage(source, {
    version,
    architecture,
    cacheDir,
    base: await lockedBase(source, architecture, base, lock),
    ...(signal ? { signal } : {}),
  })
}
