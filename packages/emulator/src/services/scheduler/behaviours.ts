/** What AWS documents of EventBridge Scheduler, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'counts the time of a schedule by the calendar',
      page: `${guide}/schedule-types.html`,
      why: 'The calendar of a schedule runs at the emulator’s speed, from the time at which the schedule was created: at speed 60, a nightly job is due every 24 minutes.',
    },
    {
      behaviour: 'invokes what is due at every moment',
      page: `${guide}/schedule-types.html`,
      why: 'What was due while the emulator was down is left out, except for a one-time schedule, which is invoked at the next start.',
    },
    {
      behaviour: 'deletes a group and its schedules over time',
      page: `${guide}/managing-schedule-group-delete.html`,
      why: 'They are gone when the call returns.',
    },
  ],
  missing: [
    {
      behaviour:
        'invokes SQS, Step Functions, event buses, Kinesis, Firehose, CodeBuild, CodePipeline, Inspector and SageMaker',
      page: `${guide}/managing-targets-templated.html`,
      why: 'These services are not in the emulator: such a target is refused by name.',
    },
    {
      behaviour: 'invokes any operation of the AWS SDK',
      page: `${guide}/managing-targets-universal.html`,
      why: 'Of the universal targets only ecs:runTask is invoked; the others are refused by name.',
    },
    {
      behaviour: 'sends an invocation that it drops to the dead-letter queue',
      page: `${guide}/configuring-schedule-dlq.html`,
      why: 'There is no SQS here: the event that it was dropped names the queue, and InvocationDroppedCount counts it.',
    },
    {
      behaviour: 'needs the permissions of its role for the target',
      page: `${guide}/setting-up.html`,
      why: 'Policies are stored and not evaluated; whether the role trusts the service is checked.',
    },
    {
      behaviour: 'encrypts schedules with a KMS key',
      page: `${guide}/encryption-rest.html`,
      why: 'KMS keys are names here.',
    },
  ],
}
