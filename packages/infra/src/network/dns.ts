/** The hosted zone of the bootstrap stack, and the names that lead to the edge: A and AAAA aliases. */
import type { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import { DataAwsRoute53Zone } from '@cdktn/provider-aws/lib/data-aws-route53-zone/index.js'
import { Route53Record } from '@cdktn/provider-aws/lib/route53-record/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export const hostedZone = (stack: BatonStack): DataAwsRoute53Zone =>
  new DataAwsRoute53Zone(new Construct(stack, 'hosted-zone'), 'main', {
    name: stack.platform.domain,
    privateZone: false,
  })

export function edgeRecords(
  stack: BatonStack,
  zone: DataAwsRoute53Zone,
  host: string,
  distribution: CloudfrontDistribution,
): void {
  const id = distribution.node.id
  const scope = new Construct(stack, `records-${id}`)
  for (const [type, suffix] of [
    ['A', 'ipv4'],
    ['AAAA', 'ipv6'],
  ] as const) {
    new Route53Record(scope, `${id}_${suffix}`, {
      zoneId: zone.zoneId,
      name: host,
      type,
      alias: {
        name: distribution.domainName,
        zoneId: distribution.hostedZoneId,
        evaluateTargetHealth: false,
      },
    })
  }
}
