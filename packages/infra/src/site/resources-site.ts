/**
 * The resources site: images and other files from a bucket of their own. The default root object keeps `/` from
 * being a listing of the bucket, which CloudFront may read so that a missing file is 404 and not 403.
 */
import type { ResourcesSite } from '@baton/config'
import { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
import { bucketBehavior, bucketOrigin, distributionDefaults } from './distribution.ts'
import type { Edge } from './edge.ts'

export function resourcesSite(
  stack: BatonStack,
  resources: ResourcesSite,
  parts: { bucket: S3Bucket; edge: Edge; certificateArn: string },
): CloudfrontDistribution {
  return new CloudfrontDistribution(new Construct(stack, 'resources-site'), 'resources', {
    ...distributionDefaults(resources.host, resources.countries, parts.certificateArn),
    comment: `${stack.platform.name} resources`,
    defaultRootObject: 'index.html',
    origin: [bucketOrigin(parts.bucket, parts.edge.accessControl)],
    defaultCacheBehavior: bucketBehavior,
  })
}
