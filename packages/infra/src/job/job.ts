/**
 * A job: the template of its task, and a schedule of EventBridge Scheduler that runs the released revision. Until the
 * first release there is none, so the schedule starts disabled; a release sets the revision and enables it. An apply
 * leaves both alone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
import { type Job, jobPart, scheduleName } from '@baton/config'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import { SchedulerSchedule } from '@cdktn/provider-aws/lib/scheduler-schedule/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { Construct } from 'constructs'
import type { Network } from '../network/network.ts'
import { type TaskParts, taskTemplate } from '../service/task-template.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Schedules } from './schedules.ts'

export function job(
  stack: BatonStack,
  spec: Job,
  parts: TaskParts & {
    readonly cluster: EcsCluster
    readonly network: Network
    readonly securityGroup: SecurityGroup
    readonly secrets: ReadonlyMap<string, string>
    readonly schedules: Schedules
  },
): { taskRoleArn: string } {
  const id = `job_${spec.name}`
  const name = jobPart(spec.name)
  const scope = new Construct(stack, name)
  const template = taskTemplate(
    stack,
    scope,
    {
      name,
      id,
      size: spec,
      stopTimeoutSeconds: spec.stopTimeoutSeconds,
      containers: [spec.container],
      statements: [],
      ...(spec.database ? { databaseUser: spec.service ?? name } : {}),
      secrets: parts.secrets,
    },
    parts,
  )
  new SchedulerSchedule(new Construct(scope, 'schedule'), id, {
    name: scheduleName(stack.platform, spec.name),
    groupName: parts.schedules.group.name,
    description: `Runs ${spec.name}`,
    scheduleExpression: spec.schedule,
    scheduleExpressionTimezone: spec.timeZone,
    state: 'DISABLED',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: parts.cluster.arn,
      roleArn: parts.schedules.role.arn,
      ecsParameters: {
        taskDefinitionArn: template.definition.arn,
        taskCount: 1,
        launchType: 'FARGATE',
        enableEcsManagedTags: true,
        propagateTags: 'TASK_DEFINITION',
        networkConfiguration: {
          subnets: parts.network.taskSubnets.map((subnet) => subnet.id),
          securityGroups: [parts.securityGroup.id],
          assignPublicIp: parts.network.assignPublicIp,
        },
      },
      // A run that could not start is late, not lost, for an hour.
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 },
    },
    lifecycle: { ignoreChanges: ['state', 'target[0].ecs_parameters[0].task_definition_arn'] },
    dependsOn: [...parts.network.egress, ...parts.logs.mountTargets, parts.schedules.policy],
  })
  return { taskRoleArn: template.taskRole.arn }
}
