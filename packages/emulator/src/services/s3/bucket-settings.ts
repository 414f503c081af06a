/**
 * The resource types that AWS's provider splits off from the bucket. Versioning and policy shape what S3 does
 * here; the others are kept with the bucket and have no effect, for the reason that each gives.
 */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { firstBlock, text } from '../../terraform/type/values.ts'
import { checkAcl } from './acl.ts'
import { parsePolicy } from './bucket-policy.ts'
import type { Bucket, S3State } from './state.ts'

interface Setting {
  readonly type: string
  readonly attributes: AttributeSpecs
  /** What the resource makes of the bucket. */
  apply(bucket: Bucket, attributes: Attributes): Bucket
  /** The bucket without it. */
  withdraw(bucket: Bucket): Bucket
  /** Drift: undefined when the bucket no longer has it. */
  read?(bucket: Bucket, prior: Attributes): Attributes | undefined
}

export function createBucketSettingTypes(buckets: S3State): ResourceType[] {
  return settings.map(({ type, attributes, apply, withdraw, read }) => ({
    type,
    attributes: {
      bucket: implemented({ forceNew: true }),
      expected_bucket_owner: ignored('there is one account', { forceNew: true }),
      id: computed(),
      ...attributes,
    },
    create(planned) {
      const bucket = buckets.get(String(planned.bucket))
      buckets.replace(apply(bucket, planned))
      return { ...planned, id: bucket.name }
    },
    read(prior) {
      const bucket = buckets.find(String(prior.bucket))
      if (bucket === undefined) return undefined
      if (read !== undefined) return read(bucket, prior)
      return type in bucket.settings ? prior : undefined
    },
    update(planned, prior) {
      const attributes = { ...prior, ...planned }
      buckets.replace(apply(buckets.get(String(prior.bucket)), attributes))
      return attributes
    },
    delete(prior) {
      const bucket = buckets.find(String(prior.bucket))
      if (bucket !== undefined) buckets.replace(withdraw(bucket))
    },
  }))
}

/** A setting that is only kept. */
const kept = (type: string, attributes: AttributeSpecs): Setting => ({
  type,
  attributes,
  apply: (bucket, planned) => ({ ...bucket, settings: { ...bucket.settings, [type]: planned } }),
  withdraw(bucket) {
    const { [type]: _withdrawn, ...rest } = bucket.settings
    return { ...bucket, settings: rest }
  },
})

const unencrypted = 'bodies lie unencrypted in the state directory'
const noExpiry = 'objects do not expire within the life of a rehearsal'
const noLogs = 'access logs are not written'
const noPublic = 'callers are not held against public access settings'

const transition = {
  date: ignored(noExpiry),
  days: ignored(noExpiry),
  storage_class: ignored(noExpiry),
}
const lifecycleRule: AttributeSpecs = {
  id: ignored(noExpiry),
  prefix: ignored(noExpiry),
  status: ignored(noExpiry),
  abort_incomplete_multipart_upload: block({ days_after_initiation: ignored(noExpiry) }, { maxItems: 1 }),
  expiration: block(
    { date: ignored(noExpiry), days: ignored(noExpiry), expired_object_delete_marker: ignored(noExpiry) },
    { maxItems: 1 },
  ),
  filter: block(
    {
      prefix: ignored(noExpiry),
      object_size_greater_than: ignored(noExpiry),
      object_size_less_than: ignored(noExpiry),
      tag: block({ key: ignored(noExpiry), value: ignored(noExpiry) }, { maxItems: 1 }),
      and: block(
        {
          prefix: ignored(noExpiry),
          object_size_greater_than: ignored(noExpiry),
          object_size_less_than: ignored(noExpiry),
          tags: ignored(noExpiry),
        },
        { maxItems: 1 },
      ),
    },
    { maxItems: 1 },
  ),
  noncurrent_version_expiration: block(
    { newer_noncurrent_versions: ignored(noExpiry), noncurrent_days: ignored(noExpiry) },
    { maxItems: 1 },
  ),
  noncurrent_version_transition: block({
    newer_noncurrent_versions: ignored(noExpiry),
    noncurrent_days: ignored(noExpiry),
    storage_class: ignored(noExpiry),
  }),
  transition: block(transition),
}

