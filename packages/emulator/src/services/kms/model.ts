/** What KMS demands of a key, and how its API shows one. */
import type * as sdk from '@aws-sdk/client-kms'
import { readPolicy } from '../../policy-statements.ts'
import { invalidDays, malformedPolicy, unmanageableKey, unsupported } from './errors.ts'
import type { Key, NewKey } from './state.ts'

/** https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html */
export const rotationDays = { default: 365, min: 90, max: 2560 } as const
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const windowDays = { default: 30, min: 7, max: 30 } as const

export function checkDays(what: string, days: number, { min, max }: { min: number; max: number }): number {
  if (!Number.isInteger(days) || days < min || days > max) throw invalidDays(what, min, max)
  return days
}

/** Only symmetric keys for encryption: the kind that other services encrypt with. */
export function checkKey(key: NewKey): NewKey {
  if (key.usage !== 'ENCRYPT_DECRYPT') throw unsupported(`keys for ${key.usage}`)
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw unsupported(`keys of the kind ${key.spec}`)
  if (key.policy !== undefined) checkPolicy(key.policy)
  return key
}

/** A policy that lets no one change the policy again is refused: the key would be lost. */
export function checkPolicy(text: string, bypass = false): string {
  const policy = readPolicy(text)
  if (typeof policy === 'string') throw malformedPolicy()
  const managed = policy.statements.some(
    ({ Effect, Action }) =>
      Effect === 'Allow' &&
      [Action].flat().some((action) => action === 'kms:*' || action === 'kms:PutKeyPolicy'),
  )
  if (!managed && !bypass) throw unmanageableKey()
  return text
}

export const keyState = (key: Key): sdk.KeyState =>
  key.deletionAt !== undefined ? 'PendingDeletion' : key.enabled ? 'Enabled' : 'Disabled'

export const keyToWire = (key: Key, accountId: string): sdk.KeyMetadata => ({
  AWSAccountId: accountId,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.createdAt),
  Enabled: key.enabled,
  Description: key.description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: keyState(key),
  ...(key.deletionAt === undefined ? {} : { DeletionDate: new Date(key.deletionAt) }),
  Origin: 'AWS_KMS',
  KeyManager: 'CUSTOMER',
  KeySpec: 'SYMMETRIC_DEFAULT',
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: key.multiRegion,
})
