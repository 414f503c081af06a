/** What has no release yet, asked of AWS: a roll-out is about the first release, `deploy` about all others. */
import type { Platform } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { serviceManifest, siteManifest } from '../aws/manifests.ts'
import { isJobReleased } from '../job/first-release.ts'
import { ReleaseError } from '../release-error.ts'
import { runningService } from '../service/running-service.ts'
import { currentRelease } from '../site/pointer.ts'

export interface UnreleasedTargets {
  /** Names of services that do not serve yet. */
  readonly services: readonly string[]
  /** Names of sites without a release. */
  readonly sites: readonly string[]
  /** Names of jobs whose schedule runs nothing yet. */
  readonly jobs: readonly string[]
}

export async function unreleasedTargets(clients: Clients, platform: Platform): Promise<UnreleasedTargets> {
  const unreleased = async (
    targets: readonly { readonly name: string }[],
    isReleased: (name: string) => Promise<boolean>,
  ) => {
    const names = targets.map(async ({ name }) => ((await missing(() => isReleased(name))) ? [name] : []))
    return (await Promise.all(names)).flat()
  }
  return {
    services: await unreleased(platform.services, (name) => serves(clients, platform, name)),
    sites: await unreleased(platform.sites, async (name) => {
      const manifest = await siteManifest(clients, platform.name, name)
      return (await currentRelease(clients, manifest)) !== undefined
    }),
    jobs: await unreleased(platform.jobs, (name) => isJobReleased(clients, platform.name, name)),
  }
}

/** A service that has a revision but no tasks was stopped in the middle of its first release. */
async function serves(clients: Clients, platform: Platform, name: string): Promise<boolean> {
  const running = await runningService(clients, await serviceManifest(clients, platform.name, name))
  return running.version !== undefined && running.desiredCount > 0
}

/** Before the platform is applied there is no manifest to read, and no service. */
async function missing(isReleased: () => Promise<boolean>): Promise<boolean> {
  try {
    return !(await isReleased())
  } catch (error) {
    const notApplied = ['manifest-missing', 'service-missing', 'schedule-missing']
    if (error instanceof ReleaseError && notApplied.includes(error.code)) return true
    throw error
  }
}
