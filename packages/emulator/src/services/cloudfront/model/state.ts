/**
 * What Terraform made of CloudFront: distributions, policies, functions, access controls. Listeners are
 * notified of each change.
 */
import type { Collection, Store } from '../../../store.ts'
import type { CustomOrigin, Distribution } from './distribution.ts'
import { noSuchDistribution } from './errors.ts'
import {
  managedCachePolicies,
  managedOriginRequestPolicies,
  managedResponseHeadersPolicies,
} from './managed-policies.ts'
import type { CachePolicy, OriginRequestPolicy, Policies, ResponseHeadersPolicy } from './policies.ts'

export interface FunctionRecord {
  readonly name: string
  readonly arn: string
  readonly runtime: string
  readonly comment: string
  readonly code: string
  readonly keyValueStoreArns: readonly string[]
  readonly etag: string
  /** The published code is what distributions run. */
  readonly live?: { readonly code: string; readonly etag: string }
  readonly createdAt: number
  readonly lastModified: number
}

export interface OriginAccessControl {
  readonly id: string
  readonly name: string
  readonly originType: string
  readonly signingBehavior: string
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html */
export interface VpcOrigin {
  readonly id: string
  readonly arn: string
  readonly name: string
  /** What it leads to: the ARN of a load balancer. */
  readonly endpointArn: string
  readonly httpPort: number
  readonly httpsPort: number
  readonly protocolPolicy: CustomOrigin['protocolPolicy']
  readonly etag: string
  readonly createdAt: number
  readonly lastModified: number
}

export interface Invalidation {
  readonly id: string
  readonly distributionId: string
  readonly createdAt: number
  readonly callerReference: string
  readonly paths: readonly string[]
}

export interface CloudFrontState {
  readonly distributions: Collection<Distribution>
  readonly functions: Collection<FunctionRecord>
  readonly accessControls: Collection<OriginAccessControl>
  readonly vpcOrigins: Collection<VpcOrigin>
  readonly invalidations: Collection<Invalidation>
  readonly cachePolicies: Collection<CachePolicy>
  readonly originRequestPolicies: Collection<OriginRequestPolicy>
  readonly responseHeadersPolicies: Collection<ResponseHeadersPolicy>
  distribution(id: string): Distribution
  allCachePolicies(): readonly CachePolicy[]
  allOriginRequestPolicies(): readonly OriginRequestPolicy[]
  allResponseHeadersPolicies(): readonly ResponseHeadersPolicy[]
  /** The policies that a behaviour names; throws where one does not exist. */
  policies(ids: {
    cachePolicyId: string
    originRequestPolicyId?: string
    responseHeadersPolicyId?: string
  }): Policies
  /** Says that something changed by which distributions serve. */
  changed(): void
  onChange(listener: () => void): void
}

export function createState(store: Store): CloudFrontState {
  const cachePolicies = store.collection<CachePolicy>('cloudfront.cache-policies')
  const originRequestPolicies = store.collection<OriginRequestPolicy>('cloudfront.origin-request-policies')
  const responseHeadersPolicies = store.collection<ResponseHeadersPolicy>(
    'cloudfront.response-headers-policies',
  )
  const distributions = store.collection<Distribution>('cloudfront.distributions')
  const listeners: (() => void)[] = []

  const find = <T extends { readonly id: string }>(policies: readonly T[], id: string, kind: string): T => {
    const found = policies.find((policy) => policy.id === id)
    if (found === undefined)
      throw new Error(`there is no ${kind} ${id}; create it, or use the id of a managed one`)
    return found
  }
  const model: CloudFrontState = {
    distributions,
    functions: store.collection('cloudfront.functions'),
    accessControls: store.collection('cloudfront.origin-access-controls'),
    vpcOrigins: store.collection('cloudfront.vpc-origins'),
    invalidations: store.collection('cloudfront.invalidations'),
    cachePolicies,
    originRequestPolicies,
    responseHeadersPolicies,
    allCachePolicies: () => [...managedCachePolicies, ...cachePolicies.values()],
    allOriginRequestPolicies: () => [...managedOriginRequestPolicies, ...originRequestPolicies.values()],
    allResponseHeadersPolicies: () => [
      ...managedResponseHeadersPolicies,
      ...responseHeadersPolicies.values(),
    ],
    distribution(id) {
      const found = distributions.get(id)
      if (found === undefined) throw noSuchDistribution()
      return found
    },
    policies({ cachePolicyId, originRequestPolicyId, responseHeadersPolicyId }) {
      const { allCachePolicies, allOriginRequestPolicies, allResponseHeadersPolicies } = model
      return {
        cache: find(allCachePolicies(), cachePolicyId, 'cache policy'),
        ...(originRequestPolicyId === undefined
          ? {}
          : {
              originRequest: find(allOriginRequestPolicies(), originRequestPolicyId, 'origin request policy'),
            }),
        ...(responseHeadersPolicyId === undefined
          ? {}
          : {
              responseHeaders: find(
                allResponseHeadersPolicies(),
                responseHeadersPolicyId,
                'response headers policy',
              ),
            }),
      }
    },
    changed() {
      for (const listener of listeners) listener()
    },
    onChange: (listener) => void listeners.push(listener),
  }
  return model
}
