/**
 * S3: buckets, and objects as files in the state directory behind S3's real protocol. Sites, deployment files and
 * packages are uploaded here; the edge reads them from here.
 *
 * Gaps: no object lock, tags of objects, replication, website hosting, notifications, encryption or expiry; callers
 * of the API are not held against policies (the edge is). Keys are listed in UTF-16 order, which differs from S3's
 * UTF-8 order only beyond the basic plane.
 * By design: a body is a file that is written once and synced before its object becomes visible.
 */
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-s3'
import type { EmulatorContext } from '../../service.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { createBodies } from './bodies.ts'
import { createBucketOperations } from './bucket-operations.ts'
import { ownedBy } from './bucket-owner.ts'
import { policyAdmits, policyIsPublic } from './bucket-policy.ts'
import { createBucketSettingTypes } from './bucket-settings.ts'
import type { S3 } from './contract.ts'
import { corsHeaders, corsRules } from './cors.ts'
import { createMultipartOperations } from './multipart-operations.ts'
import { createObjectOperations } from './object-operations.ts'
import { createObjects } from './objects.ts'
import { createBucketDataSource, createBucketType, createObjectType } from './resources.ts'
import { createSettingOperations } from './setting-operations.ts'
import { type Bucket, createState } from './state.ts'

/** Regional, global and dual-stack endpoints of a bucket (virtual-hosted style). */
const bucketDomain = /^(?<bucket>.+)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com$/

export function createS3(context: EmulatorContext): S3 {
  const now = () => context.clock.now()
  const buckets = createState(context.store, now)
  const bodies = createBodies(join(context.stateDir, 's3'), () => context.ids.uuid())
  const objects = createObjects(buckets, bodies, context.ids, now)
  const multipart = createMultipartOperations(context, buckets, bodies, objects)
  return {
    name: 's3',
    resourceTypes: [
      createBucketType(context, buckets, bodies),
      createObjectType(buckets, bodies, objects),
      ...createBucketSettingTypes(buckets),
    ],
    dataSourceTypes: [createBucketDataSource(buckets)],
    api: {
      signingName: 's3',
      protocol: 'rest-xml',
      sdk,
      operations: ownedBy(context.accountId, (bucket) => buckets.find(bucket) !== undefined, {
        ...createBucketOperations(buckets, bodies),
        ...createSettingOperations(buckets),
        ...createObjectOperations(buckets, bodies, objects),
        ...multipart.operations,
      }),
      // The list of 10,000 parts, or the names of 1,000 objects to delete.
      bodyBytesMax: 4 * 1024 * 1024,
      anonymous(operation, { Bucket, Key }) {
        const bucket = buckets.find(String(Bucket))
        const { restrict_public_buckets: restricted } = settingOf(bucket, 'aws_s3_bucket_public_access_block')
        const isRead = operation === 'GetObject' || operation === 'HeadObject'
        if (!isRead || bucket?.policy === undefined || restricted === true) return false
        return policyIsPublic(bucket.policy, `arn:aws:s3:::${bucket.name}/${Key}`)
      },
      cors(request, bucket) {
        const configuration = settingOf(buckets.find(bucket), 'aws_s3_bucket_cors_configuration')
        return corsHeaders(corsRules(configuration), request)
      },
    },
    // What a crash left half written is in no document.
    start: () => bodies.sweep(new Set([...buckets.files(), ...multipart.files()])),
    bucketOfDomain(domainName) {
      const bucket = bucketDomain.exec(domainName)?.groups?.bucket
      return bucket !== undefined && buckets.find(bucket) !== undefined ? bucket : undefined
    },
    object(bucket, key, versionId) {
      const version =
        versionId === undefined
          ? buckets.current(bucket, key)
          : buckets.versions(bucket, key).find((one) => one.versionId === versionId && !one.deleteMarker)
      return (
        version && {
          bucket,
          key,
          size: version.size,
          etag: version.etag,
          lastModified: version.lastModified,
          headers: version.headers,
          read: () => bodies.read(version.file),
          stream: (range) => bodies.stream(version.file, range),
        }
      )
    },
    async write(bucket, key, body, headers) {
      if (buckets.find(bucket) === undefined) return false
      await objects.put({ bucket, key, headers }, [body])
      return true
    },
    admitsDistribution(bucket, action, distributionArn, key) {
      const policy = buckets.find(bucket)?.policy
      const resource = `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`
      const sourceAccount = distributionArn.split(':')[4] ?? ''
      const request = {
        service: 'cloudfront.amazonaws.com',
        action,
        resource,
        sourceArn: distributionArn,
        sourceAccount,
      }
      return policy !== undefined && policyAdmits(policy, request)
    },
  }
}

const settingOf = (bucket: Bucket | undefined, type: string): Attributes =>
  (bucket?.settings[type] ?? {}) as Attributes
