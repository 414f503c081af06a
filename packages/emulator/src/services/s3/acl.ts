/**
 * Access control lists, which a bucket takes only where its ownership controls let it, and public ones only where Block
 * Public Access does. Both are off for a new bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import { AwsError } from '../../aws-error.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { firstBlock } from '../../terraform/type/values.ts'
import type { Bucket } from './state.ts'

const PUBLIC = ['public-read', 'public-read-write', 'authenticated-read']

/** Throws where the bucket does not take this canned ACL, or grants of their own; `undefined` is none. */
export function checkAcl(bucket: Bucket, acl: string | undefined, grants = false): void {
  if (acl === undefined && !grants) return
  if (ownershipOf(bucket) === 'BucketOwnerEnforced') {
    // The owner's own full control is what every object has there.
    if (acl === 'bucket-owner-full-control' && !grants) return
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400)
  }
  if (acl !== undefined && PUBLIC.includes(acl) && publicAccessBlock(bucket).block_public_acls === true)
    throw new AwsError('AccessDenied', 'Access Denied', 403)
}

/** Who owns what is uploaded; a bucket of whom nothing is said has no ACLs. */
export function ownershipOf({ settings }: Bucket): string {
  const controls = settings.aws_s3_bucket_ownership_controls as Attributes | undefined
  return String(firstBlock(controls?.rule)?.object_ownership ?? 'BucketOwnerEnforced')
}

export const publicAccessBlock = ({ settings }: Bucket): Attributes =>
  (settings.aws_s3_bucket_public_access_block ?? {}) as Attributes
