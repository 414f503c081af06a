/** A distribution as the emulator keeps it: what Terraform says, in the shapes the edge works with. */

export interface Distribution {
  readonly id: string
  readonly arn: string
  /** `d111111abcdef8.cloudfront.net`. */
  readonly domainName: string
  readonly etag: string
  readonly callerReference: string
  readonly lastModified: number
  readonly config: DistributionConfig
}

export interface DistributionConfig {
  readonly aliases: readonly string[]
  readonly comment: string
  readonly enabled: boolean
  /** Without a slash before it; empty for none. */
  readonly defaultRootObject: string
  readonly httpVersion: string
  readonly priceClass: string
  readonly ipv6: boolean
  readonly origins: readonly Origin[]
  readonly defaultBehavior: Behavior
  readonly orderedBehaviors: readonly (Behavior & { readonly pathPattern: string })[]
  readonly customErrors: readonly CustomError[]
  readonly geo: { readonly type: 'none' | 'whitelist' | 'blacklist'; readonly countries: readonly string[] }
  /** Absent for CloudFront's own certificate. */
  readonly certificateArn?: string
  readonly minimumProtocolVersion: string
}

export interface Behavior {
  readonly targetOriginId: string
  readonly viewerProtocolPolicy: 'allow-all' | 'https-only' | 'redirect-to-https'
  readonly allowedMethods: readonly string[]
  readonly cachedMethods: readonly string[]
  readonly compress: boolean
  readonly cachePolicyId: string
  readonly originRequestPolicyId?: string
  readonly responseHeadersPolicyId?: string
  readonly viewerRequestFunctionArn?: string
  readonly viewerResponseFunctionArn?: string
}

export interface Origin {
  readonly id: string
  readonly domainName: string
  /** Begins with a slash, does not end with one; empty for none. */
  readonly path: string
  readonly customHeaders: readonly { readonly name: string; readonly value: string }[]
  readonly connectionAttempts: number
  readonly connectionTimeoutSeconds: number
  readonly originAccessControlId?: string
  /** Absent for a bucket, and for a VPC origin. */
  readonly custom?: CustomOrigin
  /** Reached inside of its VPC: ports and protocol are the VPC origin's. */
  readonly vpc?: VpcOriginUse
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginConfig.html */
export interface VpcOriginUse {
  readonly vpcOriginId: string
  readonly keepaliveSeconds: number
  readonly readTimeoutSeconds: number
}

export interface CustomOrigin {
  readonly httpPort: number
  readonly httpsPort: number
  readonly protocolPolicy: 'http-only' | 'https-only' | 'match-viewer'
  readonly keepaliveSeconds: number
  readonly readTimeoutSeconds: number
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages.html */
export interface CustomError {
  readonly errorCode: number
  readonly cachingMinTtlSeconds?: number
  readonly responseCode?: number
  readonly responsePagePath?: string
}
