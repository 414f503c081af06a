/** Terraform's view of KMS: keys and aliases. */
import {
  type Attributes,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { number, stringMap, text } from '../../terraform/type/values.ts'
import { keyNotFound } from './errors.ts'
import { checkDays, checkKey, checkPolicy, keyState, rotationDays, windowDays } from './model.ts'
import type { Alias, Key, KmsState } from './state.ts'

const replaced = { forceNew: true } as const

export function createResourceTypes(state: KmsState): ResourceType[] {
  return [keyType(state), aliasType(state)]
}

function keyType(state: KmsState): ResourceType {
  const apply = (key: Key, planned: Attributes): Attributes => {
    const { rotationDays: _, ...rest } = key
    const policy = text(planned.policy)
    const saved: Key = {
      ...rest,
      description: text(planned.description) ?? '',
      enabled: planned.is_enabled !== false,
      tags: stringMap(planned.tags_all ?? planned.tags),
      ...(policy === undefined
        ? {}
        : { policy: checkPolicy(policy, planned.bypass_policy_lockout_safety_check === true) }),
      ...rotationOf(planned),
    }
    state.save(saved)
    return { ...planned, ...attributesOf(saved) }
  }
  return {
    type: 'aws_kms_key',
    attributes: {
      description: implemented({ computed: true }),
      policy: implemented({ computed: true, equivalent: samePolicy }),
      bypass_policy_lockout_safety_check: implemented({ default: false }),
      enable_key_rotation: implemented({ default: false }),
      rotation_period_in_days: implemented({ computed: true }),
      is_enabled: implemented({ default: true }),
      deletion_window_in_days: implemented(),
      key_usage: implemented({ ...replaced, default: 'ENCRYPT_DECRYPT' }),
      customer_master_key_spec: implemented({ ...replaced, default: 'SYMMETRIC_DEFAULT' }),
      multi_region: implemented({ ...replaced, computed: true }),
      custom_key_store_id: ignored('there are no custom key stores', replaced),
      xks_key_id: ignored('there are no external key stores', replaced),
      tags: implemented(),
      tags_all: computed(),
      id: computed(),
      arn: computed(),
      key_id: computed(),
    },
    create(planned) {
      const key = state.createKey(
        checkKey({
          description: text(planned.description) ?? '',
          usage: text(planned.key_usage) ?? 'ENCRYPT_DECRYPT',
          spec: text(planned.customer_master_key_spec) ?? 'SYMMETRIC_DEFAULT',
          multiRegion: planned.multi_region === true,
          policy: undefined,
          tags: {},
        }),
      )
      return apply(key, planned)
    },
    read(prior) {
      const key = state.look(String(prior.id))
      // As the provider: a key that is to be deleted is gone.
      return key === undefined || key.deletionAt !== undefined
        ? undefined
        : { ...prior, ...attributesOf(key) }
    },
    update: (planned, prior) => apply(state.usable(String(prior.id)), { ...prior, ...planned }),
    delete(prior) {
      const key = state.look(String(prior.id))
      if (key === undefined || key.deletionAt !== undefined) return
      const days = number(prior.deletion_window_in_days) ?? windowDays.default
      state.scheduleDeletion(key, checkDays('deletion_window_in_days', days, windowDays))
    },
  }
}

function rotationOf(planned: Attributes): Pick<Key, 'rotationDays'> {
  if (planned.enable_key_rotation !== true) return {}
  const days = number(planned.rotation_period_in_days) ?? rotationDays.default
  return { rotationDays: checkDays('rotation_period_in_days', days, rotationDays) }
}

const attributesOf = (key: Key): Attributes => ({
  id: key.id,
  key_id: key.id,
  arn: key.arn,
  description: key.description,
  policy: key.policy,
  is_enabled: key.enabled,
  enable_key_rotation: key.rotationDays !== undefined,
  rotation_period_in_days: key.rotationDays ?? null,
  multi_region: key.multiRegion,
  tags_all: { ...key.tags },
})

function aliasType(state: KmsState): ResourceType {
  const shown = (planned: Attributes, alias: Alias): Attributes => ({
    ...planned,
    ...aliasAttributes(state, alias),
    name_prefix: planned.name_prefix ?? null,
  })
  return {
    type: 'aws_kms_alias',
    attributes: {
      name: implemented({ ...replaced, computed: true }),
      name_prefix: ignored('write the whole name', replaced),
      target_key_id: implemented({ equivalent: sameKey }),
      id: computed(),
      arn: computed(),
      target_key_arn: computed(),
    },
    create: (planned) =>
      shown(planned, state.setAlias(text(planned.name) ?? '', String(planned.target_key_id))),
    read(prior) {
      const alias = state.alias(String(prior.id))
      return alias && { ...prior, ...aliasAttributes(state, alias) }
    },
    update: (planned, prior) =>
      shown(
        { ...prior, ...planned },
        state.setAlias(String(prior.id), String(planned.target_key_id), { replace: true }),
      ),
    delete(prior) {
      if (state.alias(String(prior.id)) !== undefined) state.deleteAlias(String(prior.id))
    },
  }
}

/** A key may be named by its id or its ARN. */
const sameKey = (before: unknown, after: unknown): boolean =>
  String(before).split('/').at(-1) === String(after).split('/').at(-1)

const aliasAttributes = (state: KmsState, alias: Alias): Attributes => ({
  id: alias.name,
  name: alias.name,
  arn: alias.arn,
  target_key_id: alias.keyId,
  target_key_arn: state.look(alias.keyId)?.arn ?? '',
})

export function createDataSourceTypes(state: KmsState): DataSourceType[] {
  return [
    {
      type: 'aws_kms_key',
      attributes: {
        key_id: implemented(),
        grant_tokens: ignored('grants are not rehearsed'),
        id: computed(),
        arn: computed(),
        aws_account_id: computed(),
        creation_date: computed(),
        customer_master_key_spec: computed(),
        deletion_date: computed(),
        description: computed(),
        enabled: computed(),
        key_manager: computed(),
        key_spec: computed(),
        key_state: computed(),
        key_usage: computed(),
        multi_region: computed(),
        origin: computed(),
      },
      read(config, { accountId }) {
        const key = state.find(String(config.key_id))
        return {
          ...config,
          id: key.id,
          arn: key.arn,
          aws_account_id: accountId,
          creation_date: new Date(key.createdAt).toISOString(),
          customer_master_key_spec: key.spec,
          deletion_date: key.deletionAt === undefined ? '' : new Date(key.deletionAt).toISOString(),
          description: key.description,
          enabled: key.enabled,
          key_manager: 'CUSTOMER',
          key_spec: key.spec,
          key_state: keyState(key),
          key_usage: key.usage,
          multi_region: key.multiRegion,
          origin: 'AWS_KMS',
        }
      },
    },
    {
      type: 'aws_kms_alias',
      attributes: {
        name: implemented(),
        id: computed(),
        arn: computed(),
        target_key_id: computed(),
        target_key_arn: computed(),
      },
      read(config) {
        const alias = state.alias(String(config.name))
        if (alias === undefined) throw keyNotFound(`:${String(config.name)}`)
        return { ...config, ...aliasAttributes(state, alias), id: alias.arn }
      },
    },
  ]
}
