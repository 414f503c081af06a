/** Buckets as all of them are here: private, encrypted, versioned, and without ACLs. */
import { type BucketKind, bucketName } from '@baton/config'
import { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { S3BucketLifecycleConfiguration } from '@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js'
import { S3BucketOwnershipControls } from '@cdktn/provider-aws/lib/s3-bucket-ownership-controls/index.js'
import { S3BucketPublicAccessBlock } from '@cdktn/provider-aws/lib/s3-bucket-public-access-block/index.js'
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js'
import { S3BucketVersioningA } from '@cdktn/provider-aws/lib/s3-bucket-versioning/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

/** How long versions stay that a release's garbage collection, or a hand, has deleted. */
const keepDeletedDays = 30

export function bucket(
  stack: BatonStack,
  kind: BucketKind,
  options: { expireAfterDays?: number; keyArn?: string | undefined } = {},
): S3Bucket {
  const scope = new Construct(stack, `bucket-${kind}`)
  const bucket = new S3Bucket(scope, kind, {
    bucket: bucketName(stack.platform, kind),
    ...(stack.platform.deletionProtection ? {} : { forceDestroy: true }),
  })
  const part = (id: string) => new Construct(scope, id)
  new S3BucketPublicAccessBlock(part('access'), kind, {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  new S3BucketOwnershipControls(part('ownership'), kind, {
    bucket: bucket.id,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  })
  new S3BucketServerSideEncryptionConfigurationA(part('encryption'), kind, {
    bucket: bucket.id,
    rule: [encryptionRule(options.keyArn)],
  })
  const versioning = new S3BucketVersioningA(part('versioning'), kind, {
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  })
  new S3BucketLifecycleConfiguration(part('lifecycle'), kind, {
    bucket: bucket.id,
    rule: [
      {
        id: 'expire',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrentVersionExpiration: [{ noncurrentDays: keepDeletedDays }],
        ...(options.expireAfterDays === undefined ? {} : { expiration: [{ days: options.expireAfterDays }] }),
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versioning],
  })
  return bucket
}

/** With a key of one's own, a bucket key keeps the requests to KMS, and their price, few. */
const encryptionRule = (keyArn: string | undefined) =>
  keyArn === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
        bucketKeyEnabled: true,
      }
