/**
 * The load balancer, and where it is internal, the VPC origin by which CloudFront reaches it: it redirects HTTP to HTTPS, and answers 404 where no rule matches. The rules of the services
 * are in `service/service-traffic.ts`. CodeDeploy shows new tasks on the test listener before they take traffic.
 *
 * The security group admits no one on port 80 (`security-groups.ts`). The listener stays: it is free, its address
 * is part of the public interface, and clients that call the load balancer directly will need its redirect.
 */
import { loadBalancerName, vpcOriginName } from '@baton/config'
import { CloudfrontVpcOrigin } from '@cdktn/provider-aws/lib/cloudfront-vpc-origin/index.js'
import { Lb } from '@cdktn/provider-aws/lib/lb/index.js'
import { LbListener } from '@cdktn/provider-aws/lib/lb-listener/index.js'
import { Construct } from 'constructs'
import type { AccessLogs } from '../storage/access-logs.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Network } from './network.ts'
import type { SecurityGroups } from './security-groups.ts'

export interface LoadBalancer {
  readonly balancer: Lb
  readonly production: LbListener
  readonly test: LbListener
  /** How CloudFront reaches an internal load balancer. */
  readonly vpcOrigin?: CloudfrontVpcOrigin
}

/** TLS 1.3 and 1.2 with forward secrecy: CloudFront supports both towards origins. */
const sslPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'

export function loadBalancer(
  stack: BatonStack,
  parts: { network: Network; securityGroups: SecurityGroups; certificateArn: string; accessLogs: AccessLogs },
): LoadBalancer {
  const scope = new Construct(stack, 'load-balancer')
  const { platform } = stack
  const internal = platform.network.loadBalancer === 'internal'
  const balancer = new Lb(scope, 'main', {
    name: loadBalancerName(platform),
    loadBalancerType: 'application',
    internal,
    ipAddressType: 'ipv4',
    subnets: (internal ? parts.network.privateSubnets : parts.network.publicSubnets).map(({ id }) => id),
    securityGroups: [parts.securityGroups.loadBalancer.id],
    dropInvalidHeaderFields: true,
    enableDeletionProtection: platform.deletionProtection,
    idleTimeout: 60,
    accessLogs: { enabled: true, bucket: parts.accessLogs.bucket.id },
    // A load balancer in subnets without a way out would not answer.
    dependsOn: [...parts.network.egress, parts.accessLogs.policy],
  })
  new LbListener(scope, 'http', {
    loadBalancerArn: balancer.arn,
    port: 80,
    protocol: 'HTTP',
    defaultAction: [
      { type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } },
    ],
  })
  const listener = (id: string, port: number) =>
    new LbListener(scope, id, {
      loadBalancerArn: balancer.arn,
      port,
      protocol: 'HTTPS',
      sslPolicy,
      certificateArn: parts.certificateArn,
      defaultAction: [
        {
          type: 'fixed-response',
          fixedResponse: { contentType: 'text/plain', messageBody: 'Not found', statusCode: '404' },
        },
      ],
    })
  return {
    balancer,
    production: listener('https', 443),
    test: listener('test', platform.delivery.testPort),
    ...(internal ? { vpcOrigin: vpcOrigin(scope, vpcOriginName(platform), balancer) } : {}),
  }
}

/**
 * CloudFront's way into the VPC. It comes from addresses of the prefix list that the security group admits.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
const vpcOrigin = (scope: Construct, name: string, balancer: Lb): CloudfrontVpcOrigin =>
  new CloudfrontVpcOrigin(new Construct(scope, 'vpc-origin'), 'main', {
    vpcOriginEndpointConfig: [
      {
        name,
        arn: balancer.arn,
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: 'https-only',
        originSslProtocols: [{ items: ['TLSv1.2'], quantity: 1 }],
      },
    ],
    tags: { Name: name },
  })
