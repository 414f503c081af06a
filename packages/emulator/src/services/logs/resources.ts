/** Terraform's view of CloudWatch Logs. */
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import type { LogGroup, LogsState } from './state.ts'

export function createResourceTypes(logs: LogsState, now: () => number): ResourceType[] {
  return [groupType(logs, now), streamType(logs), metricFilter, subscriptionFilter, resourcePolicy]
}

function groupType(logs: LogsState, now: () => number): ResourceType {
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
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true }),
      retention_in_days: implemented({ default: 0 }),
      kms_key_id: implemented(),
      log_group_class: implemented({ forceNew: true, computed: true }),
      skip_destroy: implemented({ default: false }),
      deletion_protection_enabled: implemented({ computed: true }),
      tags: implemented(),
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
      return (
        group && {
          ...prior,
          retention_in_days: group.retentionDays ?? 0,
          kms_key_id: group.kmsKeyId ?? '',
          tags_all: { ...group.tags },
        }
      )
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

const streamType = (logs: LogsState): ResourceType => ({
  type: 'aws_cloudwatch_log_stream',
  attributes: {
    name: implemented({ forceNew: true }),
    log_group_name: implemented({ forceNew: true }),
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
    name: implemented({ forceNew: true }),
    log_group_name: implemented({ forceNew: true }),
    pattern: ignored(unmeasured),
    apply_on_transformed_logs: ignored(unmeasured),
    metric_transformation: block(
      {
        name: ignored(unmeasured),
        namespace: ignored(unmeasured),
        value: ignored(unmeasured),
        default_value: ignored(unmeasured),
        dimensions: ignored(unmeasured),
        unit: ignored(unmeasured),
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
    name: implemented({ forceNew: true }),
    log_group_name: implemented({ forceNew: true }),
    destination_arn: ignored(undelivered, { forceNew: true }),
    filter_pattern: ignored(undelivered),
    role_arn: ignored(undelivered),
    distribution: ignored(undelivered),
    id: computed(),
  },
  compute: (planned) => ({ id: `cwlsf-${planned.log_group_name}-${planned.name}` }),
})

const resourcePolicy = recordType({
  type: 'aws_cloudwatch_log_resource_policy',
  attributes: {
    policy_name: implemented({ forceNew: true }),
    policy_document: ignored('resource policies are kept and not evaluated'),
    id: computed(),
  },
  compute: (planned) => ({ id: planned.policy_name ?? null }),
})

export const createDataSourceTypes = (logs: LogsState): DataSourceType[] => [
  {
    type: 'aws_cloudwatch_log_group',
    attributes: {
      name: implemented(),
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
