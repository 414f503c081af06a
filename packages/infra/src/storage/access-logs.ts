/**
 * The logs bucket: the load balancer writes its access logs there, and the VPC its flow logs and CloudFront its access
 * logs where the configuration turns them on. It forgets after the same time as the other logs.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js'
import { Construct } from 'constructs'
import { policyDocument, type Statement } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { tlsOnly } from './bucket-access.ts'
import { bucket } from './buckets.ts'

export interface AccessLogs {
  readonly bucket: S3Bucket
  /** AWS tries to write when it is given the bucket: the policy must be there by then. */
  readonly policy: S3BucketPolicy
}

export function accessLogs(stack: BatonStack): AccessLogs {
  const { platform } = stack
  // Load balancers write to a bucket with SSE-S3 only, so it never has the platform's own key.
  const logs = bucket(stack, 'logs', { expireAfterDays: platform.logs.retentionDays })
  const policy = new S3BucketPolicy(new Construct(stack, 'access-logs'), 'logs', {
    bucket: logs.id,
    policy: policyDocument([
      {
        Sid: 'LoadBalancer',
        Action: 's3:PutObject',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Resource: `${logs.arn}/AWSLogs/${stack.accountId}/*`,
        Condition: {
          ArnLike: {
            'aws:SourceArn': `arn:aws:elasticloadbalancing:${platform.region}:${stack.accountId}:loadbalancer/*`,
          },
        },
      },
      ...logDelivery(stack, logs),
      tlsOnly(logs),
    ]),
  })
  return { bucket: logs, policy }
}

/** The service that writes flow logs and the logs of CloudFront, for this account. */
function logDelivery(stack: BatonStack, logs: S3Bucket): Statement[] {
  const { network, logs: wanted, region } = stack.platform
  const sources = [
    ...(network.flowLogs ? [`arn:aws:logs:${region}:${stack.accountId}:*`] : []),
    ...(wanted.distributions ? [`arn:aws:logs:us-east-1:${stack.accountId}:delivery-source:*`] : []),
  ]
  if (sources.length === 0) return []
  const Principal = { Service: 'delivery.logs.amazonaws.com' }
  const StringEquals = { 'aws:SourceAccount': stack.accountId }
  const ArnLike = { 'aws:SourceArn': sources }
  return [
    {
      Sid: 'LogDelivery',
      Action: 's3:PutObject',
      Principal,
      Resource: `${logs.arn}/AWSLogs/${stack.accountId}/*`,
      Condition: { StringEquals: { ...StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' }, ArnLike },
    },
    {
      Sid: 'LogDeliveryBucket',
      Action: ['s3:GetBucketAcl', 's3:ListBucket'],
      Principal,
      Resource: logs.arn,
      Condition: { StringEquals, ArnLike },
    },
  ]
}
