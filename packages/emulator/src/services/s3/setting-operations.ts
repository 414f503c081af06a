/**
 * What else S3's API says of a bucket: the same settings as the resource types that Terraform's provider splits off.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import type * as sdk from '@aws-sdk/client-s3'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { Attributes, Value } from '../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringList, stringMap, text } from '../../terraform/type/values.ts'
import { checkAcl, ownershipOf, publicAccessBlock } from './acl.ts'
import { lifecycleIn, lifecycleOut } from './lifecycle.ts'
import type { S3State } from './state.ts'

const PREFIX = 'aws_s3_bucket_'
/** As the emulator has one account, so it has one canonical user. */
const OWNER = '0'.repeat(64)

const none = (code: string, what: string) => new AwsError(code, `The ${what} does not exist`, 404)

export function createSettingOperations(buckets: S3State) {
  const get = (bucket: string | undefined, setting: string): Attributes | undefined =>
    buckets.get(bucket ?? '').settings[PREFIX + setting] as Attributes | undefined
  const put = (bucket: string | undefined, setting: string, attributes: Attributes) => {
    const found = buckets.get(bucket ?? '')
    buckets.replace({
      ...found,
      settings: { ...found.settings, [PREFIX + setting]: { bucket: found.name, ...attributes } },
    })
    return {}
  }
  const remove = (bucket: string | undefined, setting: string) => {
    const found = buckets.get(bucket ?? '')
    const { [PREFIX + setting]: _gone, ...settings } = found.settings
    buckets.replace({ ...found, settings })
    return {}
  }
  return {
    PutPublicAccessBlock: ({ Bucket, PublicAccessBlockConfiguration: given = {} }) =>
      put(Bucket, 'public_access_block', {
        block_public_acls: given.BlockPublicAcls ?? false,
        block_public_policy: given.BlockPublicPolicy ?? false,
        ignore_public_acls: given.IgnorePublicAcls ?? false,
        restrict_public_buckets: given.RestrictPublicBuckets ?? false,
      }),
    GetPublicAccessBlock({ Bucket }) {
      if (get(Bucket, 'public_access_block') === undefined)
        throw none('NoSuchPublicAccessBlockConfiguration', 'public access block configuration')
      const block = publicAccessBlock(buckets.get(Bucket ?? ''))
      return {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: block.block_public_acls === true,
          BlockPublicPolicy: block.block_public_policy === true,
          IgnorePublicAcls: block.ignore_public_acls === true,
          RestrictPublicBuckets: block.restrict_public_buckets === true,
        },
      }
    },
    DeletePublicAccessBlock: ({ Bucket }) => remove(Bucket, 'public_access_block'),

    PutBucketOwnershipControls: ({ Bucket, OwnershipControls }) =>
      put(Bucket, 'ownership_controls', {
        rule: [{ object_ownership: OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'BucketOwnerEnforced' }],
      }),
    GetBucketOwnershipControls({ Bucket = '' }) {
      const ObjectOwnership = ownershipOf(buckets.get(Bucket)) as sdk.ObjectOwnership
      return { OwnershipControls: { Rules: [{ ObjectOwnership }] } }
    },
    DeleteBucketOwnershipControls: ({ Bucket }) => remove(Bucket, 'ownership_controls'),

    PutBucketAcl({ Bucket, ACL, AccessControlPolicy, ...grants }) {
      const granted = [grants.GrantRead, grants.GrantWrite, grants.GrantFullControl, AccessControlPolicy]
      checkAcl(
        buckets.get(Bucket ?? ''),
        ACL,
        granted.some((one) => one !== undefined),
      )
      return put(Bucket, 'acl', { acl: ACL ?? 'private' })
    },
    GetBucketAcl({ Bucket }) {
      const acl = text(get(Bucket, 'acl')?.acl) ?? 'private'
      const all = { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' } as const
      const own = { Type: 'CanonicalUser', ID: OWNER } as const
      return {
        Owner: { ID: OWNER },
        Grants: [
          { Grantee: own, Permission: 'FULL_CONTROL' as const },
          ...(acl.startsWith('public-read') ? [{ Grantee: all, Permission: 'READ' as const }] : []),
          ...(acl === 'public-read-write' ? [{ Grantee: all, Permission: 'WRITE' as const }] : []),
        ],
      }
    },

    PutBucketEncryption: ({ Bucket, ServerSideEncryptionConfiguration }) =>
      put(Bucket, 'server_side_encryption_configuration', {
        rule: (ServerSideEncryptionConfiguration?.Rules ?? []).map((rule) => ({
          bucket_key_enabled: rule.BucketKeyEnabled ?? false,
          apply_server_side_encryption_by_default: [
            {
              sse_algorithm: rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? 'AES256',
              kms_master_key_id: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID ?? '',
            },
          ],
        })),
      }),
    GetBucketEncryption({ Bucket }) {
      const written = blocks(get(Bucket, 'server_side_encryption_configuration')?.rule)
      // Every bucket encrypts with S3's own keys where nothing else is said.
      const rules = written.length > 0 ? written : [{ bucket_key_enabled: false }]
      return {
        ServerSideEncryptionConfiguration: {
          Rules: rules.map((rule: Attributes) => {
            const by = firstBlock(rule.apply_server_side_encryption_by_default)
            const key = text(by?.kms_master_key_id)
            return {
              BucketKeyEnabled: rule.bucket_key_enabled === true,
              ApplyServerSideEncryptionByDefault: {
                SSEAlgorithm: (text(by?.sse_algorithm) ?? 'AES256') as sdk.ServerSideEncryption,
                ...(key === undefined ? {} : { KMSMasterKeyID: key }),
              },
            }
          }),
        },
      }
    },
    DeleteBucketEncryption: ({ Bucket }) => remove(Bucket, 'server_side_encryption_configuration'),

    PutBucketCors: ({ Bucket, CORSConfiguration }) =>
      put(Bucket, 'cors_configuration', {
        cors_rule: (CORSConfiguration?.CORSRules ?? []).map((rule) => ({
          id: rule.ID ?? '',
          allowed_headers: rule.AllowedHeaders ?? [],
          allowed_methods: rule.AllowedMethods ?? [],
          allowed_origins: rule.AllowedOrigins ?? [],
          expose_headers: rule.ExposeHeaders ?? [],
          max_age_seconds: rule.MaxAgeSeconds ?? 0,
        })),
      }),
    GetBucketCors({ Bucket }) {
      const rules = get(Bucket, 'cors_configuration')
      if (rules === undefined) throw none('NoSuchCORSConfiguration', 'CORS configuration')
      return { CORSRules: blocks(rules.cors_rule).map(corsRuleOut) }
    },
    DeleteBucketCors: ({ Bucket }) => remove(Bucket, 'cors_configuration'),

    PutBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration }) {
      put(Bucket, 'lifecycle_configuration', {
        rule: (LifecycleConfiguration?.Rules ?? []).map(lifecycleIn),
      })
      return {}
    },
    GetBucketLifecycleConfiguration({ Bucket }) {
      const found = get(Bucket, 'lifecycle_configuration')
      if (found === undefined) throw none('NoSuchLifecycleConfiguration', 'lifecycle configuration')
      return {
        Rules: blocks(found.rule).map(lifecycleOut),
        TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' as const,
      }
    },
    DeleteBucketLifecycle: ({ Bucket }) => remove(Bucket, 'lifecycle_configuration'),

    PutBucketLogging({ Bucket, BucketLoggingStatus }) {
      const enabled = BucketLoggingStatus?.LoggingEnabled
      if (enabled === undefined) return remove(Bucket, 'logging')
      return put(Bucket, 'logging', {
        target_bucket: enabled.TargetBucket ?? '',
        target_prefix: enabled.TargetPrefix ?? '',
      })
    },
    GetBucketLogging({ Bucket }) {
      const found = get(Bucket, 'logging')
      if (found === undefined) return {}
      return {
        LoggingEnabled: {
          TargetBucket: String(found.target_bucket),
          TargetPrefix: String(found.target_prefix ?? ''),
        },
      }
    },

    PutBucketTagging: ({ Bucket, Tagging }) =>
      put(Bucket, 'tags', {
        tags: Object.fromEntries((Tagging?.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      }),
    GetBucketTagging({ Bucket }) {
      const tags = Object.entries(stringMap(get(Bucket, 'tags')?.tags))
      if (tags.length === 0) throw none('NoSuchTagSet', 'TagSet')
      return { TagSet: tags.map(([Key, Value]) => ({ Key, Value })) }
    },
    DeleteBucketTagging: ({ Bucket }) => remove(Bucket, 'tags'),

    GetBucketPolicyStatus: ({ Bucket = '' }) => ({
      PolicyStatus: { IsPublic: /"Principal":\s*"\*"/.test(buckets.get(Bucket).policy ?? '') },
    }),
    GetBucketRequestPayment: ({ Bucket }) => always(buckets, Bucket, { Payer: 'BucketOwner' as const }),
    GetBucketAccelerateConfiguration: ({ Bucket }) => always(buckets, Bucket, {}),
    GetBucketNotificationConfiguration: ({ Bucket }) => always(buckets, Bucket, {}),
    GetBucketWebsite({ Bucket = '' }) {
      buckets.get(Bucket)
      throw none('NoSuchWebsiteConfiguration', 'website configuration')
    },
    GetBucketReplication({ Bucket = '' }) {
      buckets.get(Bucket)
      throw none('ReplicationConfigurationNotFoundError', 'replication configuration')
    },
    GetObjectLockConfiguration({ Bucket = '' }) {
      buckets.get(Bucket)
      throw none('ObjectLockConfigurationNotFoundError', 'Object Lock configuration of this bucket')
    },
  } satisfies Operations<typeof sdk>
}

/** The answer for what every bucket here has in the same way. */
function always<T>(buckets: S3State, bucket: string | undefined, answer: T): T {
  buckets.get(bucket ?? '')
  return answer
}

function corsRuleOut(rule: { [name: string]: Value }): sdk.CORSRule {
  return {
    ...(rule.id ? { ID: String(rule.id) } : {}),
    AllowedHeaders: stringList(rule.allowed_headers),
    AllowedMethods: stringList(rule.allowed_methods),
    AllowedOrigins: stringList(rule.allowed_origins),
    ExposeHeaders: stringList(rule.expose_headers),
    ...(rule.max_age_seconds ? { MaxAgeSeconds: Number(rule.max_age_seconds) } : {}),
  }
}
