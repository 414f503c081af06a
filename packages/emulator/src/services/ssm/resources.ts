/** Terraform's view of the Parameter Store. */
import {
  type Attributes,
  computed,
  type DataSourceType,
  type EphemeralType,
  implemented,
  type ResourceType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import { isBelow } from './model.ts'
import { ciphertext, type Found, type SsmState } from './state.ts'

export function createResourceTypes(parameters: SsmState, owner: string): ResourceType[] {
  const put = (planned: Attributes, overwrite: boolean): Attributes => {
    const parameter = parameters.put(
      {
        name: String(planned.name),
        value: String(planned.value_wo ?? planned.insecure_value ?? planned.value ?? ''),
        type: text(planned.type),
        // Taken away, it is empty: AWS keeps the old one where none is given.
        description: text(planned.description) ?? '',
        keyId: text(planned.key_id),
        dataType: text(planned.data_type),
        tier: text(planned.tier),
        allowedPattern: text(planned.allowed_pattern),
        tags: stringMap(planned.tags_all ?? planned.tags),
        overwrite: overwrite || planned.overwrite === true,
      },
      owner,
    )
    return { ...planned, ...attributesOf(parameters, parameters.find(parameter.name), planned) }
  }
  return [
    {
      type: 'aws_ssm_parameter',
      attributes: {
        name: implemented({ forceNew: true }),
        type: implemented(),
        value: implemented({ computed: true }),
        value_wo: implemented({ writeOnly: true }),
        value_wo_version: implemented(),
        insecure_value: implemented({ computed: true }),
        description: implemented(),
        allowed_pattern: implemented(),
        data_type: implemented({ forceNew: true, computed: true }),
        // https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
        tier: implemented({
          computed: true,
          forceNew: (before, after) => before === 'Advanced' && after === 'Standard',
        }),
        key_id: implemented({ computed: true }),
        overwrite: implemented(),
        tags: implemented(),
        tags_all: computed(),
        arn: computed(),
        version: computed(),
        has_value_wo: computed(),
        id: computed(),
      },
      create: (planned) => put(planned, false),
      update: (planned, prior) => put({ ...prior, ...planned }, true),
      read(prior) {
        if (parameters.get(String(prior.name)) === undefined) return undefined
        return { ...prior, ...attributesOf(parameters, parameters.find(String(prior.name)), prior) }
      },
      delete: (prior) => void parameters.delete(String(prior.name)),
    },
  ]
}

function attributesOf(
  parameters: SsmState,
  { parameter, version }: Found,
  configured: Attributes,
): Attributes {
  const writeOnly = configured.value_wo !== undefined || configured.has_value_wo === true
  const insecure = configured.insecure_value !== undefined && configured.insecure_value !== null
  return {
    id: parameter.name,
    arn: parameters.arn(parameter.name),
    type: parameter.type,
    tier: parameter.tier,
    data_type: parameter.dataType,
    key_id: parameter.keyId ?? '',
    version: version.version,
    has_value_wo: writeOnly,
    // A write-only value never reaches the state.
    value: writeOnly || insecure ? '' : version.value,
    insecure_value: insecure ? version.value : null,
  }
}

export function createDataSourceTypes(parameters: SsmState): DataSourceType[] {
  return [
    {
      type: 'aws_ssm_parameter',
      attributes: {
        name: implemented(),
        with_decryption: implemented({ default: true }),
        arn: computed(),
        type: computed(),
        value: computed(),
        insecure_value: computed(),
        version: computed(),
        id: computed(),
      },
      read: (config) => ({
        ...config,
        ...read(parameters, String(config.name), config.with_decryption !== false),
      }),
    },
    {
      type: 'aws_ssm_parameters_by_path',
      attributes: {
        path: implemented(),
        recursive: implemented({ default: false }),
        with_decryption: implemented({ default: true }),
        arns: computed(),
        names: computed(),
        types: computed(),
        values: computed(),
        id: computed(),
      },
      read(config) {
        const found = parameters
          .all()
          .filter(({ name }) => isBelow(name, String(config.path), config.recursive === true))
          .map(({ name }) => read(parameters, name, config.with_decryption !== false))
        const column = (name: string): Value[] => found.map((parameter) => parameter[name] ?? null)
        return {
          ...config,
          id: config.path ?? null,
          arns: column('arn'),
          names: column('id'),
          types: column('type'),
          values: column('value'),
        }
      },
    },
  ]
}

export function createEphemeralTypes(parameters: SsmState): EphemeralType[] {
  return [
    {
      type: 'aws_ssm_parameter',
      attributes: {
        arn: implemented(),
        with_decryption: implemented({ default: true }),
        name: computed(),
        type: computed(),
        value: computed(),
        version: computed(),
      },
      open(config) {
        const { id, ...parameter } = read(parameters, String(config.arn), config.with_decryption !== false)
        return { ...config, ...parameter, name: id ?? null }
      },
    },
  ]
}

function read(parameters: SsmState, nameOrArn: string, decrypt: boolean): Attributes {
  const { parameter, version } = parameters.find(nameOrArn)
  const secure = parameter.type === 'SecureString'
  return {
    id: parameter.name,
    arn: parameters.arn(parameter.name),
    type: parameter.type,
    value: secure && !decrypt ? ciphertext(version.value) : version.value,
    insecure_value: secure ? null : version.value,
    version: version.version,
  }
}
