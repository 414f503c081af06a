/**
 * What is killed again and again, as Terraform: a service of two tasks under CodeDeploy with a hook, a canary, a test
 * listener and an alarm; stores to write to; and a second, changing stack that is applied and destroyed meanwhile.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zip } from '../../packages/infra/src/terraform/assets.ts'
import {
  behind,
  deploymentGroup,
  listener,
  loadBalancer,
  network,
  provider,
  role,
  service,
  targetGroup,
  taskDefinition,
  writeStack,
} from '../delivered-service.ts'

export const names = {
  repository: 'kill/api',
  cluster: 'main',
  service: 'api',
  application: 'api',
  group: 'api',
  bucket: 'kill-objects',
  parameter: '/kill/count',
  secret: 'kill/count',
  logGroup: '/kill/log',
  alarm: 'kill-errors',
  database: 'kill',
  databasePassword: 'kill-kill-kill',
} as const

/** Answers for the deployment; what it answers depends on nothing but its name. */
const hook = (status: 'Succeeded' | 'Failed') => `
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy'
export const handler = async ({ DeploymentId: deploymentId, LifecycleEventHookExecutionId }) => {
  await new CodeDeployClient({}).send(new PutLifecycleEventHookExecutionStatusCommand({
    deploymentId, lifecycleEventHookExecutionId: LifecycleEventHookExecutionId, status: '${status}',
  }))
}
`

function lambda(below: string, name: string, code: string, token: string) {
  mkdirSync(below, { recursive: true })
  const filename = join(below, `${name}.zip`)
  writeFileSync(filename, zip('index.mjs', Buffer.from(code)))
  return {
    function_name: name,
    role: '${aws_iam_role.main.arn}',
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    filename,
    timeout: 30,
    environment: [{ variables: { KILL_TOKEN: token } }],
  }
}

/** Where images go: applied first. */
export function writeRegistryStack(below: string): string {
  const repository = { name: names.repository, force_delete: true }
  return writeStack(below, 'registry', { provider, resource: { aws_ecr_repository: { api: repository } } })
}

/** Everything that is deployed and written to, once `image` can be pulled. `token` marks every process of it. */
export function writeServiceStack(below: string, image: string, token: string, database: boolean): string {
  return writeStack(below, 'service', {
    provider,
    resource: {
      aws_iam_role: { main: role('main') },
      aws_lb: { main: loadBalancer('main') },
      aws_lb_target_group: { blue: drainingGroup('blue'), green: drainingGroup('green') },
      aws_lb_listener: { production: listener(80, groups), test: listener(81, groups) },
      aws_ecs_cluster: { main: { name: names.cluster } },
      aws_ecs_task_definition: { api: markedTasks('api', image, token) },
      aws_ecs_service: { api: patientService() },
      aws_lambda_function: {
        approve: lambda(join(below, 'service'), 'approve', hook('Succeeded'), token),
        refuse: lambda(join(below, 'service'), 'refuse', hook('Failed'), token),
      },
      aws_codedeploy_app: { api: { name: names.application, compute_platform: 'ECS' } },
      aws_codedeploy_deployment_config: {
        canary: {
          deployment_config_name: 'canary',
          compute_platform: 'ECS',
          traffic_routing_config: [
            { type: 'TimeBasedCanary', time_based_canary: [{ interval: 1, percentage: 30 }] },
          ],
        },
      },
      aws_codedeploy_deployment_group: { api: guardedGroup() },
      aws_cloudwatch_metric_alarm: { errors: alarm() },
      aws_cloudwatch_log_group: { kill: { name: names.logGroup } },
      aws_s3_bucket: { objects: { bucket: names.bucket, force_destroy: true } },
      aws_ssm_parameter: {
        count: {
          name: names.parameter,
          type: 'String',
          value: '0',
          lifecycle: { ignore_changes: ['value'] },
        },
      },
      aws_secretsmanager_secret: { count: { name: names.secret, recovery_window_in_days: 0 } },
      aws_cloudfront_key_value_store: { pointers: { name: 'pointers' } },
      ...(database ? { aws_db_instance: { main: databaseInstance() } } : {}),
    },
    output: {
      dns_name: { value: '${aws_lb.main.dns_name}' },
      task_definition: { value: '${aws_ecs_task_definition.api.arn}' },
      key_value_store: { value: '${aws_cloudfront_key_value_store.pointers.arn}' },
      ...(database ? { database: { value: '${aws_db_instance.main.address}' } } : {}),
    },
  })
}

