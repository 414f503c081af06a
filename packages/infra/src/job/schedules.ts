/**
 * What the schedules of a platform share: their group, the role with which EventBridge Scheduler runs their tasks, and
 * who is notified: of a task that failed, and of a run that could not be started at all.
 */
import { alarmName, clusterName, family, jobPart, roleName, ruleName, scheduleGroupName } from '@baton/config'
import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js'
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js'
import { SchedulerScheduleGroup } from '@cdktn/provider-aws/lib/scheduler-schedule-group/index.js'
import { Construct } from 'constructs'
import { policyDocument, trustedService } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface Schedules {
  readonly group: SchedulerScheduleGroup
  readonly role: IamRole
  /** A schedule is of no use before its role may do what it is for. */
  readonly policy: IamRolePolicy
}

/** ARN of a task definition of a job, of any revision, with or without the number. */
const definitions = (stack: BatonStack, job: string): string[] => {
  const { platform, accountId } = stack
  const part = jobPart(job)
  const arn = `arn:aws:ecs:${platform.region}:${accountId}:task-definition/${family(platform, part)}`
  return [arn, `${arn}:*`, `${arn}-template:*`]
}

export function schedules(stack: BatonStack, parts: { topicArn: string }): Schedules {
  const scope = new Construct(stack, 'schedules')
  const { platform, accountId } = stack
  const group = new SchedulerScheduleGroup(scope, 'main', { name: scheduleGroupName(platform) })
  const role = new IamRole(new Construct(scope, 'role'), 'schedules', {
    name: roleName(platform, 'schedules'),
    description: 'Runs the tasks of jobs',
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumeRolePolicy: trustedService('scheduler.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': accountId, 'aws:SourceArn': group.arn },
    }),
  })
  const cluster = `arn:aws:ecs:${platform.region}:${accountId}:cluster/${clusterName(platform)}`
  const policy = new IamRolePolicy(new Construct(scope, 'policy'), 'schedules', {
    name: 'run',
    role: role.id,
    policy: policyDocument([
      {
        Sid: 'Run',
        Action: 'ecs:RunTask',
        Resource: platform.jobs.flatMap(({ name }) => definitions(stack, name)),
        Condition: { ArnEquals: { 'ecs:cluster': cluster } },
      },
      {
        Sid: 'Tag',
        Action: 'ecs:TagResource',
        Resource: `arn:aws:ecs:${platform.region}:${accountId}:task/${clusterName(platform)}/*`,
        Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      },
      {
        Sid: 'PassRole',
        Action: 'iam:PassRole',
        Resource: platform.jobs.flatMap(({ name }) =>
          ['task', 'execution'].map(
            (kind) => `arn:aws:iam::${accountId}:role/${roleName(platform, `${jobPart(name)}-${kind}`)}`,
          ),
        ),
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ]),
  })
  failureNotices(stack, scope, parts.topicArn, cluster)
  return { group, role, policy }
}

/**
 * A task that ends with another code than 0 or never starts is in an event; a run that EventBridge Scheduler could not
 * start at all is in its metrics only.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
 */
function failureNotices(stack: BatonStack, scope: Construct, topicArn: string, cluster: string): void {
  const { platform } = stack
  const stopped = {
    clusterArn: [cluster],
    lastStatus: ['STOPPED'],
    group: platform.jobs.map(({ name }) => `family:${family(platform, jobPart(name))}`),
  }
  const rule = (id: string, description: string, detail: object) => {
    const made = new CloudwatchEventRule(scope, id, {
      name: ruleName(platform, id.replaceAll('_', '-')),
      description,
      eventPattern: JSON.stringify({
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: { ...stopped, ...detail },
      }),
    })
    new CloudwatchEventTarget(new Construct(scope, `${id}-target`), id, { rule: made.name, arn: topicArn })
  }
  rule('job_failures', 'Tasks of jobs that ended with another code than 0', {
    containers: { exitCode: [{ 'anything-but': [0] }] },
  })
  rule('job_starts', 'Tasks of jobs that did not start', { stopCode: ['TaskFailedToStart'] })
  new CloudwatchMetricAlarm(new Construct(scope, 'dropped'), 'jobs_dropped', {
    alarmName: alarmName(platform, 'jobs-dropped'),
    alarmDescription: 'Runs of jobs that could not be started',
    namespace: 'AWS/Scheduler',
    metricName: 'InvocationDroppedCount',
    dimensions: { ScheduleGroup: scheduleGroupName(platform) },
    statistic: 'Sum',
    period: 300,
    evaluationPeriods: 1,
    comparisonOperator: 'GreaterThanThreshold',
    threshold: 0,
    treatMissingData: 'notBreaching',
    alarmActions: [topicArn],
  })
}
