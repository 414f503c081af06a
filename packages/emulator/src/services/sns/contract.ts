/** What SNS offers the other services of the emulator: they publish; tests, the console and `baton notices` read. */
import type { Service } from '../../service.ts'

export interface Recipient {
  readonly protocol: string
  readonly endpoint: string
  /** The subscription is not confirmed: AWS would not deliver to it yet. */
  readonly pending: boolean
  /** What this recipient gets, where the publisher wrote a separate text for its protocol. */
  readonly message?: string
}

/** A message as it was published, with those who would have got it. */
export interface Notice {
  /** Message id. */
  readonly id: string
  readonly topicArn: string
  readonly subject: string | undefined
  readonly message: string
  readonly attributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Subscribed at that moment: `{ protocol: 'email', endpoint: 'ops@example.com', pending: true }`. */
  readonly recipients: readonly Recipient[]
}

export interface Sns extends Service {
  /** Puts a message into the inbox; false when the topic does not exist. */
  publish(topicArn: string, subject: string | undefined, message: string): boolean
  /** Messages, oldest first; the newest are kept (`inbox.ts` says how many). */
  inbox(topicArn?: string): Notice[]
}
