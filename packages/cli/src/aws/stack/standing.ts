/** Where a roll-out stands, asked of AWS: what has been released already, and what waits for its first release. */
import type { Platform } from '@baton/config'
import { currentRelease, ReleaseError, runningService, serviceManifest, siteManifest } from '@baton/release'
import type { AwsClients } from '../account/clients.ts'

export interface Standing {
  /** Names of services that do not serve yet. */
  readonly services: readonly string[]
  /** Names of sites without a release. */
  readonly sites: readonly string[]
}

export async function unreleased(clients: AwsClients, platform: Platform): Promise<Standing> {
  const services = await Promise.all(
    platform.services.map(async ({ name }) =>
      (await missing(() => serviceServes(clients, platform, name))) ? [name] : [],
    ),
  )
  const sites = await Promise.all(
    platform.sites.map(async ({ name }) =>
      (await missing(() => siteServes(clients, platform, name))) ? [name] : [],
    ),
  )
  return { services: services.flat(), sites: sites.flat() }
}

/** A service that has a revision but no tasks was stopped in the middle of its first release. */
async function serviceServes(clients: AwsClients, platform: Platform, name: string): Promise<boolean> {
  const service = await runningService(clients, await serviceManifest(clients, platform.name, name))
  return service.version !== undefined && service.desiredCount > 0
}

async function siteServes(clients: AwsClients, platform: Platform, name: string): Promise<boolean> {
  return (await currentRelease(clients, await siteManifest(clients, platform.name, name))) !== undefined
}

/** Before the platform is applied there is no manifest to ask, and no service. */
async function missing(serves: () => Promise<boolean>): Promise<boolean> {
  try {
    return !(await serves())
  } catch (error) {
    if (
      error instanceof ReleaseError &&
      (error.code === 'manifest-missing' || error.code === 'service-missing')
    )
      return true
    throw error
  }
}
