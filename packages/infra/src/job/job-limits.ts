/**
 * The function that stops tasks of jobs (see `functions/job-limits.ts`), and what calls it: an event when a task of a
 * job runs, and a schedule once a minute. It may list, describe and stop tasks of this cluster.
 */
import { clusterName, family, functionName, jobPart, ruleName } from '@baton/config'
import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js'
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js'
import { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js'
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js'
import { SchedulerSchedule } from '@cdktn/provider-aws/lib/scheduler-schedule/index.js'
import { Construct } from 'constructs'
import { policyDocument } from '../security/policy.ts'
import { role } from '../security/roles.ts'
import type { Asset } from '../terraform/assets.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Schedules } from './schedules.ts'

export function jobLimits(
  stack: BatonStack,
  parts: { asset: Asset; cluster: EcsCluster; schedules: Schedules },
): void {
  const { platform, accountId } = stack
  const id = 'job_limits'
  const part = 'job-limits'
  const scope = new Construct(stack, part)
  const name = functionName(platform, part)
  const log = new CloudwatchLogGroup(new Construct(scope, 'log'), id, {
    name: `/aws/lambda/${name}`,
    retentionInDays: platform.logs.retentionDays,
  })
  const inCluster = { ArnEquals: { 'ecs:cluster': parts.cluster.arn } }
  const tasks = `arn:aws:ecs:${platform.region}:${accountId}:task/${clusterName(platform)}/*`
  const execution = role(stack, {
    id,
    part,
    service: 'lambda.amazonaws.com',
    description: 'Stops tasks of jobs that run too long',
    statements: [
      { Sid: 'Logs', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${log.arn}:*` },
      // It lists container instances in IAM's words, of which Fargate has none.
      { Sid: 'List', Action: 'ecs:ListTasks', Resource: '*', Condition: inCluster },
      { Sid: 'Tasks', Action: ['ecs:DescribeTasks', 'ecs:StopTask'], Resource: tasks },
    ],
  })
  const limits = platform.jobs.map((job) => ({
    family: family(platform, jobPart(job.name)),
    timeoutMinutes: job.timeoutMinutes,
    overlap: job.overlap,
  }))
  const lambda = new LambdaFunction(scope, id, {
    functionName: name,
    description: 'Stops tasks of jobs that run too long, or while another runs',
    role: execution.arn,
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
    handler: 'index.handler',
    filename: parts.asset.file,
    sourceCodeHash: parts.asset.hash,
    timeout: 60,
    memorySize: 256,
    environment: { variables: { CLUSTER: parts.cluster.name, JOBS: JSON.stringify(limits) } },
    loggingConfig: { logFormat: 'Text', logGroup: log.name },
  })
  const started = new CloudwatchEventRule(new Construct(scope, 'started'), 'jobs_started', {
    name: ruleName(platform, 'jobs-started'),
    description: 'Tasks of jobs that run',
    eventPattern: JSON.stringify({
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: {
        clusterArn: [parts.cluster.arn],
        lastStatus: ['RUNNING'],
        group: limits.map((limit) => `family:${limit.family}`),
      },
    }),
  })
  new CloudwatchEventTarget(new Construct(scope, 'started-target'), 'jobs_started', {
    rule: started.name,
    arn: lambda.arn,
  })
  new LambdaPermission(new Construct(scope, 'started-permission'), 'jobs_started', {
    statementId: 'events',
    action: 'lambda:InvokeFunction',
    functionName: lambda.functionName,
    principal: 'events.amazonaws.com',
    sourceArn: started.arn,
  })
  const invoke = new IamRolePolicy(new Construct(scope, 'invoke'), 'schedules_limits', {
    name: 'limits',
    role: parts.schedules.role.id,
    policy: policyDocument([{ Sid: 'Limits', Action: 'lambda:InvokeFunction', Resource: lambda.arn }]),
  })
  new SchedulerSchedule(new Construct(scope, 'schedule'), id, {
    name: part,
    groupName: parts.schedules.group.name,
    description: 'Looks for tasks of jobs that run too long',
    scheduleExpression: 'rate(1 minutes)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: lambda.arn,
      roleArn: parts.schedules.role.arn,
      retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
    },
    dependsOn: [invoke],
  })
}
