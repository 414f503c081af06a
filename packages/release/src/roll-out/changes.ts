/**
 * What has changed since the last release, by content: what is built now is compared with what the records say of what
 * runs. Dates and versions do not count, so a release that was cut off is completed by doing the same again.
 */
import type { Platform, Service, Site } from '@baton/config'
import type { Image } from '@baton/image'
import type { Clients } from '../aws/clients.ts'
import { migrationManifest, serviceManifest, siteManifest } from '../aws/manifests.ts'
import { contractsOf } from '../migration/contracts.ts'
import { imageContent, serviceContent } from '../record/content.ts'
import { succeededRelease } from '../record/earlier.ts'
import type { ReleaseTarget } from '../record/release-record.ts'
import { releaseRecords } from '../record/store.ts'
import { newestTemplate } from '../service/revision.ts'
import { runningService, templateIsNewer } from '../service/running-service.ts'
import { siteFiles } from '../site/files.ts'
import { currentRelease } from '../site/pointer.ts'
import { getManifest } from '../site/store.ts'
import type { PlatformBuilder } from './builder.ts'

/** Why a target is released. */
export type Reason = 'first release' | 'new content' | 'new template' | 'no record of what runs' | 'named'

interface Changed {
  readonly why: Reason
  readonly content: string
}

export interface ChangedImage extends Changed {
  readonly image: Image
}

export interface ChangedService extends ChangedImage {
  /** Images of the containers beside the main one. */
  readonly sidecars: Readonly<Record<string, Image>>
}

export interface Changes {
  readonly migration: (ChangedImage & { readonly contracts: readonly string[] }) | undefined
  readonly services: Readonly<Record<string, ChangedService>>
  readonly sites: Readonly<Record<string, { readonly why: Reason; readonly folder: string }>>
  readonly unchanged: readonly ReleaseTarget[]
}

export interface ChangesRequest {
  readonly platform: Platform
  readonly version: string
  /** Builds under a version. A site is also built under the one that runs, to be compared with it. */
  readonly builderOf: (version: string) => PlatformBuilder
  /** Only this one, which is released in any case; with a service the migrations that are new. */
  readonly only?: ReleaseTarget
}

/** Builds and compares; nothing is changed by it. */
export async function findChanges(clients: Clients, asked: ChangesRequest): Promise<Changes> {
  const { platform, only } = asked
  const request = { ...asked, builder: asked.builderOf(asked.version) }
  const wanted = (target: ReleaseTarget) => only === undefined || only === target
  const services = platform.services.filter(({ name }) => wanted(`service/${name}`))
  const sites = platform.sites.filter(({ name }) => wanted(`site/${name}`))
  const [migration, ...changed] = await Promise.all([
    services.length > 0 && platform.database ? migrationChange(clients, request) : undefined,
    ...services.map((service) => serviceChange(clients, request, service)),
  ])
  // One after the other: a site's build may write where another one reads.
  const changedSites = []
  for (const site of sites) changedSites.push(await siteChange(clients, request, site))
  const named = <T>(items: readonly { readonly name: string }[], values: readonly (T | undefined)[]) =>
    Object.fromEntries(
      items.flatMap(({ name }, index) => {
        const value = values[index]
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
  const result = { migration, services: named(services, changed), sites: named(sites, changedSites) }
  return {
    ...result,
    unchanged: [
      ...(migration === undefined && services.length > 0 && platform.database
        ? (['migration'] as const)
        : []),
      ...services
        .filter(({ name }) => !(name in result.services))
        .map(({ name }) => `service/${name}` as const),
      ...sites.filter(({ name }) => !(name in result.sites)).map(({ name }) => `site/${name}` as const),
    ],
  }
}

interface Compared extends ChangesRequest {
  /** Builds under the new version. */
  readonly builder: PlatformBuilder
}

async function serviceChange(
  clients: Clients,
  { platform, builder, only }: Compared,
  service: Service,
): Promise<ChangedService | undefined> {
  const target = `service/${service.name}` as const
  const manifest = await serviceManifest(clients, platform.name, service.name)
  const [image, sidecars, running, records] = await Promise.all([
    builder.service(service),
    builder.sidecars(service),
    runningService(clients, manifest),
    releaseRecords(clients, platform.name, target),
  ])
  const content = serviceContent(image, sidecars)
  const changed = (why: Reason) => ({ why, content, image, sidecars })
  if (running.version === undefined || running.desiredCount === 0) return changed('first release')
  if (only === target) return changed('named')
  const known = succeededRelease(records, running.version)?.content
  if (known === undefined) return changed('no record of what runs')
  if (known !== content) return changed('new content')
  return (await templateIsNewer(clients, manifest, running)) ? changed('new template') : undefined
}

/** Also a new template counts: it names the services whose users the migration creates. */
async function migrationChange(
  clients: Clients,
  { platform, builder }: Compared,
): Promise<Changes['migration']> {
  const manifest = await migrationManifest(clients, platform.name)
  const [image, records, template, contracting] = await Promise.all([
    builder.migrations(),
    releaseRecords(clients, platform.name, 'migration'),
    newestTemplate(clients, manifest.templateFamily),
    contractsOf(platform),
  ])
  const content = imageContent(image)
  const done = records.filter(({ state }) => state === 'succeeded')
  const known = new Set(done.flatMap(({ contracts = [] }) => contracts))
  const contracts = contracting.filter((name) => !known.has(name))
  const changed = (why: Reason) => ({ why, content, image, contracts })
  const [last] = done
  if (last === undefined) return changed('first release')
  if (last.content !== content) return changed('new content')
  return last.template === template.taskDefinitionArn ? undefined : changed('new template')
}

/** A build writes its version into the files, so what runs is compared with a build under the version that runs. */
async function siteChange(
  clients: Clients,
  { platform, builder, builderOf, only }: Compared,
  site: Site,
): Promise<{ why: Reason; folder: string } | undefined> {
  const manifest = await siteManifest(clients, platform.name, site.name)
  const running = await currentRelease(clients, manifest)
  const build = async (why: Reason) => ({ why, folder: await builder.site(site) })
  if (running === undefined) return build('first release')
  if (only === `site/${site.name}`) return build('named')
  const known = await getManifest(clients, manifest, running)
  if (known === undefined) return build('no record of what runs')
  const files = await siteFiles(await builderOf(running).site(site))
  const now = Object.fromEntries(files.map(({ path, md5 }) => [path, md5]))
  return JSON.stringify(now) === JSON.stringify(known.files) ? undefined : build('new content')
}
