/**
 * What a roll-out releases, built: the migrations, a service, a site. They are built from their sources, unless the
 * caller builds some of them otherwise: a rehearsal remembers builds and adds faults to them.
 */
import { join } from 'node:path'
import type { Job, Platform, Service, Site } from '@baton/config'
import type { Image } from '@baton/image'
import { openBaseLock } from '../image/bases.ts'
import {
  type BuildOptions,
  buildWanted,
  checkWanted,
  jobImage,
  migrationImage,
  serviceImage,
  sidecarImages,
  type WantedImage,
} from '../image/build.ts'
import { type OnProgress, step } from '../progress.ts'
import { buildSite } from '../site/build.ts'

export interface PlatformBuilder {
  migrations(): Promise<Image>
  /** The image of the main container. */
  service(service: Service): Promise<Image>
  /** The images of the containers beside it, by the container's name. */
  sidecars(service: Service): Promise<Readonly<Record<string, Image>>>
  /** The image of a job that has one of its own. */
  job(job: Job): Promise<Image>
  /** Resolves with the folder of the built site. */
  site(site: Site): Promise<string>
}

export interface SourceOptions extends BuildOptions {
  /** Folder of the built sites: `SITE/VERSION` below it. */
  readonly sitesDir: string
  readonly onProgress?: OnProgress
}

/**
 * Builds what the configuration names from its sources. Of what is asked for at the same time, nothing is built before
 * all of it was found: an image that does not exist is reported before minutes of building.
 */
export function fromSources(platform: Platform, options: SourceOptions): PlatformBuilder {
  const { version, sitesDir, signal, onProgress, cacheDir } = options
  const lock = openBaseLock(platform.rootDir, cacheDir, onProgress)
  const found = together()
  const image = async (target: string, described: WantedImage) => {
    const wanted = { ...described, architecture: options.architecture ?? described.architecture }
    await found(() => checkWanted(wanted, options))
    return step(onProgress, target, 'build the image', () => buildWanted(wanted, options, lock))
  }
  return {
    async migrations() {
      const wanted = migrationImage(platform)
      if (wanted === undefined) throw new Error('invariant: the platform has migrations')
      return image('migration', wanted)
    },
    service: (service) => image(service.name, serviceImage(service)),
    sidecars: async (service) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(sidecarImages(service)).map(
            async ([name, wanted]) => [name, await image(`${service.name}/${name}`, wanted)] as const,
          ),
        ),
      ),
    async job(job) {
      const wanted = jobImage(job)
      if (wanted === undefined) throw new Error(`invariant: the job ${job.name} has an image of its own`)
      return image(`job ${job.name}`, wanted)
    },
    site: async (site) => {
      await found(async () => {})
      return step(onProgress, site.name, 'build the site', () =>
        buildSite(site, {
          version,
          folder: join(sitesDir, site.name, version),
          ...(signal ? { signal } : {}),
        }),
      )
    },
  }
}

/** Runs work, and resolves when all work that was begun in the same turn of the event loop has succeeded. */
function together(): (work: () => Promise<void>) => Promise<unknown> {
  let batch: Promise<void>[] | undefined
  return async (work) => {
    const mine = batch ?? []
    if (batch === undefined) {
      batch = mine
      setImmediate(() => {
        batch = undefined
      })
    }
    const own = work()
    // It is reported to all, once all have begun.
    own.catch(() => {})
    mine.push(own)
    await new Promise(setImmediate)
    return Promise.all(mine)
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
