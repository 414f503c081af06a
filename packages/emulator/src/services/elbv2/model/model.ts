/**
 * What the load balancer is made of: the documents that the store keeps. They hold the SDK's own shapes wherever
 * AWS has one, so that an answer of the API is the document itself.
 *
 * A listener's default actions live in its default rule and nowhere else, because a deployment may rewrite them.
 */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Target } from '../contract.ts'

export type Tags = Readonly<Record<string, string>>
/** Attributes by their API keys, e.g. `idle_timeout.timeout_seconds`; defaults filled in. */
export type Settings = Readonly<Record<string, string>>

export interface LoadBalancer {
  readonly arn: string
  readonly name: string
  readonly dnsName: string
  readonly canonicalHostedZoneId: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly scheme: 'internet-facing' | 'internal'
  readonly vpcId?: string
  readonly subnets: readonly { readonly id: string; readonly zone: string }[]
  readonly securityGroups: readonly string[]
  readonly ipAddressType: string
  readonly settings: Settings
  readonly tags: Tags
}

export interface Listener {
  readonly arn: string
  readonly loadBalancerArn: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly sslPolicy?: string
  /** The default certificate. */
  readonly certificateArn?: string
  /** Further certificates, chosen by server name. */
  readonly certificateArns: readonly string[]
  readonly settings: Settings
  readonly tags: Tags
}

export interface Rule {
  readonly arn: string
  readonly listenerArn: string
  /** 1 to 50,000; the default rule comes after all others. */
  readonly priority: number | 'default'
  readonly conditions: readonly RuleCondition[]
  readonly actions: readonly Action[]
  readonly transforms?: readonly RuleTransform[]
  readonly tags: Tags
}

export interface HealthCheck {
  readonly enabled: boolean
  readonly protocol: 'HTTP' | 'HTTPS'
  /** A port, or `traffic-port`. */
  readonly port: string
  readonly path: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** Status codes that pass: `200`, `200,202` or `200-299`. */
  readonly matcher: string
}

export interface TargetGroup {
  readonly arn: string
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly protocolVersion: 'HTTP1'
  readonly port: number
  readonly vpcId?: string
  readonly targetType: 'ip' | 'instance'
  readonly ipAddressType: string
  readonly healthCheck: HealthCheck
  readonly settings: Settings
  readonly tags: Tags
}

/** A registered target. Draining ones are not kept: after a restart nothing of theirs is in flight. */
export interface Registration extends Target {
  readonly targetGroupArn: string
}

/** The resource part of an ARN: `app/main/50dc6c495c0c9188`, `targetgroup/blue/73e2d6bc24d8a067`. */
export function arnSuffix(arn: string): string {
  const resource = arn.split(':').slice(5).join(':')
  return resource.startsWith('loadbalancer/') ? resource.slice('loadbalancer/'.length) : resource
}

/** `50dc6c495c0c9188` of an ARN that ends so. */
export const arnId = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1)
