/** KMS's API, as far as keys are kept: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-kms'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalidMarker, notPendingDeletion } from './errors.ts'
import { checkDays, checkKey, checkPolicy, keyState, keyToWire, rotationDays, windowDays } from './model.ts'
import type { Key, KmsState } from './state.ts'

const pageSize = 100

export function createOperations(state: KmsState, accountId: string) {
  const page = <T>(items: readonly T[], marker: string | undefined, limit: number | undefined) => {
    const { items: found, next } = pageOf(items, marker, limit ?? pageSize, invalidMarker)
    return { found, more: { Truncated: next !== undefined, ...(next ? { NextMarker: next } : {}) } }
  }
  const change = (reference: string | undefined, changes: (key: Key) => Key) => {
    state.save(changes(state.usable(reference)))
    return {}
  }
  const tagsOf = (tags: readonly sdk.Tag[] | undefined) =>
    Object.fromEntries((tags ?? []).map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]))

  return {
    CreateKey({ Description, KeyUsage, KeySpec, CustomerMasterKeySpec, MultiRegion, Policy, Tags }) {
      const key = state.createKey(
        checkKey({
          description: Description ?? '',
          usage: KeyUsage ?? 'ENCRYPT_DECRYPT',
          spec: KeySpec ?? CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
          multiRegion: MultiRegion ?? false,
          policy: Policy,
          tags: tagsOf(Tags),
        }),
      )
      return { KeyMetadata: keyToWire(key, accountId) }
    },
    DescribeKey: ({ KeyId }) => ({ KeyMetadata: keyToWire(state.find(KeyId), accountId) }),
    ListKeys({ Marker, Limit }) {
      const { found, more } = page(state.keys(), Marker, Limit)
      return { Keys: found.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more }
    },
    UpdateKeyDescription: ({ KeyId, Description = '' }) =>
      change(KeyId, (key) => ({ ...key, description: Description })),
    EnableKey: ({ KeyId }) => change(KeyId, (key) => ({ ...key, enabled: true })),
    DisableKey: ({ KeyId }) => change(KeyId, (key) => ({ ...key, enabled: false })),
    ScheduleKeyDeletion({ KeyId, PendingWindowInDays = windowDays.default }) {
      const days = checkDays('PendingWindowInDays', PendingWindowInDays, windowDays)
      const key = state.scheduleDeletion(state.usable(KeyId), days)
      return {
        KeyId: key.arn,
        KeyState: keyState(key),
        PendingWindowInDays: days,
        ...(key.deletionAt === undefined ? {} : { DeletionDate: new Date(key.deletionAt) }),
      }
    },
    CancelKeyDeletion({ KeyId }) {
      const key = state.find(KeyId)
      if (key.deletionAt === undefined) throw notPendingDeletion(key.arn)
      const { deletionAt: _, ...kept } = key
      state.save(kept)
      return { KeyId: key.arn }
    },

    GetKeyPolicy: ({ KeyId }) => ({ Policy: state.find(KeyId).policy, PolicyName: 'default' }),
    PutKeyPolicy: ({ KeyId, Policy = '', BypassPolicyLockoutSafetyCheck }) =>
      change(KeyId, (key) => ({ ...key, policy: checkPolicy(Policy, BypassPolicyLockoutSafetyCheck) })),
    ListKeyPolicies({ KeyId }) {
      state.find(KeyId)
      return { PolicyNames: ['default'], Truncated: false }
    },

    EnableKeyRotation: ({ KeyId, RotationPeriodInDays = rotationDays.default }) =>
      change(KeyId, (key) => ({
        ...key,
        rotationDays: checkDays('RotationPeriodInDays', RotationPeriodInDays, rotationDays),
      })),
    DisableKeyRotation: ({ KeyId }) => change(KeyId, ({ rotationDays: _, ...key }) => key),
    GetKeyRotationStatus({ KeyId }) {
      const { id, rotationDays: days } = state.find(KeyId)
      return {
        KeyId: id,
        KeyRotationEnabled: days !== undefined,
        ...(days === undefined ? {} : { RotationPeriodInDays: days }),
      }
    },

    CreateAlias({ AliasName = '', TargetKeyId = '' }) {
      state.setAlias(AliasName, TargetKeyId)
      return {}
    },
    UpdateAlias({ AliasName = '', TargetKeyId = '' }) {
      state.setAlias(AliasName, TargetKeyId, { replace: true })
      return {}
    },
    DeleteAlias({ AliasName = '' }) {
      state.deleteAlias(AliasName)
      return {}
    },
    ListAliases({ KeyId, Marker, Limit }) {
      const { found, more } = page(
        state.aliases(KeyId === undefined ? undefined : state.find(KeyId).id),
        Marker,
        Limit,
      )
      const Aliases = found.map(({ name, arn, keyId, createdAt, updatedAt }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: keyId,
        CreationDate: new Date(createdAt),
        LastUpdatedDate: new Date(updatedAt),
      }))
      return { Aliases, ...more }
    },

    TagResource: ({ KeyId, Tags }) =>
      change(KeyId, (key) => ({ ...key, tags: { ...key.tags, ...tagsOf(Tags) } })),
    UntagResource: ({ KeyId, TagKeys = [] }) =>
      change(KeyId, (key) => ({
        ...key,
        tags: Object.fromEntries(Object.entries(key.tags).filter(([name]) => !TagKeys.includes(name))),
      })),
    ListResourceTags: ({ KeyId }) => ({
      Tags: Object.entries(state.find(KeyId).tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      Truncated: false,
    }),
  } satisfies Operations<typeof sdk>
}
