/** Topics, subscriptions and the rules of both. */
import { invalidParameter } from './errors.ts'

export interface Topic {
  readonly arn: string
  readonly name: string
  /** As the API spells them: `DisplayName`, `Policy`, `KmsMasterKeyId`. */
  readonly attributes: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

export interface Subscription {
  readonly arn: string
  readonly topicArn: string
  readonly protocol: string
  readonly endpoint: string
  readonly attributes: Readonly<Record<string, string>>
  /** E-mail and HTTP wait for the recipient's confirmation, which never comes here. */
  readonly pending: boolean
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const PROTOCOLS = ['http', 'https', 'email', 'email-json', 'sms', 'sqs', 'application', 'lambda', 'firehose']
const NEED_CONFIRMATION = ['http', 'https', 'email', 'email-json']

export function checkTopicName(name: string, fifo: boolean): void {
  const pattern = fifo ? /^[A-Za-z0-9_-]{1,251}\.fifo$/ : /^[A-Za-z0-9_-]{1,256}$/
  if (!pattern.test(name)) throw invalidParameter('Topic Name')
}

export function checkSubscription(protocol: string, endpoint: string | undefined): void {
  if (!PROTOCOLS.includes(protocol))
    throw invalidParameter(`Does not support this protocol string: ${protocol}`)
  const valid = protocol.startsWith('email') ? /^[^\s@]+@[^\s@]+$/.test(endpoint ?? '') : Boolean(endpoint)
  if (!valid) throw invalidParameter(`${protocol} endpoint`)
}

export const needsConfirmation = (protocol: string) => NEED_CONFIRMATION.includes(protocol)

/** What a topic without a policy allows: everything to its owner. */
export function defaultPolicy(arn: string, accountId: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  })
}
