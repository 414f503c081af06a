/**
 * What is killed again and again, as Terraform: a service of two tasks under CodeDeploy with a hook, a canary, a test
 * listener and an alarm; stores to write to; and a second, changing stack that is applied and destroyed meanwhile.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zip } from '../../packages/infra/src/assets.ts'
import { writeStack } from '../deploy/platform.ts'

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
export const containerPort = 8080
const provider = { aws: { region: 'us-east-1' } }
const noStatements = '{"Version":"2012-10-17","Statement":[]}'

/** Answers for the deployment without an AWS client; what it was told to say depends on nothing but its name. */
const hook = (status: 'Succeeded' | 'Failed') => `export const handler = async (event) => {
  const body = JSON.stringify({ deploymentId: event.DeploymentId, status: '${status}',
    lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId })
  const credential = process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/codedeploy/aws4_request'
  const response = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', body, headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
    authorization: 'AWS4-HMAC-SHA256 Credential=' + credential + ', SignedHeaders=host, Signature=0' } })
  if (!response.ok) throw new Error(await response.text())
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
      aws_iam_role: { main: { name: 'main', assume_role_policy: noStatements } },
      aws_lb: { main: { name: 'main', subnets: ['subnet-1', 'subnet-2'], security_groups: ['sg-1'] } },
      aws_lb_target_group: { blue: targetGroup('blue'), green: targetGroup('green') },
      aws_lb_listener: { production: listener(80), test: listener(81) },
      aws_ecs_cluster: { main: { name: names.cluster } },
      aws_ecs_task_definition: { api: taskDefinition(image, token) },
      aws_ecs_service: { api: service() },
      aws_lambda_function: {
        approve: lambda(below, 'approve', hook('Succeeded'), token),
        refuse: lambda(below, 'refuse', hook('Failed'), token),
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
      aws_codedeploy_deployment_group: { api: deploymentGroup() },
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

/** What is applied and destroyed while the region is killed: types that take a moment to make, and some that do not. */
export function writeExtraStack(below: string, image: string, token: string): string {
  return writeStack(below, 'extra', {
    provider,
    resource: {
      aws_iam_role: { main: { name: 'extra', assume_role_policy: noStatements } },
      aws_lb: { extra: { name: 'extra', subnets: ['subnet-1', 'subnet-2'], security_groups: ['sg-1'] } },
      aws_lb_target_group: { extra: targetGroup('extra') },
      aws_lb_listener: {
        extra: {
          load_balancer_arn: '${aws_lb.extra.arn}',
          port: 80,
          default_action: [{ type: 'forward', target_group_arn: '${aws_lb_target_group.extra.arn}' }],
        },
      },
      aws_ecs_cluster: { extra: { name: 'extra' } },
      aws_ecs_task_definition: { extra: { ...taskDefinition(image, token), family: 'extra' } },
      aws_ecs_service: {
        extra: {
          name: 'extra',
          cluster: '${aws_ecs_cluster.extra.id}',
          task_definition: '${aws_ecs_task_definition.extra.arn}',
          desired_count: 1,
          launch_type: 'FARGATE',
          wait_for_steady_state: true,
          network_configuration: [{ subnets: ['subnet-1'], security_groups: ['sg-1'] }],
          load_balancer: [
            {
              target_group_arn: '${aws_lb_target_group.extra.arn}',
              container_name: 'api',
              container_port: containerPort,
            },
          ],
          depends_on: ['aws_lb_listener.extra'],
        },
      },
      aws_lambda_function: { extra: lambda(below, 'extra', hook('Succeeded'), token) },
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

const groupArn = (name: string) => `\${aws_lb_target_group.${name}.arn}`

const targetGroup = (name: string) => ({
  name,
  port: containerPort,
  protocol: 'HTTP',
  target_type: 'ip',
  vpc_id: 'vpc-1',
  deregistration_delay: 30,
  health_check: [{ path: '/health', interval: 10, timeout: 5, healthy_threshold: 2, unhealthy_threshold: 3 }],
})

const listener = (port: number) => ({
  load_balancer_arn: '${aws_lb.main.arn}',
  port,
  protocol: 'HTTP',
  default_action: [
    {
      type: 'forward',
      forward: [
        {
          target_group: [
            { arn: groupArn('blue'), weight: 100 },
            { arn: groupArn('green'), weight: 0 },
          ],
        },
      ],
    },
  ],
  lifecycle: { ignore_changes: ['default_action'] },
})

const taskDefinition = (image: string, token: string) => ({
  family: 'api',
  requires_compatibilities: ['FARGATE'],
  network_mode: 'awsvpc',
  cpu: '256',
  memory: '512',
  container_definitions: JSON.stringify([
    {
      name: 'api',
      image,
      essential: true,
      stopTimeout: 5,
      portMappings: [{ containerPort }],
      environment: [{ name: 'KILL_TOKEN', value: token }],
    },
  ]),
})

const service = () => ({
  name: names.service,
  cluster: '${aws_ecs_cluster.main.id}',
  task_definition: '${aws_ecs_task_definition.api.arn}',
  desired_count: 2,
  launch_type: 'FARGATE',
  health_check_grace_period_seconds: 60,
  deployment_controller: [{ type: 'CODE_DEPLOY' }],
  network_configuration: [{ subnets: ['subnet-1'], security_groups: ['sg-1'] }],
  load_balancer: [
    { target_group_arn: groupArn('blue'), container_name: 'api', container_port: containerPort },
  ],
  depends_on: ['aws_lb_listener.production', 'aws_lb_listener.test'],
  lifecycle: { ignore_changes: ['task_definition', 'load_balancer', 'desired_count'] },
})

const deploymentGroup = () => ({
  app_name: '${aws_codedeploy_app.api.name}',
  deployment_group_name: names.group,
  deployment_config_name: '${aws_codedeploy_deployment_config.canary.id}',
  service_role_arn: '${aws_iam_role.main.arn}',
  deployment_style: [{ deployment_option: 'WITH_TRAFFIC_CONTROL', deployment_type: 'BLUE_GREEN' }],
  alarm_configuration: [{ enabled: true, alarms: ['${aws_cloudwatch_metric_alarm.errors.alarm_name}'] }],
  auto_rollback_configuration: [
    {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
  ],
  blue_green_deployment_config: [
    {
      deployment_ready_option: [{ action_on_timeout: 'CONTINUE_DEPLOYMENT' }],
      terminate_blue_instances_on_deployment_success: [
        { action: 'TERMINATE', termination_wait_time_in_minutes: 1 },
      ],
    },
  ],
  ecs_service: [
    { cluster_name: '${aws_ecs_cluster.main.name}', service_name: '${aws_ecs_service.api.name}' },
  ],
  load_balancer_info: [
    {
      target_group_pair_info: [
        {
          prod_traffic_route: [{ listener_arns: ['${aws_lb_listener.production.arn}'] }],
          test_traffic_route: [{ listener_arns: ['${aws_lb_listener.test.arn}'] }],
          target_group: [{ name: 'blue' }, { name: 'green' }],
        },
      ],
    },
  ],
})

/** Goes off only when it is set off. */
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
