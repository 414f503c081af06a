/** What SNS offers the other services of the region: they publish, tests and the console read the inbox. */
import type { Service } from '../../service.ts'

/** A message as it was published, with those who would have got it. */
export interface Notice {
  /** Message id. */
  readonly id: string
  readonly topicArn: string
  readonly subject: string | undefined
  readonly message: string
  readonly attributes: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Subscribed at that moment: `{ protocol: 'email', endpoint: 'ops@example.com' }`. */
  readonly recipients: readonly { readonly protocol: string; readonly endpoint: string }[]
}

export interface Notifications extends Service {
  /** Puts a message into the inbox; false when the topic does not exist. */
  publish(topicArn: string, subject: string | undefined, message: string): boolean
  /** Messages, oldest first; the newest 1,000 are kept. */
  inbox(topicArn?: string): Notice[]
}
