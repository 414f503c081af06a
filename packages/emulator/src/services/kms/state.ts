/** The keys and aliases of KMS, as records: nothing is encrypted by them. */
import type { EmulatorContext } from '../../service.ts'
import type { Collection } from '../../store.ts'
import { aliasExists, disabledKey, invalidAlias, keyNotFound, keyPendingDeletion } from './errors.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export interface Key {
  readonly id: string
  readonly arn: string
  readonly description: string
  readonly usage: string
  readonly spec: string
  readonly multiRegion: boolean
  readonly policy: string
  readonly enabled: boolean
  /** Days between rotations; absent while rotation is off. */
  readonly rotationDays?: number
  readonly createdAt: number
  /** When it will be gone; absent while no deletion is scheduled. */
  readonly deletionAt?: number
  readonly tags: Readonly<Record<string, string>>
}

export interface Alias {
  /** With its `alias/`. */
  readonly name: string
  readonly arn: string
  readonly keyId: string
  readonly createdAt: number
  readonly updatedAt: number
}

export interface NewKey {
  readonly description: string
  readonly usage: string
  readonly spec: string
  readonly multiRegion: boolean
  /** Undefined for AWS's default: the account, and whom its IAM policies admit. */
  readonly policy: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export interface KmsState {
  keys(): Key[]
  aliases(keyId?: string): Alias[]
  /** By id, ARN, alias or ARN of an alias; undefined where there is none. */
  look(reference: string): Key | undefined
  /** The same; throws where there is none. */
  find(reference: string | undefined): Key
  /** The same; throws for a key that is to be deleted, or, with `enabled`, one that is disabled. */
  usable(reference: string | undefined, options?: { enabled: boolean }): Key
  alias(name: string): Alias | undefined
  createKey(key: NewKey): Key
  save(key: Key): void
  /** Deletes it after that many days of AWS's time; its aliases stay until then. */
  scheduleDeletion(key: Key, days: number): Key
  /** Makes the alias, or points it to another key with `replace`. */
  setAlias(name: string, keyId: string, options?: { replace: boolean }): Alias
  deleteAlias(name: string): void
}

const dayMs = 24 * 60 * 60 * 1000

export function createState({ store, ids, clock, accountId, region }: EmulatorContext): KmsState {
  const keys: Collection<Key> = store.collection('kms.keys')
  const aliases: Collection<Alias> = store.collection('kms.aliases')
  const arn = (resource: string) => `arn:aws:kms:${region}:${accountId}:${resource}`
  const removeAliases = (keyId: string) => {
    for (const alias of aliases.values()) if (alias.keyId === keyId) aliases.delete(alias.name)
  }
  /** Forgets the keys whose waiting period is over. */
  const current = (): Key[] => {
    for (const { id, deletionAt } of keys.values()) {
      if (deletionAt === undefined || deletionAt > clock.now()) continue
      keys.delete(id)
      removeAliases(id)
    }
    return keys.values()
  }
  const state: KmsState = {
    keys: current,
    aliases: (keyId) => aliases.values().filter((alias) => keyId === undefined || alias.keyId === keyId),
    look(reference) {
      const name = reference.startsWith('arn:') ? reference.slice(reference.lastIndexOf(':') + 1) : reference
      const id = name.startsWith('alias/') ? aliases.get(name)?.keyId : name.replace(/^key\//, '')
      return current().find((key) => key.id === id)
    },
    find(reference = '') {
      const found = state.look(reference)
      if (found === undefined)
        throw keyNotFound(reference.includes(':') ? reference : arn(`key/${reference}`))
      return found
    },
    usable(reference, { enabled } = { enabled: false }) {
      const key = state.find(reference)
      if (key.deletionAt !== undefined) throw keyPendingDeletion(key.arn)
      if (enabled && !key.enabled) throw disabledKey(key.arn)
      return key
    },
    alias: (name) => aliases.get(name),
    createKey({ policy, ...rest }) {
      const id = ids.uuid()
      const key: Key = {
        ...rest,
        id,
        arn: arn(`key/${id}`),
        policy: policy ?? defaultPolicy(accountId),
        enabled: true,
        createdAt: clock.now(),
      }
      keys.put(id, key)
      return key
    },
    save: (key) => keys.put(key.id, key),
    scheduleDeletion(key, days) {
      const scheduled = {
        ...key,
        enabled: false,
        deletionAt: clock.now() + Math.round(clock.toReal(days * dayMs)),
      }
      keys.put(key.id, scheduled)
      return scheduled
    },
    setAlias(name, keyId, { replace } = { replace: false }) {
      if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name) || name.startsWith('alias/aws/'))
        throw invalidAlias(name)
      const known = aliases.get(name)
      const aliasArn = arn(name)
      if (known !== undefined && !replace) throw aliasExists(aliasArn)
      if (known === undefined && replace) throw keyNotFound(aliasArn)
      const { id } = state.usable(keyId)
      const now = clock.now()
      const alias = { name, arn: aliasArn, keyId: id, createdAt: known?.createdAt ?? now, updatedAt: now }
      aliases.put(name, alias)
      return alias
    },
    deleteAlias(name) {
      if (!aliases.delete(name)) throw keyNotFound(arn(name))
    },
  }
  return state
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const defaultPolicy = (accountId: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })
