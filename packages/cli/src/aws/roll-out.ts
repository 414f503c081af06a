/**
 * `baton apply`: the runbook of a roll-out (`@baton/release`) with AWS as its destination, from an account with nothing
 * in it to a platform that serves.
 */
import type { Platform } from '@baton/config'
import {
  type PlatformBuilder,
  type ReleaseOrigin,
  rollOut,
  scaledClock,
  type UnreleasedTargets,
} from '@baton/release'
import { identify } from './account/account.ts'
import type { AppliedStack } from './stack/apply-stack.ts'
import { type AwsDestinationOptions, awsDestination } from './step/roll-out-destination.ts'

export interface AwsRollOutOptions extends Omit<AwsDestinationOptions, 'account'> {
  readonly builder: PlatformBuilder
  readonly origin?: ReleaseOrigin
}

export interface RolledOutPlatform {
  readonly account: string
  readonly stacks: readonly AppliedStack[]
  /** What was released for the first time. */
  readonly released: UnreleasedTargets
  readonly urls: readonly string[]
}

/** Throws what a step throws; every step may be repeated. */
export async function rollOutOnAws(options: AwsRollOutOptions): Promise<RolledOutPlatform> {
  const { clients, platform, builder, origin, version, terminal, signal } = options
  const account = await identify(clients)
  terminal.note(
    `Account ${account.id} as ${account.arn}, region ${platform.region}, platform ${platform.name}`,
  )
  const { stacks, services, sites, jobs } = await rollOut(
    clients,
    {
      platform,
      version,
      builder,
      destination: awsDestination({ ...options, account }),
      ...(origin ? { origin } : {}),
      ...(signal ? { signal } : {}),
    },
    scaledClock(),
    terminal.progress,
  )
  const names = (releases: readonly { readonly target: string }[]) => releases.map(({ target }) => target)
  return {
    account: account.id,
    stacks,
    released: { services: names(services), sites: names(sites), jobs: names(jobs) },
    urls: urlsOf(platform),
  }
}

const urlsOf = (platform: Platform) => [
  ...platform.sites.map(({ host }) => `https://${host}`),
  ...(platform.resources ? [`https://${platform.resources.host}`] : []),
]
