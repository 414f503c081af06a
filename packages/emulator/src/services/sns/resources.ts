/** Terraform's view of SNS. */
import { isDeepStrictEqual } from 'node:util'
import {
  type AttributeSpecs,
  type Attributes,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { stringMap, text } from '../../terraform/type/values.ts'
import { defaultPolicy } from './model.ts'
import type { SnsState } from './state.ts'

/** Terraform's names of what the API calls attributes. */
const TOPIC_ATTRIBUTES: Readonly<Record<string, string>> = {
  display_name: 'DisplayName',
  kms_master_key_id: 'KmsMasterKeyId',
  fifo_topic: 'FifoTopic',
  content_based_deduplication: 'ContentBasedDeduplication',
  delivery_policy: 'DeliveryPolicy',
  signature_version: 'SignatureVersion',
  tracing_config: 'TracingConfig',
}

const SUBSCRIPTION_ATTRIBUTES: Readonly<Record<string, string>> = {
  filter_policy: 'FilterPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
  delivery_policy: 'DeliveryPolicy',
  subscription_role_arn: 'SubscriptionRoleArn',
}

export function createResourceTypes(topics: SnsState, accountId: string, now: () => number): ResourceType[] {
  return [
    topicType(topics, accountId, now),
    policyType(topics, accountId),
    subscriptionType(topics, accountId),
  ]
}

const inbox = 'messages end in the inbox (sns.inbox): nothing is delivered, so there is no feedback'
const feedback = (protocol: string): AttributeSpecs => ({
  [`${protocol}_failure_feedback_role_arn`]: ignored(inbox),
  [`${protocol}_success_feedback_role_arn`]: ignored(inbox),
  [`${protocol}_success_feedback_sample_rate`]: ignored(inbox),
})

function topicType(topics: SnsState, accountId: string, now: () => number): ResourceType {
  const present = (planned: Attributes, arn: string, name: string): Attributes => ({
    ...planned,
    id: arn,
    arn,
    name,
    owner: accountId,
    policy: topics.topic(arn)?.attributes.Policy ?? '',
    beginning_archive_time: '',
  })
  return {
    type: 'aws_sns_topic',
    attributes: {
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true }),
      display_name: implemented(),
      policy: implemented({ computed: true, equivalent: samePolicy }),
      kms_master_key_id: implemented(),
      fifo_topic: implemented({ forceNew: true }),
      content_based_deduplication: ignored('an inbox keeps every message'),
      fifo_throughput_scope: ignored('an inbox has no throughput limit', { computed: true }),
      archive_policy: ignored('an inbox is no archive'),
      delivery_policy: ignored(inbox),
      signature_version: ignored(inbox, { computed: true }),
      tracing_config: ignored(inbox, { computed: true }),
      ...feedback('application'),
      ...feedback('firehose'),
      ...feedback('http'),
      ...feedback('lambda'),
      ...feedback('sqs'),
      tags: implemented(),
      tags_all: computed(),
      arn: computed(),
      owner: computed(),
      beginning_archive_time: computed(),
      id: computed(),
    },
    create(planned) {
      const name = text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${now()}`
      const attributes = apiAttributes(planned, TOPIC_ATTRIBUTES)
      const policy: Record<string, string> = text(planned.policy) ? { Policy: String(planned.policy) } : {}
      const topic = topics.createTopic(
        name,
        { ...attributes, ...policy },
        stringMap(planned.tags_all ?? planned.tags),
      )
      return present(planned, topic.arn, name)
    },
    update(planned, prior) {
      const topic = topics.findTopic(String(prior.arn))
      const desired = { ...prior, ...planned }
      const policy: Record<string, string> =
        text(planned.policy) && planned.policy !== prior.policy ? { Policy: String(planned.policy) } : {}
      topics.saveTopic({
        ...topic,
        attributes: { ...topic.attributes, ...apiAttributes(desired, TOPIC_ATTRIBUTES), ...policy },
        tags: stringMap(desired.tags_all ?? desired.tags),
      })
      return present(desired, topic.arn, topic.name)
    },
    read: (prior) => (topics.topic(String(prior.arn)) ? prior : undefined),
    delete: (prior) => topics.deleteTopic(String(prior.arn)),
  }
}

function policyType(topics: SnsState, accountId: string): ResourceType {
  const put = (arn: string, policy: string) => {
    const topic = topics.findTopic(arn)
    topics.saveTopic({ ...topic, attributes: { ...topic.attributes, Policy: policy } })
  }
  const apply = (planned: Attributes): Attributes => {
    put(String(planned.arn), String(planned.policy))
    return { ...planned, id: planned.arn ?? null, owner: accountId }
  }
  return {
    type: 'aws_sns_topic_policy',
    attributes: {
      arn: implemented({ forceNew: true }),
      policy: implemented({ equivalent: samePolicy }),
      owner: computed(),
      id: computed(),
    },
    create: apply,
    update: (planned, prior) => apply({ ...prior, ...planned }),
    read: (prior) => (topics.topic(String(prior.arn)) ? prior : undefined),
    delete(prior) {
      const arn = String(prior.arn)
      if (topics.topic(arn)) put(arn, defaultPolicy(arn, accountId))
    },
  }
}

function subscriptionType(topics: SnsState, accountId: string): ResourceType {
  const present = (planned: Attributes, arn: string, pending: boolean): Attributes => ({
    ...planned,
    id: arn,
    arn,
    owner_id: accountId,
    pending_confirmation: pending,
    confirmation_was_authenticated: !pending,
  })
  return {
    type: 'aws_sns_topic_subscription',
    attributes: {
      topic_arn: implemented({ forceNew: true }),
      protocol: implemented({ forceNew: true }),
      endpoint: implemented({ forceNew: true }),
      endpoint_auto_confirms: ignored('no one confirms a subscription here'),
      confirmation_timeout_in_minutes: ignored('no one confirms a subscription here'),
      filter_policy: implemented({ equivalent: sameJson }),
      filter_policy_scope: implemented({ computed: true }),
      raw_message_delivery: ignored(inbox),
      redrive_policy: ignored(inbox),
      replay_policy: ignored(inbox),
      delivery_policy: ignored(inbox),
      subscription_role_arn: ignored(inbox),
      arn: computed(),
      owner_id: computed(),
      pending_confirmation: computed(),
      confirmation_was_authenticated: computed(),
      id: computed(),
    },
    create(planned) {
      const { topic_arn, protocol, endpoint } = planned
      const attributes = apiAttributes(planned, SUBSCRIPTION_ATTRIBUTES)
      const made = topics.subscribe(String(topic_arn), String(protocol), String(endpoint), attributes)
      return present(planned, made.arn, made.pending)
    },
    update(planned, prior) {
      const subscription = topics.findSubscription(String(prior.arn))
      const desired = { ...prior, ...planned }
      topics.saveSubscription({
        ...subscription,
        attributes: apiAttributes(desired, SUBSCRIPTION_ATTRIBUTES),
      })
      return present(desired, subscription.arn, subscription.pending)
    },
    read: (prior) => (topics.subscription(String(prior.arn)) ? prior : undefined),
    delete: (prior) => topics.unsubscribe(String(prior.arn)),
  }
}

export const createDataSourceTypes = (topics: SnsState): DataSourceType[] => [
  {
    type: 'aws_sns_topic',
    attributes: { name: implemented(), arn: computed(), tags: computed(), id: computed() },
    read(config) {
      const topic = topics.topics().find(({ name }) => name === config.name)
      if (topic === undefined) throw new Error(`there is no SNS topic ${config.name}`)
      return { name: topic.name, arn: topic.arn, id: topic.arn, tags: { ...topic.tags } }
    },
  },
]

function apiAttributes(planned: Attributes, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([attribute, name]) => {
      const value = planned[attribute]
      return value === undefined || value === null || value === '' ? [] : [[name, String(value)]]
    }),
  )
}

/** The order of keys makes no difference; that of lists does, as for the provider. */
function sameJson(a: string, b: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(a), JSON.parse(b))
  } catch {
    return false
  }
}
