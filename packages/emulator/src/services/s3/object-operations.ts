/** S3's operations on objects. */
import type { Readable } from 'node:stream'
import type * as sdk from '@aws-sdk/client-s3'
import { AwsError } from '../../aws-error.ts'
import { namesEtag } from '../../http/conditional.ts'
import { checksumOf } from '../../protocol/body-stream.ts'
import type { Operations } from '../../protocol/operations.ts'
import { checkAcl } from './acl.ts'
import type { Bodies } from './bodies.ts'
import { checkRead, parseRange } from './conditions.ts'
import {
  invalidArgument,
  malformedXml,
  noSuchKey,
  notFound,
  notImplemented,
  preconditionFailed,
} from './errors.ts'
import { checkKey, type Objects } from './objects.ts'
import type { S3State, Version } from './state.ts'

const maxDeletes = 1000

export function createObjectOperations(buckets: S3State, bodies: Bodies, objects: Objects) {
  return {
    async PutObject(input) {
      const { Bucket = '', Key = '', Body, IfMatch, IfNoneMatch } = input
      refuseUnrehearsed(input)
      checkAcl(buckets.get(Bucket), input.ACL, hasGrants(input))
      checkNoneMatch(IfNoneMatch)
      const target = { bucket: Bucket, key: Key, headers: storedHeaders(input) }
      const version = await objects.put(target, Body ?? [], { ifMatch: IfMatch, ifNoneMatch: IfNoneMatch })
      return {
        ETag: version.etag,
        ServerSideEncryption: 'AES256' as const,
        ...checksumMember(Body),
        ...versionIdOf(version),
      }
    },
    async GetObject(input) {
      const { Bucket = '', Key = '', VersionId, Range } = input
      const version = objects.version(Bucket, Key, VersionId)
      checkRead(version, input)
      const range = parseRange(Range, version.size)
      const Body = await open(bodies, version, Key, range)
      const { start, end } = range ?? { start: 0, end: version.size - 1 }
      return {
        ...describe(version),
        Body,
        ContentLength: end - start + 1,
        ...(range === undefined ? {} : { ContentRange: `bytes ${start}-${end}/${version.size}` }),
        ...overridden(input),
      }
    },
    HeadObject(input) {
      const { Bucket = '', Key = '', VersionId, Range } = input
      const version = headVersion(objects, Bucket, Key, VersionId)
      checkRead(version, input)
      const range = parseRange(Range, version.size)
      return {
        ...describe(version),
        ContentLength: range === undefined ? version.size : range.end - range.start + 1,
      }
    },
    async DeleteObject({ Bucket = '', Key = '', VersionId }) {
      return wireDeleted(await objects.delete(Bucket, Key, VersionId))
    },
    async DeleteObjects({ Bucket = '', Delete }) {
      const wanted = Delete?.Objects ?? []
      buckets.get(Bucket)
      if (wanted.length === 0 || wanted.length > maxDeletes) {
        throw malformedXml()
      }
      const Deleted: sdk.DeletedObject[] = []
      for (const { Key = '', VersionId } of wanted) {
        const deleted = await objects.delete(Bucket, Key, VersionId)
        Deleted.push({
          Key,
          ...(VersionId === undefined ? {} : { VersionId }),
          ...(deleted.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId } : {}),
        })
      }
      return Delete?.Quiet ? {} : { Deleted }
    },
    async CopyObject(input) {
      const { Bucket = '', Key = '', CopySource = '', MetadataDirective } = input
      refuseUnrehearsed(input)
      checkAcl(buckets.get(Bucket), input.ACL, hasGrants(input))
      checkKey(Key)
      const source = parseSource(CopySource)
      const from = objects.version(source.bucket, source.key, source.versionId)
      if (input.CopySourceIfMatch !== undefined && !namesEtag(input.CopySourceIfMatch, from.etag)) {
        throw preconditionFailed('x-amz-copy-source-If-Match')
      }
      if (input.CopySourceIfNoneMatch !== undefined && namesEtag(input.CopySourceIfNoneMatch, from.etag)) {
        throw preconditionFailed('x-amz-copy-source-If-None-Match')
      }
      const sameObject = source.bucket === Bucket && source.key === Key && source.versionId === undefined
      if (sameObject && MetadataDirective !== 'REPLACE') {
        throw new AwsError(
          'InvalidRequest',
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        )
      }
      const headers = MetadataDirective === 'REPLACE' ? storedHeaders(input) : from.headers
      buckets.get(Bucket)
      const body = await bodies.concatenate([from.file])
      const version = await objects.publish({ bucket: Bucket, key: Key, headers }, body)
      return {
        CopyObjectResult: { ETag: version.etag, LastModified: new Date(version.lastModified) },
        ...versionIdOf(version),
      }
    },
  } satisfies Operations<typeof sdk>
}

type HeaderInput = Pick<
  sdk.PutObjectCommandInput,
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'ContentType'
  | 'Expires'
  | 'Metadata'
>

