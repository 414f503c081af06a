/** Where a release goes. The release code itself does not know: it gets clients, a pace and a base image. */
import type { Platform } from '@baton/config'
import { findRegion } from '@baton/region/client'
import { type BuildOptions, type Clients, createClients } from '@baton/release'
import { UsageError } from './failure.ts'
import { regionDir } from './region-dir.ts'

export interface Destination {
  readonly clients: Clients
  /** Speed of AWS's own time: 1 on AWS. */
  readonly speed: number
  readonly base: Pick<BuildOptions, 'base'>
}

/** Node.js's own image, which AWS mirrors: tasks on Fargate need something to run on. */
const nodeImage = 'public.ecr.aws/docker/library/node:24-slim'

export async function destination(
  where: 'region' | 'aws',
  platform: Platform,
  stateDir: string,
): Promise<Destination> {
  if (where === 'aws') {
    return {
      clients: createClients({ region: platform.region }),
      speed: 1,
      base: { base: { reference: nodeImage } },
    }
  }
  const region = await findRegion(regionDir(stateDir))
  if (!region)
    throw new UsageError(
      `No region runs over ${stateDir}.`,
      'Start one with `baton up --detach`, or release with --on aws.',
    )
  return {
    clients: createClients({
      region: platform.region,
      endpoint: region.endpoints.api,
      credentials: { ...region.credentials },
    }),
    speed: region.speed,
    base: {},
  }
}
