/** The topics of the emulator, who subscribed, and the inbox of what was published. */
import type { EmulatorContext } from '../../service.ts'
import type { Notice } from './contract.ts'
import { invalidParameter, subscriptionNotFound, topicNotFound } from './errors.ts'
import { filterOf } from './filter-policy.ts'
import { createInbox } from './inbox.ts'
import { type Publication, readMessage } from './message.ts'
import {
  checkSubscription,
  checkTopicName,
  defaultPolicy,
  needsConfirmation,
  type Subscription,
  type Topic,
} from './model.ts'
import { lambdaEvent } from './notification.ts'

export interface SnsState {
  topics(): Topic[]
  topic(arn: string): Topic | undefined
  /** Throws where there is none. */
  findTopic(arn: string): Topic
  /** Makes it, or gives the one of that name if its attributes are the same. */
  createTopic(
    name: string,
    attributes: Readonly<Record<string, string>>,
    tags: Readonly<Record<string, string>>,
  ): Topic
  saveTopic(topic: Topic): void
  deleteTopic(arn: string): void
  subscriptions(topicArn?: string): Subscription[]
  subscription(arn: string): Subscription | undefined
  findSubscription(arn: string): Subscription
  subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    attributes: Readonly<Record<string, string>>,
  ): Subscription
  saveSubscription(subscription: Subscription): void
  unsubscribe(arn: string): void
  publish(topic: Topic, publication: Publication): Notice
  inbox(topicArn?: string): Notice[]
}

/** Invokes a Lambda function; false where there is none of that ARN. */
export type Invoke = (functionArn: string, payload: string) => boolean

export function createState(context: EmulatorContext, invoke: Invoke): SnsState {
  const { accountId, region, clock, ids, store } = context
  const topics = store.collection<Topic>('sns.topics')
  const subscriptions = store.collection<Subscription>('sns.subscriptions')
  const inbox = createInbox(store.collection<Notice>('sns.inbox'))
  const of = (topicArn?: string) =>
    subscriptions
      .values()
      .filter((subscription) => topicArn === undefined || subscription.topicArn === topicArn)

  const findTopic = (arn: string) => {
    const topic = topics.get(arn)
    if (topic === undefined) throw topicNotFound()
    return topic
  }
  return {
    topics: () => topics.values(),
    topic: (arn) => topics.get(arn),
    findTopic,
    createTopic(name, attributes, tags) {
      checkTopicName(name, attributes.FifoTopic === 'true')
      const arn = `arn:aws:sns:${region}:${accountId}:${name}`
      const existing = topics.get(arn)
      if (existing) {
        const differs = Object.entries(attributes).some(([key, value]) => existing.attributes[key] !== value)
        if (differs)
          throw invalidParameter('Attributes Reason: Topic already exists with different attributes')
        return existing
      }
      const topic = { arn, name, tags, attributes: { Policy: defaultPolicy(arn, accountId), ...attributes } }
      topics.put(arn, topic)
      return topic
    },
    saveTopic: (topic) => topics.put(topic.arn, topic),
    deleteTopic(arn) {
      for (const subscription of of(arn)) subscriptions.delete(subscription.arn)
      topics.delete(arn)
    },
    subscriptions: of,
    subscription: (arn) => subscriptions.get(arn),
    findSubscription(arn) {
      const subscription = subscriptions.get(arn)
      if (subscription === undefined) throw subscriptionNotFound()
      return subscription
    },
    subscribe(topicArn, protocol, endpoint, attributes) {
      findTopic(topicArn)
      checkSubscription(protocol, endpoint)
      filterOf(attributes)
      const same = of(topicArn).find((other) => other.protocol === protocol && other.endpoint === endpoint)
      if (same) {
        const differs = Object.entries(attributes).some(([key, value]) => same.attributes[key] !== value)
        if (differs) {
          throw invalidParameter('Attributes Reason: Subscription already exists with different attributes')
        }
        return same
      }
      const pending = needsConfirmation(protocol)
      const subscription = {
        arn: `${topicArn}:${ids.uuid()}`,
        topicArn,
        protocol,
        endpoint,
        attributes,
        pending,
      }
      subscriptions.put(subscription.arn, subscription)
      return subscription
    },
    saveSubscription(subscription) {
      filterOf(subscription.attributes)
      subscriptions.put(subscription.arn, subscription)
    },
    unsubscribe: (arn) => void subscriptions.delete(arn),
    publish(topic, publication) {
      const { message, byProtocol } = readMessage(publication)
      const { subject, attributes = {} } = publication
      const reached = of(topic.arn).filter(({ protocol, attributes: own }) =>
        filterOf(own)(byProtocol[protocol] ?? message, attributes),
      )
      const recipients = reached.map(({ protocol, endpoint, pending }) => ({
        protocol,
        endpoint,
        pending,
        ...(byProtocol[protocol] === undefined ? {} : { message: byProtocol[protocol] }),
      }))
      const id = ids.uuid()
      const notice = { id, topicArn: topic.arn, subject, message, attributes, at: clock.now(), recipients }
      inbox.put(notice)
      for (const { arn, protocol, endpoint } of reached) {
        if (protocol !== 'lambda' || invoke(endpoint, lambdaEvent(notice, arn, byProtocol.lambda))) continue
        const reason = 'there is no such function'
        context.events.emit('baton.sns', 'Delivery Failed', { subscription: arn, endpoint, reason })
      }
      return notice
    },
    inbox: inbox.all,
  }
}
