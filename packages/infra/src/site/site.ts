/**
 * A site: a distribution that sends `/assets/*` to the pool of hashed assets, `/api/*` to the load balancer, and
 * everything else through the edge function to the current release. There are no custom error responses: they
 * hold for the whole distribution and would turn errors of the API into pages.
 */
import { pointerKey, type Site } from '@baton/config'
import { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import { CloudfrontkeyvaluestoreKey } from '@cdktn/provider-aws/lib/cloudfrontkeyvaluestore-key/index.js'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import type { ITerraformDependable } from 'cdktn'
import { Construct } from 'constructs'
import type { LoadBalancer } from '../network/load-balancer.ts'
import type { OriginHeader } from '../security/origin-header.ts'
import { literal } from '../terraform/literal.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { apiBehavior, apiOrigin, bucketBehavior, bucketOrigin, distributionDefaults } from './distribution.ts'
import type { Edge } from './edge.ts'

/** What the pointer holds before the first release: the edge function answers 503. */
const unreleased = 'none'

export interface SiteParts {
  readonly bucket: S3Bucket
  readonly edge: Edge
  readonly certificateArn: string
  readonly loadBalancer: LoadBalancer
  readonly originHeader: OriginHeader
  /** Rules that accept the origin header: distributions follow them when it is rotated. */
  readonly rules: readonly ITerraformDependable[]
}

/** Prefix of a site's objects in the bucket of the sites. */
export const sitePrefix = (site: Site) => `${site.name}/`

export function site(stack: BatonStack, site: Site, parts: SiteParts): CloudfrontDistribution {
  const scope = new Construct(stack, `site-${site.name}`)
  const pointer = new CloudfrontkeyvaluestoreKey(new Construct(scope, 'pointer'), site.name, {
    keyValueStoreArn: parts.edge.store.arn,
    key: pointerKey(site.host),
    value: unreleased,
    // Releases move it.
    lifecycle: { ignoreChanges: ['value'] },
  })
  const apiPaths = stack.platform.services
    .filter(({ name }) => site.services.includes(name))
    .flatMap(({ traffic }) => traffic?.paths ?? [])
  return new CloudfrontDistribution(scope, site.name, {
    ...distributionDefaults(site.host, site.countries, parts.certificateArn),
    comment: `${stack.platform.name} ${site.name}`,
    origin: [
      bucketOrigin(parts.bucket, parts.edge.accessControl, `/${site.name}`),
      ...(apiPaths.length > 0 ? [apiOrigin(parts.loadBalancer, parts.originHeader)] : []),
    ],
    defaultCacheBehavior: {
      ...bucketBehavior,
      functionAssociation: [{ eventType: 'viewer-request', functionArn: parts.edge.function.arn }],
    },
    orderedCacheBehavior: [
      ...apiPaths.map((pathPattern) => ({ pathPattern: literal(pathPattern), ...apiBehavior })),
      { pathPattern: '/assets/*', ...bucketBehavior },
    ],
    dependsOn: [pointer, ...parts.rules],
  })
}
