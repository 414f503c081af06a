/**
 * Going back. A service's earlier revision is deployed by the same deployment as a release, never built again; a site's
 * pointer is switched once. The database stays as it is: migrations only go forward.
 */
import {
  ClientException,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from './aws/clients.ts'
import { serviceManifest, siteManifest } from './aws/manifests.ts'
import type { Clock } from './clock.ts'
import type { OnProgress } from './progress.ts'
import { refuseContracted, succeededRelease, versionBefore } from './record/earlier.ts'
import type { ReleaseOrigin, ReleaseRecord } from './record/release-record.ts'
import { releaseRecords } from './record/store.ts'
import { ReleaseError } from './release-error.ts'
import { deployRevision } from './service/deploy-revision.ts'
import type { ServiceRelease } from './service/release.ts'
import { versionTag } from './service/revision.ts'
import { runningService } from './service/running-service.ts'
import { currentRelease } from './site/pointer.ts'
import { rollBackSite } from './site/release.ts'

export interface RollBackRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly target: `service/${string}` | `site/${string}`
  /** Default: the version before the one that runs. */
  readonly to?: string
  /** Also to a version that is older than a migration which took away from the schema. */
  readonly force?: boolean
  readonly origin?: ReleaseOrigin
  /** Stops a service's deployment. */
  readonly signal?: AbortSignal
}

export interface SiteRollBack {
  readonly kind: 'site'
  readonly target: string
  readonly from?: string
  readonly to: string
  readonly succeeded: true
}

/** Throws `nothing-earlier`, `release-missing` or `contracted`; nothing has been changed then. */
export async function rollBack(
  clients: Clients,
  request: RollBackRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<ServiceRelease | SiteRollBack> {
  const name = request.target.slice(request.target.indexOf('/') + 1)
  const [records, migrations] = await Promise.all([
    releaseRecords(clients, request.platform, request.target),
    releaseRecords(clients, request.platform, 'migration'),
  ])
  const history = { records, migrations }
  return request.target.startsWith('service/')
    ? rollBackService(clients, { ...request, name, ...history }, clock, onProgress)
    : rollBackOneSite(clients, { ...request, name, ...history }, clock, onProgress)
}

interface Known extends RollBackRequest {
  readonly name: string
  readonly records: readonly ReleaseRecord[]
  readonly migrations: readonly ReleaseRecord[]
}

async function rollBackService(
  clients: Clients,
  request: Known,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<ServiceRelease> {
  const { platform, name: service, records, force, origin, signal } = request
  const manifest = await serviceManifest(clients, platform, service)
  const { version: from } = await runningService(clients, manifest)
  const to = wantedVersion(request, from)
  const release = succeededRelease(records, to)
  if (release && !force) refuseContracted(request.migrations, request.target, release)
  const taskDefinition =
    (await existingRevision(clients, release?.taskDefinition)) ??
    (await taggedRevision(clients, manifest, to))
  if (taskDefinition === undefined) throw missing(request.target, to, records)
  const deployment = await deployRevision(
    clients,
    {
      platform,
      manifest,
      service,
      version: to,
      from,
      taskDefinition,
      first: false,
      action: 'rollback',
      images: release?.images ?? {},
      content: release?.content,
      origin: originOf(origin, release),
      signal,
    },
    clock,
    onProgress,
  )
  const succeeded = deployment.status === 'Succeeded'
  return {
    kind: 'service',
    target: service,
    ...(from === undefined ? {} : { from }),
    to,
    succeeded,
    first: false,
    taskDefinition,
    deployment,
  }
}

async function rollBackOneSite(
  clients: Clients,
  request: Known,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<SiteRollBack> {
  const { platform, name: site, records, origin } = request
  const from = await currentRelease(clients, await siteManifest(clients, platform, site))
  const to = wantedVersion(request, from)
  const release = succeededRelease(records, to)
  if (release && !request.force) refuseContracted(request.migrations, request.target, release)
  const content = release?.content
  await rollBackSite(
    clients,
    {
      platform,
      site,
      to,
      origin: originOf(origin, release),
      ...(content === undefined ? {} : { content }),
    },
    clock,
    onProgress,
  )
  return { kind: 'site', target: site, ...(from === undefined ? {} : { from }), to, succeeded: true }
}

/** Who goes back, and from which commit the version was released that serves again. */
const originOf = (
  origin: ReleaseOrigin | undefined,
  { commit, dirty, configuration }: Partial<ReleaseRecord> = {},
): ReleaseOrigin => ({
  by: origin?.by ?? 'unknown',
  ...(commit === undefined ? {} : { commit }),
  ...(dirty === undefined ? {} : { dirty }),
  ...(configuration === undefined ? {} : { configuration }),
})

function wantedVersion({ target, to, records }: Known, running: string | undefined): string {
  if (to !== undefined && to === running) {
    throw new ReleaseError(
      'nothing-earlier',
      `${target} runs ${to} already.`,
      'Choose another version: --to.',
    )
  }
  const wanted = to ?? (running === undefined ? undefined : versionBefore(records, running))
  if (wanted !== undefined) return wanted
  throw new ReleaseError(
    'nothing-earlier',
    running === undefined
      ? `${target} has not been released yet.`
      : `The records of ${target} name no version before ${running}.`,
    'Name the version: --to VERSION. `baton releases` lists what there was.',
  )
}

function missing(target: string, version: string, records: readonly ReleaseRecord[]): ReleaseError {
  const known = [...new Set(records.filter(({ state }) => state === 'succeeded').map((each) => each.version))]
  return new ReleaseError(
    'release-missing',
    `${target} has no revision of ${version} that could run again.`,
    known.length > 0 ? `Released versions: ${known.join(', ')}.` : 'Release it: baton deploy.',
  )
}

/** Undefined for a revision that was deregistered since: CodeDeploy would refuse it. */
async function existingRevision(clients: Clients, arn: string | undefined): Promise<string | undefined> {
  if (arn === undefined) return undefined
  try {
    const { taskDefinition } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
    )
    return taskDefinition?.status === 'INACTIVE' ? undefined : arn
  } catch (error) {
    if (error instanceof ClientException) return undefined
    throw error
  }
}

/** Newest revisions that are looked at for the version: each is a call. */
const searched = 30

/** For releases that have no record: an earlier version of Baton made them. */
async function taggedRevision(
  clients: Clients,
  manifest: ServiceManifest,
  version: string,
): Promise<string | undefined> {
  const { taskDefinitionArns = [] } = await clients.ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: manifest.family, sort: 'DESC', maxResults: searched }),
  )
  for (const arn of taskDefinitionArns) {
    const { tags = [] } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] }),
    )
    if (tags.some(({ key, value }) => key === versionTag && value === version)) return arn
  }
  return undefined
}
