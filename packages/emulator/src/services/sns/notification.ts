/**
 * A notice as its subscribers get it: the JSON document that SNS sends to HTTP endpoints, queues and
 * `email-json` addresses. https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 *
 * Signature, SigningCertURL and UnsubscribeURL are left out: nothing here signs for AWS.
 */
import type { Notice, Recipient } from './contract.ts'

export interface Notification {
  readonly Type: 'Notification'
  readonly MessageId: string
  readonly TopicArn: string
  readonly Subject?: string
  readonly Message: string
  /** ISO 8601, with milliseconds. */
  readonly Timestamp: string
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>
}

export interface DeliveredNotice {
  readonly notification: Notification
  readonly recipients: readonly Recipient[]
}

/** The newest last; `since` in milliseconds since the epoch, `topic` a name or an ARN. */
export function delivered(
  notices: readonly Notice[],
  filter: { readonly since?: number | undefined; readonly topic?: string | undefined } = {},
): DeliveredNotice[] {
  const { since = 0, topic } = filter
  return notices
    .filter(({ at }) => at >= since)
    .filter(({ topicArn }) => topic === undefined || topicArn === topic || topicArn.endsWith(`:${topic}`))
    .map((notice) => ({ notification: notificationOf(notice), recipients: notice.recipients }))
}

/**
 * What a function that has subscribed is invoked with; `message` where there is one for functions alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function lambdaEvent(notice: Notice, subscriptionArn: string, message = notice.message): string {
  const { Subject = null, MessageAttributes = {}, ...notification } = notificationOf(notice)
  return JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: { ...notification, Subject, Message: message, MessageAttributes },
      },
    ],
  })
}

function notificationOf({ id, topicArn, subject, message, attributes, at }: Notice): Notification {
  return {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: message,
    Timestamp: new Date(at).toISOString(),
    ...(Object.keys(attributes).length === 0 ? {} : { MessageAttributes: attributes }),
  }
}
