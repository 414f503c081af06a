/** A distribution as CloudFront's API shows it. */
import type * as sdk from '@aws-sdk/client-cloudfront'
import type { Behavior, Distribution, DistributionConfig, Origin } from './distribution.ts'

const listed = <T>(items: readonly T[]) => ({ Quantity: items.length, Items: [...items] })
const noKeyGroups = { Enabled: false, Quantity: 0 }

export function toWire(distribution: Distribution, invalidating: number): sdk.Distribution {
  return {
    Id: distribution.id,
    ARN: distribution.arn,
    Status: 'Deployed',
    LastModifiedTime: new Date(distribution.lastModified),
    InProgressInvalidationBatches: invalidating,
    DomainName: distribution.domainName,
    DistributionConfig: configToWire(distribution),
  }
}

export function toSummary(distribution: Distribution): sdk.DistributionSummary {
  const config = configToWire(distribution)
  return {
    Id: distribution.id,
    ARN: distribution.arn,
    ETag: distribution.etag,
    Status: 'Deployed',
    LastModifiedTime: new Date(distribution.lastModified),
    DomainName: distribution.domainName,
    Aliases: config.Aliases,
    Origins: config.Origins,
    DefaultCacheBehavior: config.DefaultCacheBehavior,
    CacheBehaviors: config.CacheBehaviors,
    CustomErrorResponses: config.CustomErrorResponses,
    Comment: config.Comment,
    PriceClass: config.PriceClass,
    Enabled: config.Enabled,
    ViewerCertificate: config.ViewerCertificate,
    Restrictions: config.Restrictions,
    WebACLId: '',
    HttpVersion: config.HttpVersion,
    IsIPV6Enabled: config.IsIPV6Enabled,
    Staging: false,
  }
}

export function configToWire({ config, callerReference }: Distribution): sdk.DistributionConfig {
  return {
    CallerReference: callerReference,
    Aliases: listed(config.aliases),
    DefaultRootObject: config.defaultRootObject,
    Origins: listed(config.origins.map(originToWire)),
    OriginGroups: { Quantity: 0 },
    DefaultCacheBehavior: behaviorToWire(config.defaultBehavior),
    CacheBehaviors: listed(
      config.orderedBehaviors.map((behavior) => ({
        ...behaviorToWire(behavior),
        PathPattern: behavior.pathPattern,
      })),
    ),
    CustomErrorResponses: listed(
      config.customErrors.map(({ errorCode, cachingMinTtlSeconds, responseCode, responsePagePath }) => ({
        ErrorCode: errorCode,
        ErrorCachingMinTTL: cachingMinTtlSeconds ?? 10,
        ResponsePagePath: responsePagePath ?? '',
        ResponseCode: responseCode === undefined ? '' : String(responseCode),
      })),
    ),
    Comment: config.comment,
    PriceClass: config.priceClass as sdk.PriceClass,
    Enabled: config.enabled,
    ViewerCertificate: certificateToWire(config),
    Restrictions: {
      GeoRestriction: { RestrictionType: config.geo.type, ...listed(config.geo.countries) },
    },
    WebACLId: '',
    HttpVersion: config.httpVersion as sdk.HttpVersion,
    IsIPV6Enabled: config.ipv6,
    Staging: false,
  }
}

function certificateToWire({
  certificateArn,
  minimumProtocolVersion,
}: DistributionConfig): sdk.ViewerCertificate {
  if (certificateArn === undefined)
    return { CloudFrontDefaultCertificate: true, MinimumProtocolVersion: 'TLSv1' }
  return {
    CloudFrontDefaultCertificate: false,
    ACMCertificateArn: certificateArn,
    SSLSupportMethod: 'sni-only',
    MinimumProtocolVersion: minimumProtocolVersion as sdk.MinimumProtocolVersion,
  }
}

function behaviorToWire(behavior: Behavior): sdk.DefaultCacheBehavior {
  const functions = (
    [
      ['viewer-request', behavior.viewerRequestFunctionArn],
      ['viewer-response', behavior.viewerResponseFunctionArn],
    ] as const
  ).flatMap(([EventType, FunctionARN]) => (FunctionARN === undefined ? [] : [{ EventType, FunctionARN }]))
  return {
    TargetOriginId: behavior.targetOriginId,
    TrustedSigners: noKeyGroups,
    TrustedKeyGroups: noKeyGroups,
    ViewerProtocolPolicy: behavior.viewerProtocolPolicy,
    AllowedMethods: {
      ...listed(behavior.allowedMethods as sdk.Method[]),
      CachedMethods: listed(behavior.cachedMethods as sdk.Method[]),
    },
    SmoothStreaming: false,
    Compress: behavior.compress,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: listed(functions),
    FieldLevelEncryptionId: '',
    CachePolicyId: behavior.cachePolicyId,
    ...(behavior.originRequestPolicyId === undefined
      ? {}
      : { OriginRequestPolicyId: behavior.originRequestPolicyId }),
    ...(behavior.responseHeadersPolicyId === undefined
      ? {}
      : { ResponseHeadersPolicyId: behavior.responseHeadersPolicyId }),
  }
}

function originToWire(origin: Origin): sdk.Origin {
  const { custom, vpc } = origin
  return {
    Id: origin.id,
    DomainName: origin.domainName,
    OriginPath: origin.path,
    CustomHeaders: listed(
      origin.customHeaders.map(({ name, value }) => ({ HeaderName: name, HeaderValue: value })),
    ),
    ...(vpc === undefined
      ? {}
      : {
          VpcOriginConfig: {
            VpcOriginId: vpc.vpcOriginId,
            OriginReadTimeout: vpc.readTimeoutSeconds,
            OriginKeepaliveTimeout: vpc.keepaliveSeconds,
          },
        }),
    ...(custom === undefined && vpc === undefined ? { S3OriginConfig: { OriginAccessIdentity: '' } } : {}),
    ...(custom === undefined
      ? {}
      : {
          CustomOriginConfig: {
            HTTPPort: custom.httpPort,
            HTTPSPort: custom.httpsPort,
            OriginProtocolPolicy: custom.protocolPolicy,
            OriginSslProtocols: listed(['TLSv1.2' as const]),
            OriginReadTimeout: custom.readTimeoutSeconds,
            OriginKeepaliveTimeout: custom.keepaliveSeconds,
          },
        }),
    ConnectionAttempts: origin.connectionAttempts,
    ConnectionTimeout: origin.connectionTimeoutSeconds,
    OriginShield: { Enabled: false },
    OriginAccessControlId: origin.originAccessControlId ?? '',
  }
}
