/**
 * The release of a site: upload beside what is there, then switch one pointer. Nothing that a page from before
 * could still ask for is taken away, so tabs that are open keep working; the rollback is the same switch back.
 */
import type { SiteManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { siteManifest } from '../aws/manifests.ts'
import { type Clock, scaledClock } from '../clock.ts'
import { type OnProgress, step } from '../progress.ts'
import { startRecording } from '../record/recording.ts'
import type { ReleaseOrigin } from '../record/release-record.ts'
import { ReleaseError } from '../release-error.ts'
import { type SiteFile, siteFiles } from './files.ts'
import { currentRelease, switchTo } from './pointer.ts'
import { deleteKeys, getManifest, listKeys, listReleases, objectKey, putManifest, upload } from './store.ts'

export interface SiteReleaseRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly site: string
  /** Folder of the built site. */
  readonly folder: string
  /** Id of the release: letters, digits, `.`, `_`, `-`. */
  readonly version: string
  /** Releases to keep, the current one included. */
  readonly keep?: number
  /** Digest of what is released, whatever its version: for the record. */
  readonly content?: string
  readonly origin?: ReleaseOrigin
  /** Rejects with its reason before the switch; what has been uploaded is garbage of the next release. */
  readonly signal?: AbortSignal
}

export interface SiteRelease {
  readonly kind: 'site'
  readonly target: string
  readonly from?: string
  readonly to: string
  readonly uploaded: { readonly objects: number; readonly bytes: number }
  readonly collected: number
  readonly durationMs: number
}

/** Releases a built site. Throws `site-empty`, `release-exists` or `pointer-conflict`; the old release serves on then. */
export async function releaseSite(
  clients: Clients,
  request: SiteReleaseRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<SiteRelease> {
  const { site: target, version } = request
  const startedAt = clock.now()
  const files = await siteFiles(request.folder)
  const manifest = await siteManifest(clients, request.platform, target)
  const from = await currentRelease(clients, manifest)
  request.signal?.throwIfAborted()
  await reserve(clients, manifest, version, files, startedAt)
  const release = { ...request, from, action: 'release' } as const
  const uploaded = await recorded(clients, release, onProgress, async () => {
    const sent = await step(onProgress, target, 'upload', () => upload(clients, manifest, version, files))
    request.signal?.throwIfAborted()
    await step(onProgress, target, 'switch', () => switchTo(clients, manifest, version, clock))
    return sent
  })
  // The site is released. What could not be deleted is reported as a failed step, and the next release tries again.
  const collected = await step(onProgress, target, 'collect garbage', () =>
    collectGarbage(clients, manifest, new Set([version, from ?? version]), request.keep ?? 10),
  ).catch(() => 0)
  const durationMs = clock.now() - startedAt
  return { kind: 'site', target, ...(from ? { from } : {}), to: version, uploaded, collected, durationMs }
}

/** Switches a site back to a release that is still kept. Throws `release-missing`. */
export async function rollBackSite(
  clients: Clients,
  request: Pick<SiteReleaseRequest, 'platform' | 'site' | 'content' | 'origin'> & { readonly to: string },
  clock: Clock = scaledClock(),
  onProgress?: OnProgress,
): Promise<{ from?: string; to: string }> {
  const manifest = await siteManifest(clients, request.platform, request.site)
  if (!(await getManifest(clients, manifest, request.to))) {
    const kept = (await listReleases(clients, manifest)).map((release) => release.id)
    throw new ReleaseError(
      'release-missing',
      `The site ${request.site} has no release ${request.to}.`,
      kept.length > 0 ? `Kept releases: ${kept.join(', ')}.` : 'It has not been released yet.',
    )
  }
  const from = await currentRelease(clients, manifest)
  const release = { ...request, version: request.to, from, action: 'rollback' } as const
  await recorded(clients, release, onProgress, () =>
    step(onProgress, request.site, 'switch', () => switchTo(clients, manifest, request.to, clock)),
  )
  return { ...(from ? { from } : {}), to: request.to }
}

async function recorded<T>(
  clients: Clients,
  release: Pick<SiteReleaseRequest, 'platform' | 'site' | 'version' | 'content' | 'origin'> & {
    readonly from: string | undefined
    readonly action: 'release' | 'rollback'
  },
  onProgress: OnProgress | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { platform, site, version, content, origin, from, action } = release
  const start = {
    by: 'unknown',
    ...origin,
    target: `site/${site}`,
    version,
    action,
    ...(from === undefined ? {} : { from }),
    ...(content === undefined ? {} : { content }),
  } as const
  const recording = await startRecording(clients, platform, start, onProgress)
  try {
    const result = await work()
    await recording.end({ state: 'succeeded' })
    return result
  } catch (error) {
    await recording.end({ state: 'failed', reason: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

/** Writes the release's manifest first. An id names one content for ever, so that going back goes back. */
async function reserve(
  clients: Clients,
  manifest: SiteManifest,
  id: string,
  files: readonly SiteFile[],
  now: number,
): Promise<void> {
  const wanted = Object.fromEntries(files.map((file) => [file.path, file.md5]))
  const createdAt = new Date(now).toISOString()
  if (await putManifest(clients, manifest, { id, createdAt, files: wanted })) return
  const known = await getManifest(clients, manifest, id)
  if (known && JSON.stringify(known.files) === JSON.stringify(wanted)) return
  throw new ReleaseError(
    'release-exists',
    `The release ${id} of ${manifest.host} exists already, with other files.`,
    'Choose another version: a release never changes its content.',
  )
}

/**
 * Deletes what no kept release names: by manifest, never by age. Returns how many objects went. Objects are listed
 * before manifests: another release writes its manifest first, so whatever of it is listed, its manifest is too.
 */
async function collectGarbage(
  clients: Clients,
  manifest: SiteManifest,
  inUse: ReadonlySet<string>,
  keep: number,
): Promise<number> {
  const present = await listKeys(clients, manifest.bucket, manifest.prefix)
  const releases = await listReleases(clients, manifest)
  const kept = releases.filter((release, index) => index < keep || inUse.has(release.id))
  if (kept.length === releases.length) return 0
  const needed = new Set(
    kept.flatMap((release) =>
      Object.keys(release.files).map((path) => objectKey(manifest, release.id, path)),
    ),
  )
  const keptManifests = new Set(kept.map((release) => `${manifest.prefix}manifests/${release.id}.json`))
  const garbage = present.filter((key) => !needed.has(key) && !keptManifests.has(key))
  await deleteKeys(clients, manifest.bucket, garbage)
  return garbage.length
}
