/**
 * Who may read a bucket behind CloudFront: the named distributions, over TLS, and no one else. They may list too,
 * so that S3 answers 404 and not 403 for a missing key.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 */
import type { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js'
import { Construct } from 'constructs'
import { policyDocument, type Statement } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'

export function bucketAccess(
  stack: BatonStack,
  bucket: S3Bucket,
  distributions: readonly CloudfrontDistribution[],
): void {
  const id = bucket.node.id
  const read: Statement[] = [
    { Action: 's3:GetObject', Resource: `${bucket.arn}/*` },
    { Action: 's3:ListBucket', Resource: bucket.arn },
  ].map((statement) => ({
    ...statement,
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Condition: { StringEquals: { 'AWS:SourceArn': distributions.map(({ arn }) => arn) } },
  }))
  new S3BucketPolicy(new Construct(stack, `bucket-access-${id}`), id, {
    bucket: bucket.id,
    policy: policyDocument([...(distributions.length === 0 ? [] : read), tlsOnly(bucket)]),
  })
}

/** Refuses plain HTTP. */
export const tlsOnly = (bucket: S3Bucket): Statement => ({
  Effect: 'Deny',
  Action: 's3:*',
  Principal: '*',
  Resource: [bucket.arn, `${bucket.arn}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
})
