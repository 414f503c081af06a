/**
 * From sources to images: one per service, one for the migrations. Builds know the version, and carry it where
 * clients and operators can see it.
 */
import type { ImageSource, Platform, Service } from '@baton/config'
import { type BuildImage, buildImage, type Image } from '@baton/image'
import { ReleaseError } from '../release-error.ts'

export interface BuildOptions {
  readonly version: string
  /** Image below the services; `scratch` for an emulator, whose tasks run on this machine's own Node.js. */
  readonly base?: BuildImage['base']
  /** Folder where layers are kept and found again. */
  readonly cacheDir: string
}

const architectures = { ARM64: 'arm64', X86_64: 'amd64' } as const

/** Builds the image of a service's main container; it names its version in `APP_VERSION`. */
export function buildService(service: Service, options: BuildOptions): Promise<Image> {
  return build(service.containers[0].image, service.architecture, options)
}

/** Builds the image of the one-off task that migrates the database. */
export function buildMigrations(platform: Platform, options: BuildOptions): Promise<Image> {
  const { migrations } = platform.database ?? {}
  if (migrations === undefined) throw new Error('invariant: the platform has migrations')
  return build(migrations.image, platform.services[0]?.architecture ?? 'ARM64', options)
}

function build(
  image: ImageSource,
  architecture: Service['architecture'],
  { version, cacheDir, base }: BuildOptions,
): Promise<Image> {
  if (image.kind !== 'source') {
    throw new ReleaseError(
      'build-failed',
      `Images of the kind ${image.kind} are not built yet.`,
      'Use source: a package for Node.js.',
    )
  }
  return buildImage({
    source: image.folder,
    entry: image.entry,
    architecture: architectures[architecture],
    environment: { APP_VERSION: version },
    labels: { 'org.opencontainers.image.version': version },
    cacheDir,
    ...(base ? { base } : {}),
  })
}
