/**
 * What a first roll-out takes, built all at once: the migrations, every service, every site, and the repositories
 * that their images go to. They are built from their sources, unless the caller builds some of them otherwise: a
 * rehearsal remembers builds and puts faults into them.
 */
import { join } from 'node:path'
import {
  migrationsRepositoryName,
  type Platform,
  repositoryName,
  type Service,
  type Site,
} from '@baton/config'
import type { Image } from '@baton/image'
import { type BuildOptions, buildMigrations, buildService } from './builds.ts'
import { type OnProgress, step } from './progress.ts'
import type { RollOut } from './roll-out.ts'
import { buildSite } from './site-build.ts'

export interface PlatformBuilder {
  migrations(): Promise<Image>
  service(service: Service): Promise<Image>
  /** Resolves with the folder of the built site. */
  site(site: Site): Promise<string>
}

export interface SourceOptions extends BuildOptions {
  /** Folder of the built sites: `SITE/VERSION` below it. */
  readonly sitesDir: string
  /** Ends a site's build. */
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/** Builds what the configuration names from its sources. */
export function fromSources(platform: Platform, options: SourceOptions): PlatformBuilder {
  const { version, sitesDir, signal, onProgress } = options
  return {
    migrations: () =>
      step(onProgress, 'migration', 'build the image', () => buildMigrations(platform, options)),
    service: (service) =>
      step(onProgress, service.name, 'build the image', () => buildService(service, options)),
    site: (site) =>
      step(onProgress, site.name, 'build the site', () =>
        buildSite(site, {
          version,
          folder: join(sitesDir, site.name, version),
          ...(signal ? { signal } : {}),
        }),
      ),
  }
}

/** Rejects with what the first build that fails rejects with. */
export async function buildPlatform(
  platform: Platform,
  builder: PlatformBuilder,
): Promise<Pick<RollOut, 'migration' | 'repositories' | 'services' | 'sites'>> {
  const [migration, services, sites] = await Promise.all([
    builder.migrations(),
    byName(platform.services, builder.service),
    byName(platform.sites, builder.site),
  ])
  const repositories = {
    migration: migrationsRepositoryName(platform),
    services: Object.fromEntries(platform.services.map(({ name }) => [name, repositoryName(platform, name)])),
  }
  return { migration, repositories, services, sites }
}

/** What `make` makes of each, at the same time, by the names of what it was made of. */
export async function byName<Item extends { readonly name: string }, T>(
  items: readonly Item[],
  make: (item: Item) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(
    await Promise.all(items.map(async (item) => [item.name, await make(item)] as const)),
  )
}
