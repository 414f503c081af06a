/**
 * Reading and writing objects: bodies and versions brought together, in the order that survives a crash (body,
 * document, then the removal of what was replaced).
 */
import { namesEtag } from '../../http/conditional.ts'
import type { Ids } from '../../ids.ts'
import type { Bodies, Body } from './bodies.ts'
import { keyTooLong, maxKeyBytes, noSuchKey, noSuchVersion, preconditionFailed } from './errors.ts'
import type { S3State, Version } from './state.ts'

export interface Objects {
  /**
   * Writes a body as the object's current version. `condition` is judged when the body is there, right before it
   * becomes visible: of two writers with `If-None-Match: *` one loses.
   */
  put(
    target: Target,
    source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
    condition?: WriteCondition,
  ): Promise<Version>
  /** As `put`, with a body that is already stored; `alongside` is kept with the version or not at all. */
  publish(
    target: Target & { etag?: string },
    body: Body,
    condition?: WriteCondition,
    alongside?: () => void,
  ): Promise<Version>
  /** The current version, or the one asked for; throws what S3 answers where there is none. */
  version(bucket: string, key: string, versionId?: string): Version
  delete(bucket: string, key: string, versionId?: string): Promise<Deleted>
}

export interface Target {
  readonly bucket: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
}

export interface WriteCondition {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

export interface Deleted {
  readonly versionId?: string
  readonly deleteMarker?: boolean
}

export function createObjects(buckets: S3State, bodies: Bodies, ids: Ids, now: () => number): Objects {
  /** A body that lost its name is removed later than the answer: a caller that still reads it has it open. */
  const discard = (files: readonly string[]) => bodies.remove(files)

  const newVersionId = (bucket: string) =>
    buckets.get(bucket).versioning === 'Enabled' ? ids.hex('', 32) : 'null'

  const publish: Objects['publish'] = async (target, body, condition = {}, alongside) => {
    const { bucket, key, headers } = target
    try {
      checkWrite(buckets.current(bucket, key), condition)
      const version: Version = {
        versionId: newVersionId(bucket),
        lastModified: Math.floor(now() / 1000) * 1000,
        deleteMarker: false,
        file: body.file,
        size: body.size,
        etag: target.etag ?? `"${body.md5}"`,
        headers,
      }
      await discard(buckets.put(bucket, key, version, alongside))
      return version
    } catch (error) {
      if (buckets.current(bucket, key)?.file !== body.file) await discard([body.file])
      throw error
    }
  }

  return {
    publish,
    async put(target, source, condition) {
      buckets.get(target.bucket)
      checkKey(target.key)
      return publish(target, await bodies.write(source), condition)
    },
    version(bucket, key, versionId) {
      buckets.get(bucket)
      if (versionId === undefined) {
        const current = buckets.current(bucket, key)
        if (current === undefined) throw noSuchKey(key)
        return current
      }
      const found = buckets.versions(bucket, key).find((version) => version.versionId === versionId)
      if (found === undefined || found.deleteMarker) throw noSuchVersion(key, versionId)
      return found
    },
    async delete(bucket, key, versionId) {
      const { versioning } = buckets.get(bucket)
      if (versionId !== undefined || versioning === undefined) {
        const { removed, files } = buckets.removeVersion(bucket, key, versionId ?? 'null')
        await discard(files)
        if (versionId === undefined) return {}
        return { versionId, ...(removed?.deleteMarker ? { deleteMarker: true } : {}) }
      }
      const marker: Version = {
        versionId: newVersionId(bucket),
        lastModified: Math.floor(now() / 1000) * 1000,
        deleteMarker: true,
        file: '',
        size: 0,
        etag: '',
        headers: {},
      }
      await discard(buckets.put(bucket, key, marker))
      return { versionId: marker.versionId, deleteMarker: true }
    },
  }
}

/** Throws where the key of a new object is longer than S3 takes. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size > maxKeyBytes) throw keyTooLong(size)
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function checkWrite(current: Version | undefined, { ifMatch, ifNoneMatch }: WriteCondition): void {
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match')
  if (ifMatch !== undefined && (current === undefined || !namesEtag(ifMatch, current.etag))) {
    throw preconditionFailed('If-Match')
  }
}
