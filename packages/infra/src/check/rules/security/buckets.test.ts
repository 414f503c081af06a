import { policy, type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { bucketRules } from './buckets.ts'

const all = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
}
const bucket = { bucket: ref('aws_s3_bucket.sites') }
const read = { Action: 's3:GetObject', Resource: `${ref('aws_s3_bucket.sites', 'arn')}/*` }
const cloudfront = { ...read, Principal: { Service: 'cloudfront.amazonaws.com' } }
const from = (...sources: string[]) => ({ Condition: { StringEquals: { 'AWS:SourceArn': sources } } })
const withPolicy = (...statements: object[]): Resources => ({
  'aws_s3_bucket_policy.sites': { ...bucket, policy: policy(...statements) },
  'aws_s3_bucket.sites': {},
})
const site = ref('aws_cloudfront_distribution.admin', 'arn')
const distribution = (origin: object) => ({
  'aws_cloudfront_distribution.admin': {
    origin: [{ domain_name: ref('aws_s3_bucket.sites', 'bucket_regional_domain_name'), ...origin }],
  },
})
const signed = distribution({ origin_access_control_id: 'E1' })

testRules(bucketRules, {
  'bucket-public-access': {
    trips: { 'aws_s3_bucket.sites': {} },
    says: /nothing blocks/,
    alsoTrips: [
      {
        'aws_s3_bucket.sites': {},
        'aws_s3_bucket_public_access_block.sites': { ...bucket, ...all, restrict_public_buckets: false },
      },
    ],
    passes: { 'aws_s3_bucket.sites': {}, 'aws_s3_bucket_public_access_block.sites': { ...bucket, ...all } },
  },
  'bucket-public-policy': {
    trips: withPolicy({ ...read, Principal: '*' }),
    says: /s3:GetObject/,
    alsoTrips: [
      withPolicy({
        ...read,
        Principal: { AWS: ['*'] },
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      }),
      {
        'aws_s3_bucket_policy.sites': { policy: ref('data.aws_iam_policy_document.open', 'json') },
        'data.aws_iam_policy_document.open': {
          statement: {
            actions: ['s3:GetObject'],
            resources: ['*'],
            principals: { type: '*', identifiers: ['*'] },
          },
        },
      },
      {
        'aws_s3_bucket_policy.sites': {
          policy:
            '${jsonencode({"Statement" = [{"Effect" = "Allow", "Action" = "s3:*", "Principal" = "*", "Resource" = aws_s3_bucket.sites.arn}]})}',
        },
      },
    ],
    passes: withPolicy(
      { ...read, Effect: 'Deny', Principal: '*' },
      { ...read, Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
    ),
  },
  'bucket-acl': {
    trips: { 'aws_s3_bucket_acl.sites': { acl: 'public-read' } },
    passes: { 'aws_s3_bucket_acl.sites': { acl: 'private' } },
  },
  'bucket-source': {
    trips: withPolicy(cloudfront),
    alsoTrips: [withPolicy({ ...cloudfront, ...from('arn:aws:cloudfront::1:distribution/*') })],
    passes: withPolicy({ ...cloudfront, ...from(site) }),
  },
  'origin-admitted': {
    trips: { ...distribution({}), ...withPolicy({ ...cloudfront, ...from(site) }) },
    says: /not signed/,
    alsoTrips: [
      { ...signed, ...withPolicy({ ...cloudfront, ...from('arn:aws:cloudfront::1:distribution/E2') }) },
    ],
    passes: { ...signed, ...withPolicy({ ...cloudfront, ...from(site) }) },
  },
})
