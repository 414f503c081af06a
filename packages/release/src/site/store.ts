/**
 * The releases of a site as the bucket holds them. A manifest per release says which assets and documents it
 * needs; it is written before the first of them, so that collecting garbage beside an upload takes nothing away.
 */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { SiteManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import type { SiteFile } from './files.ts'

export interface SiteReleaseManifest {
  readonly id: string
  /** ISO 8601. */
  readonly createdAt: string
  /** Path → MD5 of what the release needs, below `assets/` (shared) and beside it (its own). */
  readonly files: Readonly<Record<string, string>>
}

/** Key of a file in the bucket: assets in the shared pool, the rest below the release. */
export function objectKey(manifest: SiteManifest, release: string, path: string): string {
  return path.startsWith('assets/')
    ? `${manifest.prefix}${path}`
    : `${manifest.prefix}releases/${release}/${path}`
}

const manifestKey = (manifest: SiteManifest, release: string) => `${manifest.prefix}manifests/${release}.json`

/**
 * Writes the manifest unless its release has one already: of two releases that begin under one id at the same moment,
 * one gets false. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putManifest(
  clients: Clients,
  site: SiteManifest,
  manifest: SiteReleaseManifest,
): Promise<boolean> {
  try {
    await clients.s3.send(
      new PutObjectCommand({
        Bucket: site.bucket,
        Key: manifestKey(site, manifest.id),
        Body: JSON.stringify(manifest),
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    )
    return true
  } catch (error) {
    const taken = ['PreconditionFailed', 'ConditionalRequestConflict']
    if (error instanceof Error && taken.includes(error.name)) return false
    throw error
  }
}

export async function getManifest(
  clients: Clients,
  site: SiteManifest,
  release: string,
): Promise<SiteReleaseManifest | undefined> {
  try {
    const { Body } = await clients.s3.send(
      new GetObjectCommand({ Bucket: site.bucket, Key: manifestKey(site, release) }),
    )
    return JSON.parse((await Body?.transformToString()) ?? '')
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined
    throw error
  }
}

/** All releases in the bucket, newest first. */
export async function listReleases(clients: Clients, site: SiteManifest): Promise<SiteReleaseManifest[]> {
  const keys = await listKeys(clients, site.bucket, `${site.prefix}manifests/`)
  const releases = await Promise.all(
    keys.map((key) => getManifest(clients, site, key.slice(key.lastIndexOf('/') + 1, -'.json'.length))),
  )
  return releases
    .filter((release) => release !== undefined)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
}

/** Keys below a prefix, however many pages they fill. */
export async function listKeys(clients: Clients, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let token: string | undefined
  do {
    const page = await clients.s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token ? { ContinuationToken: token } : {}),
      }),
    )
    keys.push(...(page.Contents ?? []).flatMap((object) => object.Key ?? []))
    token = page.NextContinuationToken
  } while (token)
  return keys
}

/** Eight of these at a time are no burden. */
const bufferedMax = 16 * 1024 * 1024

/** Uploads what is not there yet; returns how many objects and bytes travelled. */
export async function upload(
  clients: Clients,
  site: SiteManifest,
  release: string,
  files: readonly SiteFile[],
): Promise<{ objects: number; bytes: number }> {
  const pool = new Set(await listKeys(clients, site.bucket, `${site.prefix}assets/`))
  const pending = files.filter((file) => !pool.has(objectKey(site, release, file.path)))
  let bytes = 0
  await inParallel(8, pending, async (file) => {
    const { size } = await stat(file.file)
    await clients.s3.send(
      new PutObjectCommand({
        Bucket: site.bucket,
        Key: objectKey(site, release, file.path),
        // A stream can be sent once only: what is read whole is sent again where S3 asks to slow down.
        Body: size > bufferedMax ? createReadStream(file.file) : await readFile(file.file),
        ContentLength: size,
        ContentType: file.contentType,
        CacheControl: file.cacheControl,
      }),
    )
    bytes += size
  })
  return { objects: pending.length, bytes }
}

/** Rejects where S3 keeps one of them, although it answers 200. */
export async function deleteKeys(clients: Clients, bucket: string, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += 1_000) {
    const Objects = keys.slice(start, start + 1_000).map((Key) => ({ Key }))
    const { Errors = [] } = await clients.s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    )
    const [first] = Errors
    if (first === undefined) continue
    throw new Error(`${Errors.length} objects were not deleted, ${first.Key} among them: ${first.Code}`)
  }
}

async function inParallel<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
}
