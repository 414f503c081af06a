/**
 * Access logs of the distributions (standard logging v2), as files in the logs bucket. An option: the logs hold what
 * viewers asked for. The deliveries are in us-east-1, where CloudFront is; the bucket may be anywhere.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */
import { logDeliveryName } from '@baton/config'
import type { CloudfrontDistribution } from '@cdktn/provider-aws/lib/cloudfront-distribution/index.js'
import { CloudwatchLogDelivery } from '@cdktn/provider-aws/lib/cloudwatch-log-delivery/index.js'
import { CloudwatchLogDeliveryDestination } from '@cdktn/provider-aws/lib/cloudwatch-log-delivery-destination/index.js'
import { CloudwatchLogDeliverySource } from '@cdktn/provider-aws/lib/cloudwatch-log-delivery-source/index.js'
import { Construct } from 'constructs'
import type { AccessLogs } from '../storage/access-logs.ts'
import type { BatonStack } from '../terraform/stack.ts'

const region = 'us-east-1'

export function distributionLogs(
  stack: BatonStack,
  distributions: readonly CloudfrontDistribution[],
  { bucket, policy }: AccessLogs,
): void {
  const { platform } = stack
  if (!platform.logs.distributions || distributions.length === 0) return
  const scope = new Construct(stack, 'distribution-logs')
  const destination = new CloudwatchLogDeliveryDestination(scope, 'logs', {
    name: logDeliveryName(platform, 'logs'),
    region,
    outputFormat: 'w3c',
    deliveryDestinationConfiguration: [{ destinationResourceArn: bucket.arn }],
  })
  for (const distribution of distributions) {
    const id = distribution.node.id
    const one = new Construct(scope, id)
    const source = new CloudwatchLogDeliverySource(new Construct(one, 'source'), id, {
      name: logDeliveryName(platform, id),
      region,
      logType: 'ACCESS_LOGS',
      resourceArn: distribution.arn,
    })
    new CloudwatchLogDelivery(one, id, {
      region,
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.arn,
      s3DeliveryConfiguration: [
        { suffixPath: '{DistributionId}/{yyyy}/{MM}/{dd}', enableHiveCompatiblePath: false },
      ],
      // AWS would change a policy that does not admit it.
      dependsOn: [policy],
    })
  }
}
