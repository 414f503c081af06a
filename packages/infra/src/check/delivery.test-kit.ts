/** For tests: a service that CodeDeploy shifts between two target groups behind two listeners, all in order. */
import { type Resources, ref } from './rules.test-kit.ts'

const pair = [ref('aws_lb_target_group.blue', 'arn'), ref('aws_lb_target_group.green', 'arn')]
const rule = (listener: string, priority: number) => ({
  listener_arn: ref(`aws_lb_listener.${listener}`, 'arn'),
  priority,
  action: [
    {
      type: 'forward',
      forward: { target_group: pair.map((arn, index) => ({ arn, weight: index === 0 ? 100 : 0 })) },
    },
  ],
  lifecycle: { ignore_changes: ['action'] },
})
const metric = (color: string, name: string) => ({
  id: color,
  metric: {
    metric_name: name,
    period: 60,
    stat: 'Sum',
    dimensions: { TargetGroup: ref(`aws_lb_target_group.${color}`, 'arn_suffix') },
  },
})

export const metrics = (name: string, ...colors: string[]) => ({
  metric_query: [{ id: 'ratio', expression: 'blue + green' }, ...colors.map((color) => metric(color, name))],
})

export const delivery: Resources = {
  'aws_lb.main': { idle_timeout: 60 },
  'aws_lb_listener.https': {
    load_balancer_arn: ref('aws_lb.main', 'arn'),
    port: 443,
    default_action: [{ type: 'fixed-response' }],
  },
  'aws_lb_listener.test': { load_balancer_arn: ref('aws_lb.main', 'arn'), port: 8443 },
  'aws_lb_listener_rule.admin': rule('https', 1),
  'aws_lb_listener_rule.admin_test': rule('test', 1),
  'aws_lb_target_group.blue': {
    name: 'blue',
    deregistration_delay: '60',
    health_check: { interval: 10, timeout: 5 },
  },
  'aws_lb_target_group.green': {
    name: 'green',
    deregistration_delay: '60',
    health_check: { interval: 10, timeout: 5 },
  },
  'aws_ecs_task_definition.admin': {
    requires_compatibilities: ['FARGATE'],
    container_definitions: '[{"name":"admin","portMappings":[{"containerPort":8080}],"stopTimeout":60}]',
  },
  'aws_ecs_service.admin': {
    deployment_controller: { type: 'CODE_DEPLOY' },
    task_definition: ref('aws_ecs_task_definition.admin', 'arn'),
    load_balancer: {
      container_name: 'admin',
      container_port: 8080,
      target_group_arn: ref('aws_lb_target_group.blue', 'arn'),
    },
    health_check_grace_period_seconds: 60,
    lifecycle: { ignore_changes: ['task_definition', 'load_balancer', 'desired_count'] },
  },
  'aws_codedeploy_deployment_config.main': {
    deployment_config_name: 'canary',
    traffic_routing_config: { type: 'TimeBasedCanary', time_based_canary: { interval: 5, percentage: 10 } },
  },
  'aws_cloudwatch_metric_alarm.errors': {
    alarm_name: 'errors',
    evaluation_periods: 2,
    datapoints_to_alarm: 2,
    ...metrics('HTTPCode_Target_5XX_Count', 'blue', 'green'),
  },
  'aws_codedeploy_deployment_group.admin': {
    deployment_config_name: ref('aws_codedeploy_deployment_config.main', 'deployment_config_name'),
    ecs_service: { service_name: ref('aws_ecs_service.admin', 'name') },
    alarm_configuration: { enabled: true, alarms: [ref('aws_cloudwatch_metric_alarm.errors', 'alarm_name')] },
    auto_rollback_configuration: {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
    },
    load_balancer_info: {
      target_group_pair_info: {
        prod_traffic_route: { listener_arns: [ref('aws_lb_listener.https', 'arn')] },
        test_traffic_route: { listener_arns: [ref('aws_lb_listener.test', 'arn')] },
        target_group: [
          { name: ref('aws_lb_target_group.blue', 'name') },
          { name: ref('aws_lb_target_group.green', 'name') },
        ],
      },
    },
  },
}

/** The same with other arguments of one resource, which comes first. */
export function deliveryWith(address: string, changes: Readonly<Record<string, unknown>>): Resources {
  return { [address]: { ...delivery[address], ...changes }, ...without(address) }
}

export function without(address: string): Resources {
  return Object.fromEntries(Object.entries(delivery).filter(([each]) => each !== address))
}