/** What is applied and destroyed while the emulator is killed: types that take a moment to make, and some that do not. */
export function writeExtraStack(below: string, image: string, token: string): string {
  return writeStack(below, 'extra', {
    provider,
    resource: {
      aws_iam_role: { main: role('extra') },
      aws_lb: { extra: loadBalancer('extra') },
      aws_lb_target_group: { extra: drainingGroup('extra') },
      aws_lb_listener: {
        extra: {
          load_balancer_arn: '${aws_lb.extra.arn}',
          port: 80,
          default_action: [{ type: 'forward', target_group_arn: '${aws_lb_target_group.extra.arn}' }],
        },
      },
      aws_ecs_cluster: { extra: { name: 'extra' } },
      aws_ecs_task_definition: { extra: markedTasks('extra', image, token) },
      aws_ecs_service: {
        extra: {
          name: 'extra',
          cluster: '${aws_ecs_cluster.extra.id}',
          task_definition: '${aws_ecs_task_definition.extra.arn}',
          desired_count: 1,
          launch_type: 'FARGATE',
          wait_for_steady_state: true,
          network_configuration: network,
          load_balancer: behind('extra'),
          depends_on: ['aws_lb_listener.extra'],
        },
      },
      aws_lambda_function: { extra: lambda(join(below, 'extra'), 'extra', hook('Succeeded'), token) },
      aws_s3_bucket: { extra: { bucket: 'kill-extra', force_destroy: true } },
      aws_s3_object: {
        extra: { bucket: '${aws_s3_bucket.extra.id}', key: 'greeting', content: 'hello' },
      },
      aws_cloudwatch_log_group: { extra: { name: '/kill/extra' } },
      aws_ssm_parameter: { extra: { name: '/kill/extra', type: 'String', value: 'extra' } },
      aws_secretsmanager_secret: { extra: { name: 'kill/extra', recovery_window_in_days: 0 } },
      aws_efs_file_system: { extra: { creation_token: 'extra' } },
      aws_sns_topic: { extra: { name: 'extra' } },
    },
  })
}

const groups = ['blue', 'green'] as const

const drainingGroup = (name: string) => ({ ...targetGroup(name, 3), deregistration_delay: 30 })

const markedTasks = (family: string, image: string, token: string) =>
  taskDefinition(family, image, {
    stopTimeout: 5,
    environment: [{ name: 'KILL_TOKEN', value: token }],
  })

const patientService = () => ({
  ...service(names.service, 2, 'blue', ['production', 'test']),
  health_check_grace_period_seconds: 60,
})

/** Stopped by its alarm, by hand and by what fails, it rolls back. */
const guardedGroup = () => ({
  ...deploymentGroup({
    application: names.application,
    service: names.service,
    role: 'main',
    listeners: ['production', 'test'],
    targetGroups: groups,
    terminationWaitMinutes: 1,
  }),
  deployment_group_name: names.group,
  deployment_config_name: '${aws_codedeploy_deployment_config.canary.id}',
  alarm_configuration: [{ enabled: true, alarms: ['${aws_cloudwatch_metric_alarm.errors.alarm_name}'] }],
  auto_rollback_configuration: [
    {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
  ],
})

/** Is in ALARM only when a test sets it. */
const alarm = () => ({
  alarm_name: names.alarm,
  namespace: 'Kill',
  metric_name: 'Errors',
  statistic: 'Sum',
  period: 60,
  evaluation_periods: 1,
  threshold: 1,
  comparison_operator: 'GreaterThanOrEqualToThreshold',
  treat_missing_data: 'ignore',
})

const databaseInstance = () => ({
  identifier: names.database,
  engine: 'postgres',
  engine_version: '17',
  instance_class: 'db.t4g.small',
  allocated_storage: 20,
  db_name: 'kill',
  username: 'kill',
  password: names.databasePassword,
  skip_final_snapshot: true,
})
