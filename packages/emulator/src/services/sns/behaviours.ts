/** Where SNS here differs from what AWS documents. */
import type { Behaviours } from '../../behaviours.ts'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'delivers a message to every subscribed endpoint, and retries where it fails',
      page: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html',
      why: 'Nothing leaves the machine: a message ends in the inbox, with its recipients. Lambda functions of the emulator receive it, once.',
    },
    {
      behaviour:
        'sends a confirmation to a new e-mail or HTTP subscriber, who answers with ConfirmSubscription',
      page: 'https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html',
      why: 'No one receives the token: such a subscription stays pending, and the inbox names it as pending.',
    },
    {
      behaviour: 'signs each notification',
      page: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
      why: 'Only AWS has AWS’s key: Signature, SigningCertURL and UnsubscribeURL are left out.',
    },
  ],
  missing: [
    {
      behaviour: 'orders and deduplicates the messages of a FIFO topic',
      page: 'https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-ordering.html',
      why: 'A FIFO topic is stored as one, and its messages are published like any other’s.',
    },
    {
      behaviour: 'fills subscribed queues',
      page: 'https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html',
      why: 'There is no SQS here: the inbox names them as recipients.',
    },
    {
      behaviour: 'lets a topic’s policy refuse who may publish',
      page: 'https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html',
      why: 'Policies are stored and not evaluated, as everywhere in the emulator.',
    },
  ],
}
