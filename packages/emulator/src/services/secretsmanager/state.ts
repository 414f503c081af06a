/** The secrets of the emulator: found by ARN or name, made, changed, and deleted once their recovery window is over. */
import type { EmulatorContext } from '../../service.ts'
import {
  nameScheduledForDeletion,
  secretDeleted,
  secretExists,
  secretNotFound,
  valueNotFound,
} from './errors.ts'
import {
  CURRENT,
  checkName,
  putVersion,
  type Secret,
  type SecretValue,
  type SecretVersion,
  versionAt,
} from './model.ts'

export interface SecretsManagerState {
  all(): Secret[]
  /** By ARN, ARN without its suffix, or name; secrets that wait for their deletion included. */
  get(secretId: string): Secret | undefined
  /** Throws where there is none, or where it waits for its deletion. */
  find(secretId: string): Secret
  create(options: {
    name: string
    description?: string | undefined
    kmsKeyId?: string | undefined
    tags?: Readonly<Record<string, string>> | undefined
    owningService?: string | undefined
  }): Secret
  save(secret: Secret): Secret
  /** Adds a version; AWSCURRENT by default. */
  put(
    secret: Secret,
    value: SecretValue,
    versionId?: string,
    stages?: readonly string[],
  ): { secret: Secret; versionId: string }
  /** The version with this id, or at this stage; AWSCURRENT by default. */
  version(secret: Secret, versionId?: string, stage?: string): { id: string; version: SecretVersion }
  remove(arn: string): void
}

export function createState(context: EmulatorContext): SecretsManagerState {
  const { accountId, region, clock, ids } = context
  const secrets = context.store.collection<Secret>('secretsmanager.secrets')
  const prefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`

  const get = (secretId: string): Secret | undefined => {
    const name = secretId.startsWith(prefix) ? secretId.slice(prefix.length) : secretId
    const secret =
      secrets.get(secretId) ??
      secrets
        .values()
        .find((other) => other.name === name || other.arn.slice(0, -'-ABCDEF'.length) === secretId)
    if (secret?.deletion === undefined || clock.now() < secret.deletion.at) return secret
    secrets.delete(secret.arn)
    return undefined
  }
  const save = (secret: Secret) => {
    secrets.put(secret.arn, secret)
    return secret
  }

  return {
    all: () => secrets.values().filter(({ arn }) => get(arn) !== undefined),
    get,
    find(secretId) {
      const secret = get(secretId)
      if (secret === undefined) throw secretNotFound()
      if (secret.deletion !== undefined) throw secretDeleted()
      return secret
    },
    create({ name, description, kmsKeyId, tags, owningService }) {
      checkName(name)
      const existing = get(name)
      if (existing) throw existing.deletion ? nameScheduledForDeletion() : secretExists(name)
      const now = clock.now()
      return save({
        arn: `${prefix}${name}-${ids.upper('', 6)}`,
        name,
        description,
        kmsKeyId,
        tags: tags ?? {},
        owningService,
        policy: undefined,
        createdAt: now,
        changedAt: now,
        accessedAt: undefined,
        deletion: undefined,
        versions: {},
      })
    },
    save,
    put(secret, value, versionId = ids.uuid(), stages = [CURRENT]) {
      return { secret: save(putVersion(secret, versionId, value, stages, clock.now())), versionId }
    },
    version(secret, versionId, stage) {
      const id = versionId ?? versionAt(secret.versions, stage ?? CURRENT)
      const version = id === undefined ? undefined : secret.versions[id]
      if (id === undefined || version === undefined) {
        throw valueNotFound(versionId ? `VersionId: ${versionId}` : `staging label: ${stage ?? CURRENT}`)
      }
      if (stage !== undefined && !version.stages.includes(stage))
        throw valueNotFound(`staging label: ${stage}`)
      return { id, version }
    },
    remove: (arn) => void secrets.delete(arn),
  }
}
