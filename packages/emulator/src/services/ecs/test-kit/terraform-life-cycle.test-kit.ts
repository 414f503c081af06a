/** For tests: the Terraform of a CodeDeploy service, of a rolling service, and of what both depend on. */
import type { Resources } from '../../../test-kit/terraform-life-cycle.test-kit.ts'

export const containers = (environment: Readonly<Record<string, string>> = {}) =>
  JSON.stringify([
    {
      name: 'app',
      image: 'example.com/app:1',
      portMappings: [{ containerPort: 8080 }],
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    },
  ])

const targetGroup = (name: string) => ({
  name,
  port: 8080,
  protocol: 'HTTP',
  target_type: 'ip',
  vpc_id: '${aws_vpc.main.id}',
})
const trusting = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  })
const network = { subnets: ['${aws_subnet.a.id}'] }

export const deliveredService = (): Resources => ({
  aws_vpc: { main: { cidr_block: '10.0.0.0/16' } },
  aws_subnet: {
    a: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.0.0.0/24', availability_zone: 'ap-northeast-2a' },
    b: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.0.1.0/24', availability_zone: 'ap-northeast-2b' },
  },
  aws_lb: { main: { name: 'edge', subnets: ['${aws_subnet.a.id}', '${aws_subnet.b.id}'] } },
  aws_lb_target_group: { blue: targetGroup('blue'), green: targetGroup('green') },
  aws_lb_listener: {
    http: {
      load_balancer_arn: '${aws_lb.main.arn}',
      port: 80,
      protocol: 'HTTP',
      default_action: {
        type: 'forward',
        forward: {
          target_group: [
            { arn: '${aws_lb_target_group.blue.arn}', weight: 100 },
            { arn: '${aws_lb_target_group.green.arn}', weight: 0 },
          ],
        },
      },
    },
  },
  aws_iam_role: {
    execution: { name: 'execution', assume_role_policy: trusting('ecs-tasks.amazonaws.com') },
    delivery: { name: 'delivery', assume_role_policy: trusting('codedeploy.amazonaws.com') },
  },
  aws_ecs_cluster: { main: { name: 'main' } },
  aws_ecs_task_definition: {
    app: {
      family: 'app',
      requires_compatibilities: ['FARGATE'],
      network_mode: 'awsvpc',
      cpu: '256',
      memory: '512',
      execution_role_arn: '${aws_iam_role.execution.arn}',
      container_definitions: containers(),
    },
  },
  aws_ecs_service: {
    app: {
      name: 'app',
      cluster: '${aws_ecs_cluster.main.arn}',
      task_definition: '${aws_ecs_task_definition.app.arn}',
      desired_count: 0,
      launch_type: 'FARGATE',
      deployment_controller: { type: 'CODE_DEPLOY' },
      network_configuration: network,
      load_balancer: {
        target_group_arn: '${aws_lb_target_group.blue.arn}',
        container_name: 'app',
        container_port: 8080,
      },
      depends_on: ['aws_lb_listener.http'],
      lifecycle: { ignore_changes: ['task_definition'] },
    },
    rolling: {
      name: 'rolling',
      cluster: '${aws_ecs_cluster.main.arn}',
      task_definition: '${aws_ecs_task_definition.app.arn}',
      desired_count: 0,
      launch_type: 'FARGATE',
      network_configuration: network,
    },
  },
  aws_codedeploy_app: { app: { name: 'app', compute_platform: 'ECS' } },
  aws_codedeploy_deployment_group: {
    app: {
      app_name: '${aws_codedeploy_app.app.name}',
      deployment_group_name: 'app',
      deployment_config_name: 'CodeDeployDefault.ECSAllAtOnce',
      service_role_arn: '${aws_iam_role.delivery.arn}',
      deployment_style: { deployment_option: 'WITH_TRAFFIC_CONTROL', deployment_type: 'BLUE_GREEN' },
      blue_green_deployment_config: {
        deployment_ready_option: { action_on_timeout: 'CONTINUE_DEPLOYMENT' },
        terminate_blue_instances_on_deployment_success: { action: 'TERMINATE' },
      },
      ecs_service: {
        cluster_name: '${aws_ecs_cluster.main.name}',
        service_name: '${aws_ecs_service.app.name}',
      },
      load_balancer_info: {
        target_group_pair_info: {
          prod_traffic_route: { listener_arns: ['${aws_lb_listener.http.arn}'] },
          target_group: [
            { name: '${aws_lb_target_group.blue.name}' },
            { name: '${aws_lb_target_group.green.name}' },
          ],
        },
      },
    },
  },
})
