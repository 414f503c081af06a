/** What the distributions of sites and resources have in common: origins, behaviours, protocol, countries. */

import { originHeader } from '@baton/config'
import type { CloudfrontDistributionConfig } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import type { CloudfrontOriginAccessControl } from '@cdktn/provider-aws/lib/cloudfront-origin-access-control/index.js'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import type { LoadBalancer } from '../network/load-balancer.ts'
import type { OriginHeader } from '../security/origin-header.ts'
import { allViewer, cachingDisabled, cachingOptimized, securityHeaders } from './managed-policies.ts'

const bucketOriginId = 'bucket'
const apiOriginId = 'api'

export function distributionDefaults(host: string, countries: readonly string[], certificateArn: string) {
  return {
    enabled: true,
    aliases: [host],
    httpVersion: 'http2and3',
    isIpv6Enabled: true,
    viewerCertificate: {
      acmCertificateArn: certificateArn,
      sslSupportMethod: 'sni-only',
      minimumProtocolVersion: 'TLSv1.2_2021',
    },
    restrictions: {
      geoRestriction:
        countries.length === 0
          ? { restrictionType: 'none', locations: [] }
          : { restrictionType: 'whitelist', locations: [...countries] },
    },
  } satisfies Partial<CloudfrontDistributionConfig>
}

export const bucketOrigin = (
  bucket: S3Bucket,
  accessControl: CloudfrontOriginAccessControl,
  path?: string,
) => ({
  originId: bucketOriginId,
  domainName: bucket.bucketRegionalDomainName,
  originAccessControlId: accessControl.id,
  ...(path === undefined ? {} : { originPath: path }),
})

/** The viewer's Host reaches the load balancer, so its certificate for `*.<domain>` is the one that matches. */
export const apiOrigin = ({ balancer, vpcOrigin }: LoadBalancer, header: OriginHeader) => ({
  originId: apiOriginId,
  domainName: balancer.dnsName,
  customHeader: [{ name: originHeader, value: header.value }],
  ...(vpcOrigin === undefined
    ? {
        customOriginConfig: {
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: 'https-only',
          originSslProtocols: ['TLSv1.2'],
          ...originTimes,
        },
      }
    : { vpcOriginConfig: { vpcOriginId: vpcOrigin.id, ...originTimes } }),
})

const originTimes = { originReadTimeout: 30, originKeepaliveTimeout: 5 }

export const bucketBehavior = {
  targetOriginId: bucketOriginId,
  viewerProtocolPolicy: 'redirect-to-https',
  allowedMethods: ['GET', 'HEAD', 'OPTIONS'],
  cachedMethods: ['GET', 'HEAD'],
  compress: true,
  cachePolicyId: cachingOptimized,
  responseHeadersPolicyId: securityHeaders,
}

export const apiBehavior = {
  targetOriginId: apiOriginId,
  viewerProtocolPolicy: 'redirect-to-https',
  allowedMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
  cachedMethods: ['GET', 'HEAD'],
  compress: true,
  cachePolicyId: cachingDisabled,
  originRequestPolicyId: allViewer,
  responseHeadersPolicyId: securityHeaders,
}
