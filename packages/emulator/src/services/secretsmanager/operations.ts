/** Secrets Manager's API. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-secrets-manager'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalidNextToken, invalidParameter, secretNotFound } from './errors.ts'
import {
  checkUnmanaged,
  deletionTime,
  moveStage,
  removeStage,
  type Secret,
  type SecretValue,
} from './model.ts'
import { randomPassword } from './random-password.ts'
import type { SecretsManagerState } from './state.ts'

export function createOperations(secrets: SecretsManagerState, now: () => number) {
  const currentValue = (secretId: string, versionId?: string, stage?: string) => {
    const secret = secrets.find(secretId)
    const { id, version } = secrets.version(secret, versionId, stage)
    secrets.save({ ...secret, accessedAt: now() })
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: id,
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdAt),
      ...('string' in version.value
        ? { SecretString: version.value.string }
        : { SecretBinary: Buffer.from(version.value.binary, 'base64') }),
    }
  }
  const writable = (secretId = '') => {
    const secret = secrets.find(secretId)
    checkUnmanaged(secret)
    return secret
  }

  return {
    CreateSecret(input) {
      const value = valueIn(input)
      const created = secrets.create({
        name: input.Name ?? '',
        description: input.Description,
        kmsKeyId: input.KmsKeyId,
        tags: tagsIn(input.Tags),
      })
      const versionId = value && secrets.put(created, value, input.ClientRequestToken).versionId
      return { ARN: created.arn, Name: created.name, ...(versionId ? { VersionId: versionId } : {}) }
    },

    GetSecretValue: ({ SecretId = '', VersionId, VersionStage }) =>
      currentValue(SecretId, VersionId, VersionStage),

    BatchGetSecretValue({ SecretIdList = [] }) {
      const results = SecretIdList.map((secretId) => {
        try {
          return { value: currentValue(secretId) }
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          return { error: { SecretId: secretId, ErrorCode: error.code, Message: error.message } }
        }
      })
      return {
        SecretValues: results.flatMap(({ value }) => value ?? []),
        Errors: results.flatMap(({ error }) => error ?? []),
      }
    },

    PutSecretValue(input) {
      const value = valueIn(input)
      if (value === undefined) throw invalidParameter('You must provide either SecretString or SecretBinary.')
      const { secret, versionId } = secrets.put(
        writable(input.SecretId),
        value,
        input.ClientRequestToken,
        input.VersionStages,
      )
      const stages = secret.versions[versionId]?.stages ?? []
      return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages: [...stages] }
    },

    UpdateSecret(input) {
      const found = writable(input.SecretId)
      const secret = secrets.save({
        ...found,
        description: input.Description ?? found.description,
        kmsKeyId: input.KmsKeyId ?? found.kmsKeyId,
        changedAt: now(),
      })
      const value = valueIn(input)
      const versionId = value && secrets.put(secret, value, input.ClientRequestToken).versionId
      return { ARN: secret.arn, Name: secret.name, ...(versionId ? { VersionId: versionId } : {}) }
    },

    UpdateSecretVersionStage({ SecretId, VersionStage = '', RemoveFromVersionId, MoveToVersionId }) {
      const secret = writable(SecretId)
      if (MoveToVersionId !== undefined && secret.versions[MoveToVersionId] === undefined)
        throw secretNotFound()
      const versions =
        MoveToVersionId === undefined
          ? removeStage(secret.versions, VersionStage, RemoveFromVersionId ?? '')
          : moveStage(secret.versions, VersionStage, MoveToVersionId)
      secrets.save({ ...secret, versions, changedAt: now() })
      return { ARN: secret.arn, Name: secret.name }
    },

    DescribeSecret({ SecretId = '' }) {
      const secret = secrets.get(SecretId)
      if (secret === undefined) throw secretNotFound()
      return { ...described(secret), VersionIdsToStages: stagesOf(secret) }
    },

    ListSecrets({ Filters = [], MaxResults = 100, NextToken, IncludePlannedDeletion = false, SortOrder }) {
      const found = secrets
        .all()
        .filter(({ deletion }) => deletion === undefined || IncludePlannedDeletion)
        .filter((secret) => Filters.every((filter) => matches(secret, filter)))
        .sort((a, b) => (SortOrder === 'asc' ? a.createdAt - b.createdAt : b.createdAt - a.createdAt))
      const { items, next } = pageOf(found, NextToken, MaxResults, invalidNextToken)
      const SecretList = items.map((secret) => ({
        ...described(secret),
        SecretVersionsToStages: stagesOf(secret),
      }))
      return { SecretList, ...(next ? { NextToken: next } : {}) }
    },

    ListSecretVersionIds({ SecretId = '', IncludeDeprecated = false, MaxResults = 100, NextToken }) {
      const secret = secrets.find(SecretId)
      const all = Object.entries(secret.versions).filter(
        ([, { stages }]) => stages.length > 0 || IncludeDeprecated,
      )
      const { items, next } = pageOf(all, NextToken, MaxResults, invalidNextToken)
      const Versions = items.map(([VersionId, { stages, createdAt }]) => ({
        VersionId,
        VersionStages: [...stages],
        CreatedDate: new Date(createdAt),
      }))
      return { Versions, ARN: secret.arn, Name: secret.name, ...(next ? { NextToken: next } : {}) }
    },

    DeleteSecret({ SecretId = '', RecoveryWindowInDays, ForceDeleteWithoutRecovery }) {
      const secret = writable(SecretId)
      const at = deletionTime(now(), RecoveryWindowInDays, ForceDeleteWithoutRecovery)
      if (ForceDeleteWithoutRecovery) secrets.remove(secret.arn)
      else secrets.save({ ...secret, deletion: { askedAt: now(), at } })
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(at) }
    },

    RestoreSecret({ SecretId = '' }) {
      const secret = secrets.get(SecretId)
      if (secret === undefined) throw secretNotFound()
      secrets.save({ ...secret, deletion: undefined })
      return { ARN: secret.arn, Name: secret.name }
    },

    GetResourcePolicy({ SecretId = '' }) {
      const { arn, name, policy } = secrets.find(SecretId)
      return { ARN: arn, Name: name, ...(policy === undefined ? {} : { ResourcePolicy: policy }) }
    },
    PutResourcePolicy({ SecretId = '', ResourcePolicy }) {
      const { arn, name } = secrets.save({ ...secrets.find(SecretId), policy: ResourcePolicy })
      return { ARN: arn, Name: name }
    },
    DeleteResourcePolicy({ SecretId = '' }) {
      const { arn, name } = secrets.save({ ...secrets.find(SecretId), policy: undefined })
      return { ARN: arn, Name: name }
    },

    TagResource({ SecretId = '', Tags }) {
      const secret = secrets.find(SecretId)
      secrets.save({ ...secret, tags: { ...secret.tags, ...tagsIn(Tags) } })
      return {}
    },
    UntagResource({ SecretId = '', TagKeys = [] }) {
      const secret = secrets.find(SecretId)
      const kept = Object.entries(secret.tags).filter(([key]) => !TagKeys.includes(key))
      secrets.save({ ...secret, tags: Object.fromEntries(kept) })
      return {}
    },

    GetRandomPassword: (input) => ({
      RandomPassword: randomPassword({
        length: input.PasswordLength,
        excludeCharacters: input.ExcludeCharacters,
        excludeNumbers: input.ExcludeNumbers,
        excludePunctuation: input.ExcludePunctuation,
        excludeUppercase: input.ExcludeUppercase,
        excludeLowercase: input.ExcludeLowercase,
        includeSpace: input.IncludeSpace,
        requireEachIncludedType: input.RequireEachIncludedType,
      }),
    }),
  } satisfies Operations<typeof sdk>
}

function valueIn(input: {
  SecretString?: string | undefined
  SecretBinary?: Uint8Array | undefined
}): SecretValue | undefined {
  if (input.SecretString !== undefined && input.SecretBinary !== undefined) {
    throw invalidParameter("You can't provide both SecretString and SecretBinary.")
  }
  if (input.SecretString !== undefined) return { string: input.SecretString }
  return input.SecretBinary && { binary: Buffer.from(input.SecretBinary).toString('base64') }
}

const tagsIn = (tags: sdk.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

const stagesOf = (secret: Secret): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(secret.versions).flatMap(([id, { stages }]) =>
      stages.length > 0 ? [[id, [...stages]]] : [],
    ),
  )

function described(secret: Secret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
    ...(secret.owningService === undefined ? {} : { OwningService: secret.owningService }),
    ...(secret.accessedAt === undefined ? {} : { LastAccessedDate: new Date(secret.accessedAt) }),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion.at) }),
  }
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
function matches(secret: Secret, { Key, Values = [] }: sdk.Filter): boolean {
  const own: Readonly<Record<string, readonly string[]>> = {
    name: [secret.name],
    description: [secret.description ?? ''],
    'owning-service': [secret.owningService ?? ''],
    'tag-key': Object.keys(secret.tags),
    'tag-value': Object.values(secret.tags),
  }
  const candidates = Key === 'all' ? Object.values(own).flat() : own[Key ?? '']
  if (candidates === undefined)
    throw invalidParameter(`The filter key ${Key} is not one that this emulator knows.`)
  return Values.some((value) =>
    value.startsWith('!')
      ? candidates.every((candidate) => !candidate.startsWith(value.slice(1)))
      : candidates.some((candidate) => candidate.startsWith(value)),
  )
}
