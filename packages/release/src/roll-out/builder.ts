/**
 * What a roll-out releases, built: the migrations, a service, a site. They are built from their sources, unless the
 * caller builds some of them otherwise: a rehearsal remembers builds and adds faults to them.
 */
import { join } from 'node:path'
import type { Platform, Service, Site } from '@baton/config'
import type { Image } from '@baton/image'
import { type BuildOptions, buildMigrations, buildService } from '../image/build.ts'
import { type OnProgress, step } from '../progress.ts'
import { buildSite } from '../site/build.ts'

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

/** Runs `make` for all items at the same time; resolves with the results by the items' names. */
export async function byName<Item extends { readonly name: string }, T>(
  items: readonly Item[],
  make: (item: Item) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(
    await Promise.all(items.map(async (item) => [item.name, await make(item)] as const)),
  )
}
