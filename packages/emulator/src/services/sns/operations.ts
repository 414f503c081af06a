/** SNS's API. https://docs.aws.amazon.com/sns/latest/api/API_Operations.html */
import type * as sdk from '@aws-sdk/client-sns'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { batchError, invalidParameter, resourceNotFound } from './errors.ts'
import type { Subscription } from './model.ts'
import type { SnsState } from './state.ts'

/** Every list of SNS comes in pages of 100. */
const PAGE = 100
const BATCH_MAX = 10
const invalidToken = () => invalidParameter('NextToken')

export function createOperations(topics: SnsState, accountId: string) {
  const publish = (topicArn: string, input: Omit<sdk.PublishBatchRequestEntry, 'Id'>) =>
    topics.publish(topics.findTopic(topicArn), {
      subject: input.Subject,
      message: input.Message ?? '',
      structure: input.MessageStructure,
      attributes: attributesIn(input.MessageAttributes),
    }).id
  const tagged = (arn: string | undefined) => {
    const topic = topics.topic(arn ?? '')
    if (topic === undefined) throw resourceNotFound()
    return topic
  }
  const listed = (subscription: Subscription): sdk.Subscription => ({
    SubscriptionArn: subscription.pending ? 'PendingConfirmation' : subscription.arn,
    Owner: accountId,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    TopicArn: subscription.topicArn,
  })

  return {
    CreateTopic: ({ Name = '', Attributes = {}, Tags }) => ({
      TopicArn: topics.createTopic(Name, Attributes, tagsIn(Tags)).arn,
    }),
    DeleteTopic({ TopicArn = '' }) {
      topics.deleteTopic(TopicArn)
      return {}
    },
    ListTopics({ NextToken }) {
      const { items, next } = pageOf(topics.topics(), NextToken, PAGE, invalidToken)
      return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...(next ? { NextToken: next } : {}) }
    },
    GetTopicAttributes({ TopicArn = '' }) {
      const topic = topics.findTopic(TopicArn)
      const own = topics.subscriptions(TopicArn)
      const pending = own.filter((subscription) => subscription.pending).length
      return {
        Attributes: {
          TopicArn,
          Owner: accountId,
          SubscriptionsConfirmed: String(own.length - pending),
          SubscriptionsPending: String(pending),
          SubscriptionsDeleted: '0',
          DisplayName: '',
          ...topic.attributes,
        },
      }
    },
    SetTopicAttributes({ TopicArn = '', AttributeName = '', AttributeValue = '' }) {
      const topic = topics.findTopic(TopicArn)
      topics.saveTopic({ ...topic, attributes: { ...topic.attributes, [AttributeName]: AttributeValue } })
      return {}
    },

    Subscribe({ TopicArn = '', Protocol = '', Endpoint = '', Attributes = {}, ReturnSubscriptionArn }) {
      const { arn, pending } = topics.subscribe(TopicArn, Protocol, Endpoint, Attributes)
      return { SubscriptionArn: pending && !ReturnSubscriptionArn ? 'pending confirmation' : arn }
    },
    Unsubscribe({ SubscriptionArn = '' }) {
      topics.unsubscribe(SubscriptionArn)
      return {}
    },
    ListSubscriptions({ NextToken }) {
      const { items, next } = pageOf(topics.subscriptions(), NextToken, PAGE, invalidToken)
      return { Subscriptions: items.map(listed), ...(next ? { NextToken: next } : {}) }
    },
    ListSubscriptionsByTopic({ TopicArn = '', NextToken }) {
      const { items, next } = pageOf(
        topics.subscriptions(topics.findTopic(TopicArn).arn),
        NextToken,
        PAGE,
        invalidToken,
      )
      return { Subscriptions: items.map(listed), ...(next ? { NextToken: next } : {}) }
    },
    GetSubscriptionAttributes({ SubscriptionArn = '' }) {
      const { arn, topicArn, protocol, endpoint, pending, attributes } =
        topics.findSubscription(SubscriptionArn)
      return {
        Attributes: {
          SubscriptionArn: arn,
          TopicArn: topicArn,
          Owner: accountId,
          Protocol: protocol,
          Endpoint: endpoint,
          PendingConfirmation: String(pending),
          ConfirmationWasAuthenticated: String(!pending),
          RawMessageDelivery: 'false',
          ...attributes,
        },
      }
    },
    SetSubscriptionAttributes({ SubscriptionArn = '', AttributeName = '', AttributeValue = '' }) {
      const subscription = topics.findSubscription(SubscriptionArn)
      const attributes = { ...subscription.attributes, [AttributeName]: AttributeValue }
      topics.saveSubscription({ ...subscription, attributes })
      return {}
    },

    Publish(input) {
      const arn = input.TopicArn ?? input.TargetArn
      if (arn === undefined) {
        throw new AwsError(
          'NotImplemented',
          'This emulator publishes to topics only, not to a PhoneNumber.',
          501,
        )
      }
      return { MessageId: publish(arn, input) }
    },
    PublishBatch({ TopicArn = '', PublishBatchRequestEntries = [] }) {
      topics.findTopic(TopicArn)
      checkBatch(PublishBatchRequestEntries.map(({ Id = '' }) => Id))
      const results = PublishBatchRequestEntries.map((entry) => {
        try {
          return { done: { Id: entry.Id, MessageId: publish(TopicArn, entry) } }
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          return { failed: { Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true } }
        }
      })
      return {
        Successful: results.flatMap(({ done }) => done ?? []),
        Failed: results.flatMap(({ failed }) => failed ?? []),
      }
    },

    ListTagsForResource: ({ ResourceArn }) => ({
      Tags: Object.entries(tagged(ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource({ ResourceArn, Tags }) {
      const topic = tagged(ResourceArn)
      topics.saveTopic({ ...topic, tags: { ...topic.tags, ...tagsIn(Tags) } })
      return {}
    },
    UntagResource({ ResourceArn, TagKeys = [] }) {
      const topic = tagged(ResourceArn)
      const kept = Object.entries(topic.tags).filter(([key]) => !TagKeys.includes(key))
      topics.saveTopic({ ...topic, tags: Object.fromEntries(kept) })
      return {}
    },
  } satisfies Operations<typeof sdk>
}

const tagsIn = (tags: sdk.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

function attributesIn(attributes: Record<string, sdk.MessageAttributeValue> | undefined) {
  return Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, { DataType = 'String', StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  )
}

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html#API_PublishBatch_Errors */
function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0)
    throw batchError('EmptyBatchRequest', "The batch request doesn't contain any entries.")
  if (ids.length > BATCH_MAX) {
    throw batchError(
      'TooManyEntriesInBatchRequest',
      `The batch request contains more entries than permissible (more than ${BATCH_MAX}).`,
    )
  }
  if (new Set(ids).size < ids.length) {
    throw batchError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
}
