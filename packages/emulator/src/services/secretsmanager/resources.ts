/** Terraform's view of Secrets Manager. */
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import { CURRENT, deletionTime, moveStage, removeStage, type SecretValue } from './model.ts'
import type { SecretsManagerState } from './state.ts'

export { createDataSourceTypes, createEphemeralTypes } from './data-sources.ts'

export function createResourceTypes(secrets: SecretsManagerState, now: () => number): ResourceType[] {
  return [secretType(secrets, now), versionType(secrets), policyType(secrets), rotation]
}

function secretType(secrets: SecretsManagerState, now: () => number): ResourceType {
  const settings = (planned: Attributes) => ({
    description: text(planned.description),
    kmsKeyId: text(planned.kms_key_id),
    policy: text(planned.policy),
    tags: stringMap(planned.tags_all ?? planned.tags),
  })
  const present = (planned: Attributes, arn: string, name: string): Attributes => ({
    ...planned,
    id: arn,
    arn,
    name,
  })
  return {
    type: 'aws_secretsmanager_secret',
    attributes: {
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true }),
      description: implemented(),
      kms_key_id: implemented(),
      policy: implemented({ computed: true, equivalent: samePolicy }),
      recovery_window_in_days: implemented({ default: 30 }),
      force_overwrite_replica_secret: ignored('the emulator has no other regions to replicate to'),
      replica: block(
        { region: ignored('no other regions'), kms_key_id: ignored('no other regions') },
        { set: true },
      ),
      tags: implemented(),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    create(planned) {
      const name = text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${now()}`
      const secret = secrets.create({ name, ...settings(planned) })
      secrets.save({ ...secret, ...settings(planned) })
      return present(planned, secret.arn, secret.name)
    },
    update(planned, prior) {
      const secret = secrets.find(String(prior.arn))
      secrets.save({ ...secret, ...settings(planned), changedAt: now() })
      return present({ ...prior, ...planned }, secret.arn, secret.name)
    },
    read(prior) {
      const secret = secrets.get(String(prior.arn))
      return secret === undefined || secret.deletion ? undefined : prior
    },
    import(arn) {
      const secret = secrets.get(arn)
      if (secret === undefined || secret.deletion) return undefined
      const { name, description = null, kmsKeyId = null, policy = null, tags } = secret
      return present({ description, kms_key_id: kmsKeyId, policy, tags_all: { ...tags } }, secret.arn, name)
    },
    delete(prior) {
      const secret = secrets.get(String(prior.arn))
      if (secret === undefined) return
      const days = Number(prior.recovery_window_in_days ?? 30)
      // Zero is the provider's way to ask for a deletion without recovery.
      if (days === 0) secrets.remove(secret.arn)
      else secrets.save({ ...secret, deletion: { askedAt: now(), at: deletionTime(now(), days, false) } })
    },
  }
}

function versionType(secrets: SecretsManagerState): ResourceType {
  return {
    type: 'aws_secretsmanager_secret_version',
    attributes: {
      secret_id: implemented({ forceNew: true }),
      secret_string: implemented({ forceNew: true }),
      secret_string_wo: implemented({ writeOnly: true }),
      secret_string_wo_version: implemented({ forceNew: true }),
      secret_binary: implemented({ forceNew: true }),
      version_stages: implemented({ computed: true, set: true }),
      arn: computed(),
      version_id: computed(),
      has_secret_string_wo: computed(),
      id: computed(),
    },
    create(planned) {
      const stages = Array.isArray(planned.version_stages) ? planned.version_stages.map(String) : [CURRENT]
      const { secret, versionId } = secrets.put(
        secrets.find(String(planned.secret_id)),
        valueIn(planned),
        undefined,
        stages,
      )
      return {
        ...planned,
        id: `${secret.arn}|${versionId}`,
        arn: secret.arn,
        version_id: versionId,
        version_stages: [...(secret.versions[versionId]?.stages ?? [])],
        has_secret_string_wo: planned.secret_string_wo !== undefined && planned.secret_string_wo !== null,
      }
    },
    /** Only the stages can change: a version keeps its value. */
    update(planned, prior) {
      const secret = secrets.find(String(prior.arn))
      const versionId = String(prior.version_id)
      const stages = Array.isArray(planned.version_stages) ? planned.version_stages.map(String) : [CURRENT]
      const present = secret.versions[versionId]?.stages ?? []
      let versions = stages.reduce((moved, stage) => moveStage(moved, stage, versionId), secret.versions)
      for (const stage of present) {
        if (!stages.includes(stage)) versions = removeStage(versions, stage, versionId)
      }
      secrets.save({ ...secret, versions })
      return { ...prior, ...planned, version_stages: [...(versions[versionId]?.stages ?? [])] }
    },
    read(prior) {
      const secret = secrets.get(String(prior.arn))
      const version = secret?.versions[String(prior.version_id)]
      // Without a stage a version is deprecated: it may go at any time.
      return version === undefined || version.stages.length === 0 ? undefined : prior
    },
    delete(prior) {
      const secret = secrets.get(String(prior.arn))
      const versionId = String(prior.version_id)
      if (secret === undefined || secret.deletion) return
      // AWSCURRENT cannot be taken away: that version goes with its secret.
      const stages = secret.versions[versionId]?.stages.filter((stage) => stage !== CURRENT) ?? []
      const versions = stages.reduce((rest, stage) => removeStage(rest, stage, versionId), secret.versions)
      secrets.save({ ...secret, versions })
    },
  }
}

function policyType(secrets: SecretsManagerState): ResourceType {
  const put = (planned: Attributes): Attributes => {
    const secret = secrets.find(String(planned.secret_arn))
    secrets.save({ ...secret, policy: String(planned.policy) })
    return { ...planned, id: secret.arn, secret_arn: secret.arn }
  }
  return {
    type: 'aws_secretsmanager_secret_policy',
    attributes: {
      secret_arn: implemented({ forceNew: true }),
      policy: implemented({ equivalent: samePolicy }),
      block_public_policy: ignored('the emulator has one account'),
      id: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    delete(prior) {
      const secret = secrets.get(String(prior.secret_arn))
      if (secret) secrets.save({ ...secret, policy: undefined })
    },
  }
}

const unrotated = 'secrets are not rotated here: a rotation is a declared gap'
const rotation = recordType({
  type: 'aws_secretsmanager_secret_rotation',
  attributes: {
    secret_id: implemented({ forceNew: true }),
    rotate_immediately: ignored(unrotated, { default: true }),
    rotation_lambda_arn: ignored(unrotated),
    rotation_rules: block(
      {
        automatically_after_days: ignored(unrotated),
        duration: ignored(unrotated),
        schedule_expression: ignored(unrotated),
      },
      { maxItems: 1 },
    ),
    rotation_enabled: computed(),
    id: computed(),
  },
  compute: (planned) => ({ id: planned.secret_id ?? null, rotation_enabled: true }),
})

function valueIn(planned: Attributes): SecretValue {
  const string = planned.secret_string_wo ?? planned.secret_string
  if (string !== undefined && string !== null) return { string: String(string) }
  if (typeof planned.secret_binary === 'string') return { binary: planned.secret_binary }
  throw new Error('a secret version needs one of secret_string, secret_string_wo and secret_binary')
}
