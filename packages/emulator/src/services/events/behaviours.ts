/** Where EventBridge here differs from what AWS documents. */
import type { Behaviours } from '../../behaviours.ts'

export const behaviours: Behaviours = {
  byDesign: [],
  missing: [
    {
      behaviour: 'delivers to queues, log groups and other buses, and tries again for a day',
      page: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html',
      why: 'SNS topics are notified and Lambda functions invoked, once; for other targets the event log of the emulator says `Delivery Failed`.',
    },
    {
      behaviour: 'runs rules by a schedule',
      page: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html',
      why: 'A schedule is kept and never due.',
    },
  ],
}
