/** Where Application Auto Scaling here differs from what AWS documents. */
import type { Behaviours } from '../../behaviours.ts'

export const behaviours: Behaviours = {
  byDesign: [],
  missing: [
    {
      behaviour: 'scales by target tracking and step policies, whose alarms it makes itself',
      page: 'https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html',
      why: 'Policies are kept and described; no alarm is made for them, and nothing scales by load.',
    },
    {
      behaviour: 'changes the bounds by scheduled actions',
      page: 'https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html',
      why: 'Scheduled actions are kept and described, and never due.',
    },
    {
      behaviour: 'brings a capacity that is out of its bounds back into them',
      page: 'https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html',
      why: 'Bounds are kept; the desired count stays what it is.',
    },
    {
      behaviour: 'registers targets of other services than ECS, and only such that exist',
      page: 'https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html',
      why: 'The namespace is ecs, the others are refused by name; whether the service exists is not looked up.',
    },
  ],
}
