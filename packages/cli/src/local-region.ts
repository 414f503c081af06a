/**
 * The platform on this machine: started where it was left, or rolled out for the first time. What is shared by
 * `up` and `deploy`.
 */
import { join } from 'node:path'
import type { Platform } from '@baton/config'
import { synth } from '@baton/infra'
import { type Change, findRegion, type Ports, type Region, startRegion } from '@baton/region/client'
import {
  buildMigrations,
  buildPlatform,
  buildService,
  buildSite,
  type Clients,
  createClients,
  pace,
  putSecretValues,
  requireSecretValues,
  rollOut,
} from '@baton/release'
import { UsageError } from './failure.ts'
import { describeRegionChanges } from './region-changes.ts'
import { regionDir } from './region-dir.ts'
import { regionSecrets } from './region-secrets.ts'
import type { Terminal } from './terminal.ts'

export interface LocalPlatform {
  readonly platform: Platform
  readonly region: Region
  readonly clients: Clients
  readonly stateDir: string
  readonly terminal: Terminal
}

/** Starts the region of a state directory. Throws when one runs already. */
export async function startLocal(
  platform: Platform,
  options: { stateDir: string; ports: Ports; speed: number; detached: boolean; terminal: Terminal },
): Promise<LocalPlatform> {
  const { stateDir, terminal } = options
  const running = await findRegion(regionDir(stateDir))
  if (running) {
    throw new UsageError(
      `The platform is up already: ${running.endpoints.http} (process ${running.pid}).`,
      'Stop it with `baton down`, or see it with `baton status`.',
    )
  }
  const region = await startRegion({ ...options, stateDir: regionDir(stateDir), awsRegion: platform.region })
  return { platform, region, clients: clientsOf(platform, region), stateDir, terminal }
}

function clientsOf(platform: Platform, region: Region): Clients {
  return createClients({
    region: platform.region,
    endpoint: region.endpoints.api,
    credentials: { ...region.credentials },
  })
}

/** What an apply did to a stack; nothing where it was as the configuration says. */
export interface AppliedStack {
  readonly name: string
  readonly changes: readonly Change[]
}

/** Applies the Terraform and releases a version of everything; what is there already is left as it is. */
export async function rollOutLocal(
  local: LocalPlatform,
  version: string,
  inert: readonly string[],
): Promise<AppliedStack[]> {
  const { platform, region, clients, stateDir, terminal } = local
  const cacheDir = join(stateDir, 'cache')
  const secrets = await regionSecrets(platform)
  requireSecretValues(platform, secrets)
  const { stacks } = await synth(platform, { outDir: join(stateDir, 'terraform') })
  // All of it, before anything is built or applied.
  await region.check(stacks, { inert })
  const applied: AppliedStack[] = []
  const builds = await buildPlatform(platform, {
    migrations: () => buildMigrations(platform, { version, cacheDir }),
    service: (service) => buildService(service, { version, cacheDir }),
    site: (site) => buildSite(site, version, join(stateDir, 'sites', site.name, version)),
  })
  const apply = async (stack: string) => {
    const folder = stacks.find((candidate) => candidate.name === stack)?.folder ?? ''
    const result = await region.apply(folder, {
      stack,
      inert,
      onProgress: (event) => terminal.apply(stack, event),
    })
    applied.push({ name: stack, changes: result.changes })
    for (const line of describeRegionChanges(result.changes)) terminal.note(line)
    if (result.inert.length > 0) terminal.note(`Accepted without being modelled: ${result.inert.join(', ')}.`)
    if (stack === 'platform') await putSecretValues(clients, platform, secrets)
  }
  await rollOut(
    clients,
    { platform: platform.name, version, apply, ...builds },
    pace(region.speed),
    terminal.progress,
  )
  return applied
}
