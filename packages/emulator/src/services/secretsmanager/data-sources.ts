/** Secrets that Terraform reads, and values that exist only while it applies. */
import {
  type Attributes,
  computed,
  type DataSourceType,
  type EphemeralType,
  implemented,
} from '../../terraform/type/resource-type.ts'
import { randomPassword } from './random-password.ts'
import type { SecretsManagerState } from './state.ts'

const passwordAttributes = {
  password_length: implemented({ default: 32 }),
  exclude_characters: implemented(),
  exclude_lowercase: implemented(),
  exclude_numbers: implemented(),
  exclude_punctuation: implemented(),
  exclude_uppercase: implemented(),
  include_space: implemented(),
  require_each_included_type: implemented(),
  random_password: computed(),
}

function password(config: Attributes): Attributes {
  const flag = (name: string) => config[name] === true
  const options = {
    length: Number(config.password_length ?? 32),
    excludeCharacters: typeof config.exclude_characters === 'string' ? config.exclude_characters : '',
    excludeLowercase: flag('exclude_lowercase'),
    excludeNumbers: flag('exclude_numbers'),
    excludePunctuation: flag('exclude_punctuation'),
    excludeUppercase: flag('exclude_uppercase'),
    includeSpace: flag('include_space'),
    // The provider sends false where the configuration is silent.
    requireEachIncludedType: flag('require_each_included_type'),
  }
  return { ...config, random_password: randomPassword(options) }
}

const versionAttributes = {
  secret_id: implemented(),
  version_id: implemented({ computed: true }),
  version_stage: implemented({ default: 'AWSCURRENT' }),
  arn: computed(),
  created_date: computed(),
  secret_string: computed(),
  secret_binary: computed(),
  version_stages: computed(),
}

function secretVersion(secrets: SecretsManagerState, config: Attributes): Attributes {
  const secret = secrets.find(String(config.secret_id))
  const versionId = typeof config.version_id === 'string' ? config.version_id : undefined
  const stage = versionId === undefined ? String(config.version_stage ?? 'AWSCURRENT') : undefined
  const { id, version } = secrets.version(secret, versionId, stage)
  return {
    ...config,
    arn: secret.arn,
    version_id: id,
    version_stages: [...version.stages],
    created_date: new Date(version.createdAt).toISOString(),
    secret_string: 'string' in version.value ? version.value.string : '',
    secret_binary: 'binary' in version.value ? version.value.binary : '',
  }
}

export function createDataSourceTypes(secrets: SecretsManagerState): DataSourceType[] {
  return [
    {
      type: 'aws_secretsmanager_random_password',
      attributes: { ...passwordAttributes, id: computed() },
      read: (config) => {
        const made = password(config)
        return { ...made, id: made.random_password ?? null }
      },
    },
    {
      type: 'aws_secretsmanager_secret',
      attributes: {
        arn: implemented({ computed: true }),
        name: implemented({ computed: true }),
        description: computed(),
        kms_key_id: computed(),
        policy: computed(),
        created_date: computed(),
        last_changed_date: computed(),
        tags: computed(),
        id: computed(),
      },
      read(config) {
        const secret = secrets.find(String(config.arn ?? config.name))
        return {
          id: secret.arn,
          arn: secret.arn,
          name: secret.name,
          description: secret.description ?? '',
          kms_key_id: secret.kmsKeyId ?? '',
          policy: secret.policy ?? '',
          created_date: new Date(secret.createdAt).toISOString(),
          last_changed_date: new Date(secret.changedAt).toISOString(),
          tags: { ...secret.tags },
        }
      },
    },
    {
      type: 'aws_secretsmanager_secret_version',
      attributes: { ...versionAttributes, id: computed() },
      read(config) {
        const version = secretVersion(secrets, config)
        return { ...version, id: `${version.arn}|${version.version_id}` }
      },
    },
  ]
}

export function createEphemeralTypes(secrets: SecretsManagerState): EphemeralType[] {
  return [
    { type: 'aws_secretsmanager_random_password', attributes: passwordAttributes, open: password },
    {
      type: 'aws_secretsmanager_secret_version',
      attributes: versionAttributes,
      open: (config) => secretVersion(secrets, config),
    },
  ]
}
