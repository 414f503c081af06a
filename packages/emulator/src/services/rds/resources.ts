/** RDS's Terraform types. AWS provider's documentation, aws_db_instance */
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { stringList, stringMap } from '../../terraform/type/values.ts'
import { instanceType } from './instance-resource.ts'
import type { Instances } from './instances.ts'
import type { ParameterGroupRecord, RdsState } from './state.ts'

const replaced = { forceNew: true }

export function createResourceTypes(
  context: EmulatorContext,
  state: RdsState,
  instances: Instances,
): ResourceType[] {
  return [
    instanceType(state, instances),
    subnetGroupType(context, state),
    parameterGroupType(context, state, instances),
    optionGroupType(context, state),
  ]
}

/** The name given, or a unique one with the prefix, as the provider makes it. */
function nameOf(context: EmulatorContext, planned: Attributes): string {
  if (typeof planned.name === 'string' && planned.name !== '') return planned.name
  return `${planned.name_prefix ?? 'terraform-'}${context.ids.hex('', 26)}`
}

const named = { ...replaced, computed: true }
const nameAttributes = { name: implemented(named), name_prefix: implemented(named) }

function subnetGroupType(context: EmulatorContext, state: RdsState): ResourceType {
  return recordType({
    type: 'aws_db_subnet_group',
    attributes: {
      ...nameAttributes,
      id: computed(),
      arn: computed(),
      supported_network_types: computed(),
      vpc_id: computed(),
      description: implemented({ default: 'Managed by Terraform' }),
      subnet_ids: implemented({ set: true }),
      tags: implemented(),
    },
    compute(planned) {
      const name = nameOf(context, planned)
      return {
        id: name,
        name,
        name_prefix: planned.name_prefix ?? '',
        arn: state.arn('subgrp', name),
        supported_network_types: ['IPV4'],
        vpc_id: '',
      }
    },
    keep(id, attributes) {
      if (!attributes) return void state.subnetGroups.delete(id)
      state.subnetGroups.put(id, {
        name: id,
        arn: String(attributes.arn),
        description: String(attributes.description ?? ''),
        subnetIds: stringList(attributes.subnet_ids),
        tags: stringMap(attributes.tags_all ?? attributes.tags),
      })
    },
  })
}

function parameterGroupType(context: EmulatorContext, state: RdsState, instances: Instances): ResourceType {
  const keep = (name: string, attributes: Attributes) =>
    state.parameterGroups.put(name, {
      name,
      arn: String(attributes.arn),
      family: String(attributes.family),
      description: String(attributes.description ?? ''),
      parameters: parametersOf(attributes.parameter),
      tags: stringMap(attributes.tags_all ?? attributes.tags),
    })
  return {
    type: 'aws_db_parameter_group',
    attributes: {
      ...nameAttributes,
      id: computed(),
      arn: computed(),
      family: implemented(replaced),
      description: implemented({ ...replaced, default: 'Managed by Terraform' }),
      parameter: block(
        { name: implemented(), value: implemented(), apply_method: implemented({ default: 'immediate' }) },
        { set: true },
      ),
      skip_destroy: implemented({ default: false }),
      tags: implemented(),
    },
    create(planned) {
      const name = nameOf(context, planned)
      const attributes = {
        ...planned,
        id: name,
        name,
        name_prefix: planned.name_prefix ?? '',
        arn: state.arn('pg', name),
      }
      keep(name, attributes)
      return attributes
    },
    read: (prior) => (state.parameterGroups.has(String(prior.id)) ? prior : undefined),
    async update(planned, prior) {
      const attributes = { ...prior, ...planned }
      keep(String(prior.id), attributes)
      await instances.parametersChanged(String(prior.id))
      return attributes
    },
    delete(prior) {
      if (prior.skip_destroy !== true) state.parameterGroups.delete(String(prior.id))
    },
  }
}

function parametersOf(value: Value | undefined): ParameterGroupRecord['parameters'] {
  return (Array.isArray(value) ? value : []).flatMap((item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? [
          {
            name: String(item.name),
            value: String(item.value),
            applyMethod: String(item.apply_method ?? 'immediate'),
          },
        ]
      : [],
  )
}

function optionGroupType(context: EmulatorContext, state: RdsState): ResourceType {
  return recordType({
    type: 'aws_db_option_group',
    attributes: {
      ...nameAttributes,
      id: computed(),
      arn: computed(),
      engine_name: implemented(replaced),
      major_engine_version: implemented(replaced),
      option_group_description: implemented({ ...replaced, default: 'Managed by Terraform' }),
      option: block({
        option_name: ignored('PostgreSQL on RDS has no options'),
        port: ignored('PostgreSQL on RDS has no options'),
        version: ignored('PostgreSQL on RDS has no options'),
      }),
      skip_destroy: ignored('an option group is only a record'),
      tags: implemented(),
    },
    compute(planned) {
      const name = nameOf(context, planned)
      return { id: name, name, name_prefix: planned.name_prefix ?? '', arn: state.arn('og', name) }
    },
    keep(id, attributes) {
      if (!attributes) return void state.optionGroups.delete(id)
      state.optionGroups.put(id, {
        name: id,
        arn: String(attributes.arn),
        engineName: String(attributes.engine_name),
        majorEngineVersion: String(attributes.major_engine_version),
        description: String(attributes.option_group_description ?? ''),
        tags: stringMap(attributes.tags_all ?? attributes.tags),
      })
    },
  })
}
