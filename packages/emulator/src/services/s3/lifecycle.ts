/** Rules of a lifecycle configuration in the API's shape and in Terraform's. https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
import type * as sdk from '@aws-sdk/client-s3'
import type { Attributes, Value } from '../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringMap } from '../../terraform/type/values.ts'

/** A block with what is given, or none. */
const block = (given: { readonly [name: string]: Value | undefined } | undefined): Value => {
  const known = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return given === undefined ? [] : [Object.fromEntries(known) as Attributes]
}

const dateIn = (date: Date | undefined) => date?.toISOString().replace('.000Z', 'Z')

export function lifecycleIn(rule: sdk.LifecycleRule): Attributes {
  const { Filter: filter, Expiration: expiration, NoncurrentVersionExpiration: old } = rule
  return {
    id: rule.ID ?? '',
    status: rule.Status ?? 'Enabled',
    ...(rule.Prefix === undefined ? {} : { prefix: rule.Prefix }),
    filter: block(
      filter && {
        prefix: filter.Prefix,
        object_size_greater_than: filter.ObjectSizeGreaterThan,
        object_size_less_than: filter.ObjectSizeLessThan,
        tag: block(filter.Tag && { key: filter.Tag.Key, value: filter.Tag.Value }),
        and: block(
          filter.And && {
            prefix: filter.And.Prefix,
            object_size_greater_than: filter.And.ObjectSizeGreaterThan,
            object_size_less_than: filter.And.ObjectSizeLessThan,
            tags: Object.fromEntries((filter.And.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
          },
        ),
      },
    ),
    expiration: block(
      expiration && {
        date: dateIn(expiration.Date),
        days: expiration.Days,
        expired_object_delete_marker: expiration.ExpiredObjectDeleteMarker,
      },
    ),
    abort_incomplete_multipart_upload: block(
      rule.AbortIncompleteMultipartUpload && {
        days_after_initiation: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
      },
    ),
    noncurrent_version_expiration: block(
      old && { noncurrent_days: old.NoncurrentDays, newer_noncurrent_versions: old.NewerNoncurrentVersions },
    ),
    noncurrent_version_transition: (rule.NoncurrentVersionTransitions ?? []).flatMap(
      (one) =>
        block({
          noncurrent_days: one.NoncurrentDays,
          newer_noncurrent_versions: one.NewerNoncurrentVersions,
          storage_class: one.StorageClass,
        }) as Value[],
    ),
    transition: (rule.Transitions ?? []).flatMap(
      (one) => block({ date: dateIn(one.Date), days: one.Days, storage_class: one.StorageClass }) as Value[],
    ),
  }
}

const number = (value: Value | undefined) => (value == null || value === '' ? undefined : Number(value))

/** Without the members that are not known. */
function known<T extends object>(members: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}

export function lifecycleOut(rule: Attributes): sdk.LifecycleRule {
  const expiration = firstBlock(rule.expiration)
  const abort = firstBlock(rule.abort_incomplete_multipart_upload)
  const old = firstBlock(rule.noncurrent_version_expiration)
  const transitions = blocks(rule.transition).map((one) =>
    known({
      Date: one.date ? new Date(String(one.date)) : undefined,
      Days: number(one.days),
      StorageClass: String(one.storage_class) as sdk.TransitionStorageClass,
    }),
  )
  const oldTransitions = blocks(rule.noncurrent_version_transition).map((one) =>
    known({
      NoncurrentDays: number(one.noncurrent_days),
      NewerNoncurrentVersions: number(one.newer_noncurrent_versions),
      StorageClass: String(one.storage_class) as sdk.TransitionStorageClass,
    }),
  )
  return known({
    ID: String(rule.id ?? ''),
    Status: String(rule.status) as sdk.ExpirationStatus,
    Prefix: rule.prefix ? String(rule.prefix) : undefined,
    Filter: rule.prefix ? undefined : filterOut(firstBlock(rule.filter)),
    Expiration:
      expiration &&
      known({
        Date: expiration.date ? new Date(String(expiration.date)) : undefined,
        Days: number(expiration.days) || undefined,
        ExpiredObjectDeleteMarker: expiration.expired_object_delete_marker === true ? true : undefined,
      }),
    AbortIncompleteMultipartUpload:
      abort && known({ DaysAfterInitiation: number(abort.days_after_initiation) }),
    NoncurrentVersionExpiration:
      old &&
      known({
        NoncurrentDays: number(old.noncurrent_days),
        NewerNoncurrentVersions: number(old.newer_noncurrent_versions) || undefined,
      }),
    Transitions: transitions.length > 0 ? transitions : undefined,
    NoncurrentVersionTransitions: oldTransitions.length > 0 ? oldTransitions : undefined,
  }) as sdk.LifecycleRule
}

function filterOut(filter: Attributes | undefined): sdk.LifecycleRuleFilter {
  const tag = firstBlock(filter?.tag)
  const and = firstBlock(filter?.and)
  if (and !== undefined) {
    return {
      And: known({
        Prefix: and.prefix ? String(and.prefix) : undefined,
        ObjectSizeGreaterThan: number(and.object_size_greater_than) || undefined,
        ObjectSizeLessThan: number(and.object_size_less_than) || undefined,
        Tags: Object.entries(stringMap(and.tags)).map(([Key, Value]) => ({ Key, Value })),
      }) as sdk.LifecycleRuleAndOperator,
    }
  }
  if (tag !== undefined) return { Tag: { Key: String(tag.key), Value: String(tag.value) } }
  const greater = number(filter?.object_size_greater_than)
  if (greater) return { ObjectSizeGreaterThan: greater }
  const less = number(filter?.object_size_less_than)
  return less ? { ObjectSizeLessThan: less } : { Prefix: String(filter?.prefix ?? '') }
}