const settings: readonly Setting[] = [
  {
    type: 'aws_s3_bucket_versioning',
    attributes: {
      mfa: ignored('there is no multi-factor authentication'),
      versioning_configuration: block(
        {
          status: implemented(),
          mfa_delete: ignored('there is no multi-factor authentication', { computed: true }),
        },
        { maxItems: 1 },
      ),
    },
    apply(bucket, { versioning_configuration: configuration }) {
      const status = firstBlock(configuration)?.status
      return status === 'Enabled' || status === 'Suspended' ? { ...bucket, versioning: status } : bucket
    },
    // Once enabled, versioning can only be suspended (manage-versioning-examples).
    withdraw: (bucket) => (bucket.versioning === undefined ? bucket : { ...bucket, versioning: 'Suspended' }),
    read: (bucket, prior) => ({
      ...prior,
      versioning_configuration: (Array.isArray(prior.versioning_configuration)
        ? (prior.versioning_configuration as Attributes[])
        : [{}]
      ).map((one) => ({ ...one, status: bucket.versioning ?? 'Disabled' })),
    }),
  },
  {
    type: 'aws_s3_bucket_policy',
    attributes: { policy: implemented({ equivalent: samePolicy }) },
    apply(bucket, { policy }) {
      parsePolicy(String(policy))
      return { ...bucket, policy: String(policy) }
    },
    withdraw({ policy: _withdrawn, ...rest }) {
      return rest
    },
    read: ({ policy }, prior) => (policy === undefined ? undefined : { ...prior, policy }),
  },
  kept('aws_s3_bucket_public_access_block', {
    block_public_acls: ignored(noPublic, { default: false }),
    block_public_policy: ignored(noPublic, { default: false }),
    ignore_public_acls: ignored(noPublic, { default: false }),
    restrict_public_buckets: ignored(noPublic, { default: false }),
    skip_destroy: ignored(noPublic),
  }),
  kept('aws_s3_bucket_server_side_encryption_configuration', {
    rule: block({
      apply_server_side_encryption_by_default: block(
        { sse_algorithm: ignored(unencrypted), kms_master_key_id: ignored(unencrypted) },
        { maxItems: 1 },
      ),
      bucket_key_enabled: ignored(unencrypted),
      blocked_encryption_types: ignored(unencrypted),
    }),
  }),
  kept('aws_s3_bucket_ownership_controls', {
    rule: block(
      { object_ownership: ignored('there is one account, which owns every object') },
      { maxItems: 1 },
    ),
  }),
  {
    ...kept('aws_s3_bucket_acl', { acl: ignored('access is by policy') }),
    apply(bucket, planned) {
      checkAcl(bucket, text(planned.acl), planned.access_control_policy != null)
      return { ...bucket, settings: { ...bucket.settings, aws_s3_bucket_acl: planned } }
    },
  },
  kept('aws_s3_bucket_logging', {
    target_bucket: ignored(noLogs),
    target_prefix: ignored(noLogs),
    target_object_key_format: block(
      {
        partitioned_prefix: block({ partition_date_source: ignored(noLogs) }, { maxItems: 1 }),
        simple_prefix: block({}, { maxItems: 1 }),
      },
      { maxItems: 1 },
    ),
  }),
  kept('aws_s3_bucket_cors_configuration', {
    cors_rule: block({
      id: ignored('a name for people'),
      allowed_headers: implemented(),
      allowed_methods: implemented(),
      allowed_origins: implemented(),
      expose_headers: implemented(),
      max_age_seconds: implemented(),
    }),
  }),
  kept('aws_s3_bucket_lifecycle_configuration', {
    transition_default_minimum_object_size: ignored(noExpiry, { computed: true }),
    rule: block(lifecycleRule),
    timeouts: ignored('nothing here takes long enough to time out'),
  }),
]
