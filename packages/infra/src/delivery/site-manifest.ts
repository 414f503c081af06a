/** A site's part of the manifest. */
import { manifestParameter, pointerKey, type Site, type SiteManifest } from '@baton/config'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import type { Edge } from '../site/edge.ts'
import { sitePrefix } from '../site/site.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { parameter } from './manifest.ts'

export function siteManifest(stack: BatonStack, site: Site, parts: { bucket: S3Bucket; edge: Edge }): void {
  const { platform } = stack
  parameter(stack, `site_${site.name}`, manifestParameter(platform.name, 'sites', site.name), {
    bucket: parts.bucket.bucket,
    prefix: sitePrefix(site),
    keyValueStoreArn: parts.edge.store.arn,
    pointerKey: pointerKey(site.host),
    host: site.host,
  } satisfies SiteManifest)
}
