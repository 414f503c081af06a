/**
 * From sources to images: one per service, one for the migrations. Builds know the version, and carry it where
 * clients and operators can see it.
 */
import type { Platform, Service } from '@baton/config'
import { type BuildImage, buildImage, type Image } from '@baton/image'

export interface BuildOptions {
  readonly version: string
  /** Image below the services; `scratch` for an emulator, whose tasks run on this machine's own Node.js. */
  readonly base?: BuildImage['base']
  /** Folder where layers are kept and found again. */
  readonly cacheDir: string
}

const architectures = { ARM64: 'arm64', X86_64: 'amd64' } as const

/** Builds a service's image; it names its version in `APP_VERSION`. */
export function buildService(service: Service, options: BuildOptions): Promise<Image> {
  return build(service, service.architecture, options)
}

/** Builds the image of the one-off task that migrates the database. */
export function buildMigrations(platform: Platform, options: BuildOptions): Promise<Image> {
  return build(platform.database.migrations, platform.services[0]?.architecture ?? 'ARM64', options)
}

function build(
  { source, entry }: { readonly source: string; readonly entry: string },
  architecture: Service['architecture'],
  { version, cacheDir, base }: BuildOptions,
): Promise<Image> {
  return buildImage({
    source,
    entry,
    architecture: architectures[architecture],
    environment: { APP_VERSION: version },
    labels: { 'org.opencontainers.image.version': version },
    cacheDir,
    ...(base ? { base } : {}),
  })
}
