/**
 * The platform's own KMS key, an option (`encryption.customerManagedKey`). It is in the bootstrap stack, because the
 * image repositories are; the platform stack finds it by its alias.
 *
 * Its policy leaves it to IAM who of the account may use it, as AWS's default does. Beyond that it admits the services
 * that use the key in their own name, each for resources of this platform only. RDS, EFS, ECR, Secrets Manager and
 * Parameter Store use it in the name of their caller, or by a grant of who creates the resource.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
import { keyAlias, topicName } from '@baton/config'
import { KmsAlias } from '@cdktn/provider-aws/lib/kms-alias/index.js'
import { KmsKey } from '@cdktn/provider-aws/lib/kms-key/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
import { policyDocument, type Statement } from './policy.ts'

/** The longest that AWS waits before a key is gone, and with it all that it encrypted, snapshots included. */
const deletionWindowInDays = 30

export function encryptionKey(stack: BatonStack): KmsKey {
  const scope = new Construct(stack, 'encryption-key')
  const { platform } = stack
  const key = new KmsKey(scope, 'main', {
    description: `Encrypts what ${platform.name} keeps`,
    enableKeyRotation: true,
    deletionWindowInDays,
    policy: policyDocument(keyPolicy(stack)),
    tags: { Name: platform.name },
  })
  new KmsAlias(new Construct(scope, 'alias'), 'main', { name: keyAlias(platform), targetKeyId: key.keyId })
  return key
}

function keyPolicy(stack: BatonStack): Statement[] {
  const { accountId, platform } = stack
  const { name, region } = platform
  const topic = `arn:aws:sns:${region}:${accountId}:${topicName(platform)}`
  const groups = [`/${name}/*`, `/aws/rds/instance/${name}/*`, `/aws/lambda/${name}-*`]
  const publish = { Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' }
  const toTopic = { 'kms:EncryptionContext:aws:sns:topicArn': topic }
  return [
    {
      Sid: 'Account',
      Action: 'kms:*',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Resource: '*',
    },
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    {
      Sid: 'LogGroups',
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': groups.map(
            (group) => `arn:aws:logs:${region}:${accountId}:log-group:${group}`,
          ),
        },
      },
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    {
      Sid: 'Alarms',
      ...publish,
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': accountId, ...toTopic } },
    },
    {
      Sid: 'Events',
      ...publish,
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { StringEquals: toTopic },
    },
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html#oac-permissions-sse-kms
    {
      Sid: 'Distributions',
      Action: 'kms:Decrypt',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Resource: '*',
      Condition: {
        StringEquals: { 'aws:SourceAccount': accountId },
        ArnLike: { 'aws:SourceArn': `arn:aws:cloudfront::${accountId}:distribution/*` },
      },
    },
  ]
}

/** What a role needs besides, to use what the key encrypts through a service; nothing where AWS's keys encrypt. */
export const keyUse = (
  stack: BatonStack,
  service: 's3' | 'secretsmanager' | 'ssm',
  actions: readonly string[] = ['kms:Decrypt'],
): Statement[] => {
  const key = stack.keyArn
  if (key === undefined) return []
  const via = `${service}.${stack.platform.region}.amazonaws.com`
  return [
    { Sid: 'Key', Action: actions, Resource: key, Condition: { StringEquals: { 'kms:ViaService': via } } },
  ]
}
