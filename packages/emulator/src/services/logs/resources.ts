/** Terraform's view of CloudWatch Logs. */
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  inert,
  modelled,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import type { LogGroup, LogStore } from './log-store.ts'

export function createResourceTypes(logs: LogStore, now: () => number): ResourceType[] {
  return [groupType(logs, now), streamType(logs), metricFilter, subscriptionFilter, resourcePolicy]
}

function groupType(logs: LogStore, now: () => number): ResourceType {
  const settings = (planned: Attributes): Omit<LogGroup, 'name' | 'createdAt'> => ({
    // Zero is the provider's way to say that events never expire.
    retentionDays: Number(planned.retention_in_days ?? 0) || undefined,
    kmsKeyId: text(planned.kms_key_id),
    logGroupClass: text(planned.log_group_class) ?? 'STANDARD',
    tags: stringMap(planned.tags_all ?? planned.tags),
  })
  const present = (planned: Attributes, name: string): Attributes => ({
    ...planned,
    name,
    id: name,
    arn: logs.arn(name),
    log_group_class: text(planned.log_group_class) ?? 'STANDARD',
  })
  return {
    type: 'aws_cloudwatch_log_group',
    attributes: {
      name: modelled({ forceNew: true, computed: true }),
      name_prefix: modelled({ forceNew: true }),
      retention_in_days: modelled({ default: 0 }),
      kms_key_id: modelled(),
      log_group_class: modelled({ forceNew: true, computed: true }),
      skip_destroy: modelled({ default: false }),
      deletion_protection_enabled: modelled({ computed: true }),
      tags: modelled(),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    create(planned) {
      const name = text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${now()}`
      logs.createGroup({ name, ...settings(planned) })
      return present(planned, name)
    },
    update(planned, prior) {
      const group = logs.findGroup(String(prior.name))
      logs.saveGroup({ ...group, ...settings({ ...prior, ...planned }) })
      return present({ ...prior, ...planned }, group.name)
    },
    read(prior) {
      const group = logs.group(String(prior.name))
      return group && { ...prior, retention_in_days: group.retentionDays ?? 0 }
    },
    delete(prior) {
      const name = String(prior.name)
      if (prior.deletion_protection_enabled === true) {
        throw new Error(
          `log group ${name} is protected: set deletion_protection_enabled to false and apply first`,
        )
      }
      if (prior.skip_destroy !== true && logs.group(name)) logs.deleteGroup(name)
    },
  }
}

const streamType = (logs: LogStore): ResourceType => ({
  type: 'aws_cloudwatch_log_stream',
  attributes: {
    name: modelled({ forceNew: true }),
    log_group_name: modelled({ forceNew: true }),
    arn: computed(),
    id: computed(),
  },
  create(planned) {
    const group = String(planned.log_group_name)
    const name = String(planned.name)
    logs.createStream(group, name)
    return { ...planned, id: name, arn: `${logs.arn(group)}:log-stream:${name}` }
  },
  delete(prior) {
    const group = String(prior.log_group_name)
    const known = logs.streams(group).some(({ name }) => name === prior.name)
    if (known) logs.deleteStream(group, String(prior.name))
  },
})

const unmeasured = 'log events are not turned into metrics here: a declared gap'
const metricFilter = recordType({
  type: 'aws_cloudwatch_log_metric_filter',
  attributes: {
    name: modelled({ forceNew: true }),
    log_group_name: modelled({ forceNew: true }),
    pattern: inert(unmeasured),
    apply_on_transformed_logs: inert(unmeasured),
    metric_transformation: block(
      {
        name: inert(unmeasured),
        namespace: inert(unmeasured),
        value: inert(unmeasured),
        default_value: inert(unmeasured),
        dimensions: inert(unmeasured),
        unit: inert(unmeasured),
      },
      { maxItems: 1 },
    ),
    id: computed(),
  },
  compute: (planned) => ({ id: planned.name ?? null }),
})

const undelivered = 'log events are not delivered to subscriptions here: a declared gap'
const subscriptionFilter = recordType({
  type: 'aws_cloudwatch_log_subscription_filter',
  attributes: {
    name: modelled({ forceNew: true }),
    log_group_name: modelled({ forceNew: true }),
    destination_arn: inert(undelivered, { forceNew: true }),
    filter_pattern: inert(undelivered),
    role_arn: inert(undelivered),
    distribution: inert(undelivered),
    id: computed(),
  },
  compute: (planned) => ({ id: `cwlsf-${planned.log_group_name}-${planned.name}` }),
})

const resourcePolicy = recordType({
  type: 'aws_cloudwatch_log_resource_policy',
  attributes: {
    policy_name: modelled({ forceNew: true }),
    policy_document: inert('resource policies are kept and not evaluated'),
    id: computed(),
  },
  compute: (planned) => ({ id: planned.policy_name ?? null }),
})

export const createDataSourceTypes = (logs: LogStore): DataSourceType[] => [
  {
    type: 'aws_cloudwatch_log_group',
    attributes: {
      name: modelled(),
      arn: computed(),
      creation_time: computed(),
      retention_in_days: computed(),
      kms_key_id: computed(),
      log_group_class: computed(),
      tags: computed(),
      id: computed(),
    },
    read(config) {
      const group = logs.findGroup(String(config.name))
      return {
        id: group.name,
        name: group.name,
        arn: logs.arn(group.name),
        creation_time: group.createdAt,
        retention_in_days: group.retentionDays ?? 0,
        kms_key_id: group.kmsKeyId ?? '',
        log_group_class: group.logGroupClass,
        tags: { ...group.tags },
      }
    },
  },
]
