/**
 * Buckets and the versions of their objects: state and rules. Bodies are elsewhere (`bodies.ts`); every call that
 * drops a version returns the files that are not needed any more.
 */
import type { Collection, Store } from '../../store.ts'
import type { Body } from './bodies.ts'
import { bucketAlreadyOwnedByYou, bucketNotEmpty, invalidBucketName, noSuchBucket } from './errors.ts'

export interface Bucket {
  readonly name: string
  readonly region: string
  readonly createdAt: number
  /** Never switched on: undefined. */
  readonly versioning?: 'Enabled' | 'Suspended'
  /** JSON. */
  readonly policy?: string
  /** What further resources say of the bucket, by resource type: kept, and without effect here. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface Version {
  /** `null` for a version that was written while versioning was not enabled. */
  readonly versionId: string
  readonly lastModified: number
  readonly deleteMarker: boolean
  readonly file: string
  readonly size: number
  /** With its quotes; those of a multipart upload end in the number of parts. */
  readonly etag: string
  /** System-defined and `x-amz-meta-` headers, lower-case. */
  readonly headers: Readonly<Record<string, string>>
}

interface ObjectDocument {
  readonly bucket: string
  readonly key: string
  /** Newest first; never empty. */
  readonly versions: readonly Version[]
}

/** A multipart upload that was neither completed nor aborted. */
export interface Upload {
  readonly bucket: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly initiatedAt: number
  readonly parts: Readonly<Record<string, Body & { readonly lastModified: number }>>
}

export const uploadCollection = 's3.uploads'

export interface S3State {
  create(name: string, region: string): Bucket
  get(name: string): Bucket
  find(name: string): Bucket | undefined
  all(): Bucket[]
  change(name: string, change: Partial<Bucket>): Bucket
  /** Puts a whole bucket in the place of the one with its name. */
  replace(bucket: Bucket): void
  /** Removes a bucket with its uncompleted uploads; with `force` its objects too. Returns files to remove. */
  remove(name: string, force: boolean): string[]
  /** Keys in order, those with a delete marker on top included. */
  keys(bucket: string): readonly string[]
  versions(bucket: string, key: string): readonly Version[]
  /** The current version; undefined when there is none or a delete marker is on top. */
  current(bucket: string, key: string): Version | undefined
  /** Puts a version on top, and does what belongs to it in the same transaction. Returns files to remove. */
  put(bucket: string, key: string, version: Version, alongside?: () => void): string[]
  /** Deletes for good one version. Returns files to remove. */
  removeVersion(
    bucket: string,
    key: string,
    versionId: string,
  ): { removed: Version | undefined; files: string[] }
  /** Files of all versions of all objects. */
  files(): Set<string>
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const validName =
  /^(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)(?!.*-s3alias$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

export function createState(store: Store, now: () => number): S3State {
  const buckets: Collection<Bucket> = store.collection('s3.buckets')
  const objects: Collection<ObjectDocument> = store.collection('s3.objects')
  const uploads: Collection<Upload> = store.collection(uploadCollection)
  const id = (bucket: string, key: string) => `${bucket}/${key}`
  /** Sorted keys of each bucket; dropped when a key comes or goes. */
  const sorted = new Map<string, string[]>()
  objects.onReload(() => sorted.clear())

  const get = (name: string) => {
    const bucket = buckets.get(name)
    if (bucket === undefined) throw noSuchBucket(name)
    return bucket
  }
  const keys = (bucket: string) => {
    let list = sorted.get(bucket)
    if (list === undefined) {
      list = objects.values().flatMap((one) => (one.bucket === bucket ? [one.key] : []))
      sorted.set(bucket, list.sort())
    }
    return list
  }
  const versions = (bucket: string, key: string) => objects.get(id(bucket, key))?.versions ?? []
  const write = (bucket: string, key: string, kept: readonly Version[]) => {
    const known = objects.has(id(bucket, key))
    if (known !== kept.length > 0) sorted.delete(bucket)
    if (kept.length === 0) objects.delete(id(bucket, key))
    else objects.put(id(bucket, key), { bucket, key, versions: kept })
  }
  const filesOf = (list: readonly Version[]) => list.flatMap(({ file }) => (file === '' ? [] : [file]))

  return {
    get,
    keys,
    versions,
    find: (name) => buckets.get(name),
    all: () => buckets.values().sort((a, b) => (a.name < b.name ? -1 : 1)),
    create(name, region) {
      if (!validName.test(name)) throw invalidBucketName(name)
      if (buckets.has(name)) throw bucketAlreadyOwnedByYou(name)
      const bucket: Bucket = { name, region, createdAt: now(), settings: {} }
      buckets.put(name, bucket)
      return bucket
    },
    change(name, change) {
      const bucket = { ...get(name), ...change }
      buckets.put(name, bucket)
      return bucket
    },
    replace: (bucket) => buckets.put(get(bucket.name).name, bucket),
    remove(name, force) {
      get(name)
      const own = keys(name)
      if (own.length > 0 && !force) throw bucketNotEmpty(name)
      // Uploads that were never completed do not keep a bucket, and go with it.
      const begun = uploads.entries().filter(([, upload]) => upload.bucket === name)
      const parts = begun.flatMap(([, upload]) => Object.values(upload.parts).map(({ file }) => file))
      const files = [...own.flatMap((key) => filesOf(versions(name, key))), ...parts]
      store.transaction(() => {
        for (const [uploadId] of begun) uploads.delete(uploadId)
        for (const key of own) objects.delete(id(name, key))
        buckets.delete(name)
      })
      sorted.delete(name)
      return files
    },
    current(bucket, key) {
      const [top] = versions(bucket, key)
      return top === undefined || top.deleteMarker ? undefined : top
    },
    put(bucket, key, version, alongside) {
      get(bucket)
      const before = versions(bucket, key)
      const replaced = before.filter(({ versionId }) => versionId === version.versionId)
      store.transaction(() => {
        write(bucket, key, [version, ...before.filter((one) => !replaced.includes(one))])
        alongside?.()
      })
      return filesOf(replaced)
    },
    removeVersion(bucket, key, versionId) {
      const before = versions(bucket, key)
      const removed = before.find((version) => version.versionId === versionId)
      if (removed === undefined) return { removed, files: [] }
      write(
        bucket,
        key,
        before.filter((version) => version !== removed),
      )
      return { removed, files: filesOf([removed]) }
    },
    files: () => new Set(objects.values().flatMap((one) => filesOf(one.versions))),
  }
}
