/** Buckets that more than their distributions can read. */
import type { Rule } from '../../model/finding.ts'
import { isEveryone, type Statement, statementsOf } from '../../model/policies.ts'

const switches = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']
const oac =
  'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html'

/** A condition on the transport excludes no client. */
const narrows = ({ conditions }: Statement) => conditions.some(({ key }) => key !== 'aws:securetransport')

export const bucketRules: readonly Rule[] = [
  {
    name: 'bucket-public-access',
    severity: 'error',
    demand: 'A bucket blocks public access, by all four switches.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
    *check(terraform) {
      for (const bucket of terraform.all('aws_s3_bucket')) {
        const [block] = terraform.pointingAt(bucket, 'aws_s3_bucket_public_access_block', 'bucket')
        const open = switches.filter((name) => block?.flag(name) !== true)
        if (open.length === 0) continue
        yield {
          at: block ?? bucket,
          reason: block === undefined ? 'nothing blocks public access' : `it does not set ${open.join(', ')}`,
          fix: 'Set all four switches of aws_s3_bucket_public_access_block to true.',
        }
      }
    },
  },
  {
    name: 'bucket-public-policy',
    severity: 'error',
    demand: 'No policy of a bucket admits everyone.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
    *check(terraform) {
      for (const policy of terraform.all('aws_s3_bucket_policy')) {
        for (const statement of statementsOf(policy, 'policy') ?? []) {
          if (statement.effect === 'Deny' || !statement.principals.some(isEveryone) || narrows(statement))
            continue
          yield {
            at: policy,
            reason: `everyone may ${statement.actions.join(', ')}`,
            fix: 'Name the principal; a distribution is Service cloudfront.amazonaws.com with its AWS:SourceArn.',
          }
        }
      }
    },
  },
  {
    name: 'bucket-acl',
    severity: 'error',
    demand: 'No bucket has a public access control list.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html',
    *check(terraform) {
      for (const bucket of terraform.all('aws_s3_bucket', 'aws_s3_bucket_acl')) {
        const list = bucket.text('acl') ?? ''
        if (!/^(public-read|public-read-write|authenticated-read)$/.test(list)) continue
        yield {
          at: bucket,
          reason: `its list is ${list}`,
          fix: 'Remove it, and own objects by BucketOwnerEnforced.',
        }
      }
    },
  },
  {
    name: 'bucket-source',
    severity: 'error',
    demand: 'A bucket admits CloudFront for named distributions only.',
    source: oac,
    *check(terraform) {
      for (const policy of terraform.all('aws_s3_bucket_policy')) {
        for (const { effect, principals, conditions } of statementsOf(policy, 'policy') ?? []) {
          if (effect === 'Deny' || !principals.includes('Service cloudfront.amazonaws.com')) continue
          const sources = conditions
            .filter(({ key }) => key === 'aws:sourcearn')
            .flatMap(({ values }) => values)
          if (sources.length > 0 && !sources.some((arn) => /(^|[:/])\*$/.test(arn))) continue
          yield {
            at: policy,
            reason: 'a distribution of any AWS account can read from it',
            fix: 'Add the condition StringEquals AWS:SourceArn with the ARNs of the distributions.',
          }
        }
      }
    },
  },
  {
    name: 'origin-admitted',
    severity: 'error',
    demand: 'A distribution signs its requests to a bucket, and the bucket’s policy names the distribution.',
    source: oac,
    *check(terraform) {
      for (const distribution of terraform.all('aws_cloudfront_distribution')) {
        for (const origin of distribution.blocks('origin')) {
          const bucket = origin.references('domain_name').find(({ type }) => type === 'aws_s3_bucket')
          if (bucket === undefined) continue
          if (origin.at('origin_access_control_id') === undefined) {
            yield {
              at: distribution,
              reason: `its requests to ${bucket.address} are not signed: a private bucket answers 403`,
              fix: 'Set origin_access_control_id.',
            }
            continue
          }
          const policies = terraform.pointingAt(bucket, 'aws_s3_bucket_policy', 'bucket')
          const named = policies.flatMap((policy) => [
            ...policy.references('policy'),
            ...policy.references('policy').flatMap((document) => document.references()),
          ])
          const unreadable = policies.some((policy) => statementsOf(policy, 'policy') === undefined)
          if (named.includes(distribution) || unreadable) continue
          yield {
            at: distribution,
            reason: `the policy of ${bucket.address} does not name it: every file would be 403`,
            fix: 'Add its ARN to the AWS:SourceArn of the bucket’s policy.',
          }
        }
      }
    },
  },
]
