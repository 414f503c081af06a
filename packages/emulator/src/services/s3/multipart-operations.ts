/** Multipart uploads: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { createHash } from 'node:crypto'
import type * as sdk from '@aws-sdk/client-s3'
import { namesEtag } from '../../http/conditional.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { checkAcl } from './acl.ts'
import type { Bodies, Body } from './bodies.ts'
import { entityTooSmall, invalidPart, invalidPartOrder, noSuchUpload } from './errors.ts'
import { checksumMember, hasGrants, storedHeaders, versionIdOf } from './object-operations.ts'
import { checkKey, type Objects } from './objects.ts'
import { type S3State, type Upload, uploadCollection } from './state.ts'

/** Every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const minPartBytes = 5 * 1024 * 1024
const pageLimit = 1000

export function createMultipartOperations(
  { store, ids, clock }: EmulatorContext,
  buckets: S3State,
  bodies: Bodies,
  objects: Objects,
) {
  const uploads = store.collection<Upload>(uploadCollection)
  const get = (bucket: string | undefined, key: string | undefined, uploadId: string | undefined): Upload => {
    buckets.get(bucket ?? '')
    const upload = uploads.get(uploadId ?? '')
    if (upload === undefined || upload.bucket !== bucket || upload.key !== key)
      throw noSuchUpload(uploadId ?? '')
    return upload
  }
  const discardParts = ({ parts }: Upload) => bodies.remove(Object.values(parts).map(({ file }) => file))

  const operations = {
    CreateMultipartUpload(input) {
      const { Bucket = '', Key = '' } = input
      checkAcl(buckets.get(Bucket), input.ACL, hasGrants(input))
      checkKey(Key)
      const UploadId = ids.hex('', 64)
      uploads.put(UploadId, {
        bucket: Bucket,
        key: Key,
        headers: storedHeaders(input),
        initiatedAt: clock.now(),
        parts: {},
      })
      return { Bucket, Key, UploadId }
    },
    async UploadPart({ Bucket, Key, UploadId = '', PartNumber = 0, Body }) {
      get(Bucket, Key, UploadId)
      const body = await bodies.write(Body ?? [])
      // Read again: the upload may have been completed or aborted, or have got other parts, meanwhile.
      const upload = uploads.get(UploadId)
      if (upload === undefined) {
        await bodies.remove([body.file])
        throw noSuchUpload(UploadId)
      }
      const replaced = upload.parts[PartNumber]
      const part = { ...body, lastModified: clock.now() }
      uploads.put(UploadId, { ...upload, parts: { ...upload.parts, [PartNumber]: part } })
      if (replaced !== undefined) await bodies.remove([replaced.file])
      return {
        ETag: `"${body.md5}"`,
        ServerSideEncryption: 'AES256' as const,
        ...checksumMember(Body),
      }
    },
    async CompleteMultipartUpload({
      Bucket = '',
      Key = '',
      UploadId = '',
      MultipartUpload,
      IfMatch,
      IfNoneMatch,
    }) {
      const upload = get(Bucket, Key, UploadId)
      const parts = chosenParts(upload, MultipartUpload?.Parts ?? [])
      const digests = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')))
      const etag = `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`
      const body = await bodies.concatenate(parts.map(({ file }) => file))
      const target = { bucket: Bucket, key: Key, headers: upload.headers, etag }
      const condition = { ifMatch: IfMatch, ifNoneMatch: IfNoneMatch }
      const version = await objects.publish(target, body, condition, () => uploads.delete(UploadId))
      await discardParts(upload)
      return { Bucket, Key, Location: `/${Bucket}/${Key}`, ETag: version.etag, ...versionIdOf(version) }
    },
    async AbortMultipartUpload({ Bucket, Key, UploadId = '' }) {
      const upload = get(Bucket, Key, UploadId)
      uploads.delete(UploadId)
      await discardParts(upload)
      return {}
    },
    ListParts({ Bucket, Key, UploadId, PartNumberMarker = '0', MaxParts = pageLimit }) {
      const upload = get(Bucket, Key, UploadId)
      const all = Object.entries(upload.parts)
        .map(([number, part]) => ({
          PartNumber: Number(number),
          ETag: `"${part.md5}"`,
          Size: part.size,
          LastModified: new Date(part.lastModified),
        }))
        .filter(({ PartNumber }) => PartNumber > Number(PartNumberMarker))
        .sort((a, b) => a.PartNumber - b.PartNumber)
      const page = all.slice(0, MaxParts)
      return {
        Bucket,
        Key,
        UploadId,
        Parts: page,
        MaxParts,
        IsTruncated: all.length > page.length,
        NextPartNumberMarker: String(page.at(-1)?.PartNumber ?? 0),
      }
    },
    ListMultipartUploads({ Bucket = '', Prefix = '' }) {
      buckets.get(Bucket)
      const own = uploads
        .entries()
        .filter(([, { bucket, key }]) => bucket === Bucket && key.startsWith(Prefix))
      return {
        Bucket,
        Prefix,
        IsTruncated: false,
        MaxUploads: pageLimit,
        Uploads: own.map(([UploadId, { key, initiatedAt }]) => ({
          UploadId,
          Key: key,
          Initiated: new Date(initiatedAt),
        })),
      }
    },
  } satisfies Operations<typeof sdk>

  return {
    operations,
    files: () => uploads.values().flatMap(({ parts }) => Object.values(parts).map(({ file }) => file)),
  }
}

function chosenParts(upload: Upload, wanted: readonly sdk.CompletedPart[]): Body[] {
  if (wanted.length === 0) throw invalidPart()
  let previous = 0
  return wanted.map(({ PartNumber = 0, ETag = '' }, index) => {
    if (PartNumber <= previous) throw invalidPartOrder()
    previous = PartNumber
    const part = upload.parts[PartNumber]
    if (part === undefined || !namesEtag(ETag, part.md5)) throw invalidPart()
    if (index < wanted.length - 1 && part.size < minPartBytes) throw entityTooSmall()
    return part
  })
}