/** What S3 keeps of an upload's headers and gives back. */
export function storedHeaders(input: HeaderInput): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    // "binary/octet-stream" is what S3 assumes (API_PutObject).
    'content-type': input.ContentType ?? 'binary/octet-stream',
    'cache-control': input.CacheControl,
    'content-disposition': input.ContentDisposition,
    // The clients' chunked framing is no property of the object.
    'content-encoding':
      input.ContentEncoding?.split(',')
        .filter((one) => one.trim() !== 'aws-chunked')
        .join(',') || undefined,
    'content-language': input.ContentLanguage,
    expires: input.Expires?.toUTCString(),
  }
  for (const [name, value] of Object.entries(input.Metadata ?? {}))
    headers[`x-amz-meta-${name.toLowerCase()}`] = value
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function describe(version: Version) {
  const { headers } = version
  const text = (name: string, member: string) =>
    headers[name] === undefined ? {} : { [member]: headers[name] }
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'))
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(version.lastModified),
    ETag: version.etag,
    ServerSideEncryption: 'AES256' as const,
    ...text('content-type', 'ContentType'),
    ...text('cache-control', 'CacheControl'),
    ...text('content-disposition', 'ContentDisposition'),
    ...text('content-encoding', 'ContentEncoding'),
    ...text('content-language', 'ContentLanguage'),
    ...text('expires', 'ExpiresString'),
    Metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice('x-amz-meta-'.length), value])),
    ...versionIdOf(version),
  }
}

/** `response-…` parameters of a GET override stored headers. */
function overridden(input: sdk.GetObjectCommandInput) {
  const { ResponseCacheControl, ResponseContentDisposition, ResponseContentEncoding, ResponseContentType } =
    input
  return {
    ...(ResponseCacheControl === undefined ? {} : { CacheControl: ResponseCacheControl }),
    ...(ResponseContentDisposition === undefined ? {} : { ContentDisposition: ResponseContentDisposition }),
    ...(ResponseContentEncoding === undefined ? {} : { ContentEncoding: ResponseContentEncoding }),
    ...(ResponseContentType === undefined ? {} : { ContentType: ResponseContentType }),
  }
}

/** A body may vanish between the look at the document and the opening of the file: then the object was deleted. */
async function open(bodies: Bodies, version: Version, key: string, range?: { start: number; end: number }) {
  try {
    return await bodies.stream(version.file, range)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw noSuchKey(key)
    throw error
  }
}

function headVersion(objects: Objects, bucket: string, key: string, versionId?: string): Version {
  try {
    return objects.version(bucket, key, versionId)
  } catch (error) {
    throw error instanceof AwsError && error.status === 404 ? notFound() : error
  }
}

/** `If-None-Match` of a write knows `*` only (conditional writes). */
function checkNoneMatch(condition: string | undefined): void {
  if (condition !== undefined && condition !== '*') {
    throw notImplemented('If-None-Match for writes with anything but *')
  }
}

function refuseUnrehearsed(input: {
  SSECustomerKey?: string | undefined
  ObjectLockMode?: string | undefined
  WebsiteRedirectLocation?: string | undefined
}) {
  const members = ['SSECustomerKey', 'ObjectLockMode', 'WebsiteRedirectLocation'] as const
  const used = members.find((member) => input[member] !== undefined)
  if (used !== undefined) throw notImplemented(used)
}

function parseSource(source: string): { bucket: string; key: string; versionId?: string } {
  const [path = '', query = ''] = source.split('?')
  let decoded: string
  try {
    decoded = decodeURIComponent(path).replace(/^\//, '')
  } catch {
    throw invalidArgument('Invalid copy source encoding')
  }
  const slash = decoded.indexOf('/')
  if (slash === -1)
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  const versionId = new URLSearchParams(query).get('versionId')
  return {
    bucket: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    ...(versionId === null ? {} : { versionId }),
  }
}

/** Whether an upload grants anything by a header of its own. */
export const hasGrants = (input: {
  readonly GrantRead?: string | undefined
  readonly GrantReadACP?: string | undefined
  readonly GrantWriteACP?: string | undefined
  readonly GrantFullControl?: string | undefined
}): boolean =>
  [input.GrantRead, input.GrantReadACP, input.GrantWriteACP, input.GrantFullControl].some(
    (grant) => grant !== undefined,
  )

const checksumMembers = {
  crc32: 'ChecksumCRC32',
  crc32c: 'ChecksumCRC32C',
  crc64nvme: 'ChecksumCRC64NVME',
  sha1: 'ChecksumSHA1',
  sha256: 'ChecksumSHA256',
} as const

/** The checksum that an upload was held against, for the answer. */
export function checksumMember(body: Readable | undefined) {
  const checksum = body && checksumOf(body)
  return checksum === undefined ? {} : { [checksumMembers[checksum.algorithm]]: checksum.value }
}

export function versionIdOf({ versionId }: Version): { VersionId?: string } {
  return versionId === 'null' ? {} : { VersionId: versionId }
}

function wireDeleted(deleted: { versionId?: string; deleteMarker?: boolean }) {
  return {
    ...(deleted.deleteMarker ? { DeleteMarker: true } : {}),
    ...(deleted.versionId === undefined ? {} : { VersionId: deleted.versionId }),
  }
}
