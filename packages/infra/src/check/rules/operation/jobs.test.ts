import { ref, testRules } from '../../rules.test-kit.ts'
import { jobRules } from './jobs.ts'

const schedule = (body: object) => ({
  'aws_scheduler_schedule.nightly': {
    target: { arn: 'arn:aws:ecs:x:1:cluster/x', ecs_parameters: { task_definition_arn: 'x' } },
    ...body,
  },
})
const rule = (status: string) => ({
  'aws_cloudwatch_event_rule.failures': {
    event_pattern: JSON.stringify({
      'detail-type': ['ECS Task State Change'],
      detail: { lastStatus: [status] },
    }),
  },
  'aws_cloudwatch_event_target.failures': { rule: ref('aws_cloudwatch_event_rule.failures', 'name') },
})
const lambda = { 'aws_scheduler_schedule.limits': { target: { arn: 'arn:aws:lambda:x:1:function:x' } } }

testRules(jobRules, {
  'job-failures': {
    trips: schedule({}),
    alsoTrips: [{ ...schedule({}), ...rule('RUNNING') }],
    passes: { ...schedule({}), ...rule('STOPPED'), ...lambda },
  },
  'job-revision': {
    trips: schedule({}),
    alsoTrips: [schedule({ lifecycle: { ignore_changes: ['state'] } })],
    passes: {
      ...schedule({ lifecycle: { ignore_changes: ['target[0].ecs_parameters[0].task_definition_arn'] } }),
      ...lambda,
    },
  },
})
