/**
 * The load balancer's access logs: a bucket that Elastic Load Balancing may write to, and that forgets after the
 * same time as the other logs.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js'
import { Construct } from 'constructs'
import { policyDocument } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { tlsOnly } from './bucket-access.ts'
import { bucket } from './buckets.ts'

export interface AccessLogs {
  readonly bucket: S3Bucket
  /** The load balancer tries to write when it is told of the bucket: it has to be allowed by then. */
  readonly policy: S3BucketPolicy
}

export function accessLogs(stack: BatonStack): AccessLogs {
  const made = bucket(stack, 'logs', { expireAfterDays: stack.platform.logs.retentionDays })
  const policy = new S3BucketPolicy(new Construct(stack, 'access-logs'), 'logs', {
    bucket: made.id,
    policy: policyDocument([
      {
        Sid: 'LoadBalancer',
        Action: 's3:PutObject',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Resource: `${made.arn}/AWSLogs/${stack.accountId}/*`,
        Condition: {
          ArnLike: {
            'aws:SourceArn': `arn:aws:elasticloadbalancing:${stack.platform.region}:${stack.accountId}:loadbalancer/*`,
          },
        },
      },
      tlsOnly(made),
    ]),
  })
  return { bucket: made, policy }
}
