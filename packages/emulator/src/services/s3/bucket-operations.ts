/** S3's operations on buckets. */
import type * as sdk from '@aws-sdk/client-s3'
import type { Operations } from '../../protocol/operations.ts'
import { checkAcl } from './acl.ts'
import type { Bodies } from './bodies.ts'
import { parsePolicy } from './bucket-policy.ts'
import { illegalVersioning, malformedXml, noSuchBucketPolicy, notFound } from './errors.ts'
import { listKeys } from './listing.ts'
import type { Bucket, S3State, Version } from './state.ts'

const pageLimit = 1000

export function createBucketOperations(buckets: S3State, bodies: Bodies) {
  const named = (name: string | undefined): Bucket => buckets.get(name ?? '')
  return {
    CreateBucket({ Bucket = '', CreateBucketConfiguration, ObjectOwnership, ACL }, { region }) {
      const settings: Record<string, unknown> =
        ObjectOwnership === undefined
          ? {}
          : { aws_s3_bucket_ownership_controls: { rule: [{ object_ownership: ObjectOwnership }] } }
      // Before anything is made: a bucket with an ACL that it cannot have is refused.
      checkAcl({ name: Bucket, region, createdAt: 0, settings }, ACL === 'private' ? undefined : ACL)
      const bucket = buckets.create(Bucket, CreateBucketConfiguration?.LocationConstraint ?? region)
      buckets.replace({ ...bucket, settings })
      return { Location: `/${Bucket}` }
    },
    HeadBucket({ Bucket = '' }) {
      const bucket = buckets.find(Bucket)
      if (bucket === undefined) throw notFound()
      return { BucketRegion: bucket.region }
    },
    ListBuckets({ Prefix = '', MaxBuckets = 10_000, ContinuationToken }) {
      const after = ContinuationToken === undefined ? '' : decodeToken(ContinuationToken)
      const all = buckets.all().filter(({ name }) => name.startsWith(Prefix) && name > after)
      const page = all.slice(0, MaxBuckets)
      const last = page.at(-1)
      return {
        Buckets: page.map(({ name, createdAt, region }) => ({
          Name: name,
          CreationDate: new Date(createdAt),
          BucketRegion: region,
        })),
        Owner: { ID: ownerId },
        ...(all.length > page.length && last !== undefined
          ? { ContinuationToken: encodeToken(last.name) }
          : {}),
      }
    },
    async DeleteBucket({ Bucket = '' }) {
      await bodies.remove(buckets.remove(Bucket, false))
      return {}
    },
    // AWS answers an empty location for us-east-1 (API_GetBucketLocation).
    GetBucketLocation({ Bucket }) {
      const { region } = named(Bucket)
      return region === 'us-east-1' ? {} : { LocationConstraint: region as sdk.BucketLocationConstraint }
    },
    GetBucketVersioning({ Bucket }) {
      const { versioning } = named(Bucket)
      return versioning === undefined ? {} : { Status: versioning }
    },
    PutBucketVersioning({ Bucket = '', VersioningConfiguration }) {
      const { Status } = VersioningConfiguration ?? {}
      named(Bucket)
      if (Status === undefined) throw illegalVersioning()
      if (Status !== 'Enabled' && Status !== 'Suspended') throw malformedXml()
      buckets.change(Bucket, { versioning: Status })
      return {}
    },
    GetBucketPolicy({ Bucket = '' }) {
      const { policy } = named(Bucket)
      if (policy === undefined) throw noSuchBucketPolicy(Bucket)
      return { Policy: policy }
    },
    PutBucketPolicy({ Bucket = '', Policy = '' }) {
      named(Bucket)
      parsePolicy(Policy)
      buckets.change(Bucket, { policy: Policy })
      return {}
    },
    DeleteBucketPolicy({ Bucket = '' }) {
      const { policy: _dropped, ...rest } = named(Bucket)
      buckets.replace(rest)
      return {}
    },
    ListObjectsV2(input) {
      const { Bucket = '', Prefix = '', Delimiter = '', StartAfter = '', ContinuationToken } = input
      named(Bucket)
      const encode = encoder(input.EncodingType)
      const limit = Math.min(pageLimit, input.MaxKeys ?? pageLimit)
      const after = ContinuationToken === undefined ? StartAfter : decodeToken(ContinuationToken)
      const listing = listKeys(
        buckets.keys(Bucket),
        { prefix: Prefix, delimiter: Delimiter, after, limit },
        (key) => buckets.current(Bucket, key) !== undefined,
      )
      const contents = listing.keys.flatMap((key) => {
        const version = buckets.current(Bucket, key)
        return version === undefined ? [] : [summary(encode(key), version)]
      })
      return {
        Name: Bucket,
        Prefix: encode(Prefix),
        ...(Delimiter === '' ? {} : { Delimiter: encode(Delimiter) }),
        ...(StartAfter === '' ? {} : { StartAfter: encode(StartAfter) }),
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
        MaxKeys: limit,
        KeyCount: listing.keys.length + listing.commonPrefixes.length,
        IsTruncated: listing.truncated,
        ...(listing.truncated ? { NextContinuationToken: encodeToken(listing.last) } : {}),
        Contents: contents,
        CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      }
    },
    ListObjectVersions(input) {
      const { Bucket = '', Prefix = '', Delimiter = '', KeyMarker = '' } = input
      named(Bucket)
      const encode = encoder(input.EncodingType)
      const limit = Math.min(pageLimit, input.MaxKeys ?? pageLimit)
      const request = { prefix: Prefix, delimiter: Delimiter, after: KeyMarker, limit }
      const listing = listKeys(buckets.keys(Bucket), request, () => true)
      const all = listing.keys.flatMap((key) =>
        buckets
          .versions(Bucket, key)
          .map((version, index) => ({ key: encode(key), version, latest: index === 0 })),
      )
      const common = ({ key, version, latest }: (typeof all)[number]) => ({
        Key: key,
        VersionId: version.versionId,
        IsLatest: latest,
        LastModified: new Date(version.lastModified),
        Owner: { ID: ownerId },
      })
      return {
        Name: Bucket,
        Prefix: encode(Prefix),
        KeyMarker: encode(KeyMarker),
        MaxKeys: limit,
        IsTruncated: listing.truncated,
        ...(listing.truncated ? { NextKeyMarker: encode(listing.last) } : {}),
        ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
        Versions: all
          .filter(({ version }) => !version.deleteMarker)
          .map((one) => ({ ...common(one), ...summary(one.key, one.version) })),
        DeleteMarkers: all.filter(({ version }) => version.deleteMarker).map(common),
        CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
      }
    },
  } satisfies Operations<typeof sdk>
}

/** The emulator has one account, so all buckets have one owner (a canonical user id). */
const ownerId = '0'.repeat(64)

function summary(key: string, version: Version) {
  return {
    Key: key,
    LastModified: new Date(version.lastModified),
    ETag: version.etag,
    Size: version.size,
    StorageClass: 'STANDARD' as const,
  }
}

/** With `encoding-type=url` keys are percent-encoded, except for slashes (API_ListObjectsV2). */
function encoder(type: string | undefined): (text: string) => string {
  return type === 'url' ? (text) => encodeURIComponent(text).replaceAll('%2F', '/') : (text) => text
}

const encodeToken = (key: string) => Buffer.from(key).toString('base64url')
const decodeToken = (token: string) => Buffer.from(token, 'base64url').toString()
