/**
 * What the benchmark of deployments deploys: a repository, and behind one load balancer two services under
 * CodeDeploy, as Terraform. `api` has two tasks, `wide` as many as its deployment is to start at once.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const repository = 'bench/api'
export const listenerPorts = { api: 80, wide: 81 } as const
export type ServiceName = keyof typeof listenerPorts

const provider = { aws: { region: 'us-east-1' } }

/** The stack that comes first: where the image goes. */
export const registryStack = {
  provider,
  resource: {
    aws_ecr_repository: {
      api: { name: repository, force_delete: true, image_tag_mutability: 'IMMUTABLE' },
    },
  },
}

/** Everything else, once `image` can be pulled. */
export function servicesStack(image: string, counts: Readonly<Record<ServiceName, number>>) {
  const services = Object.keys(listenerPorts) as ServiceName[]
  const each = <T>(make: (name: ServiceName) => Record<string, T>): Record<string, T> =>
    Object.assign({}, ...services.map(make))
  return {
    provider,
    resource: {
      aws_iam_role: {
        delivery: { name: 'delivery', assume_role_policy: '{"Version":"2012-10-17","Statement":[]}' },
      },
      aws_lb: { main: { name: 'main', subnets: ['subnet-1', 'subnet-2'], security_groups: ['sg-1'] } },
      aws_lb_target_group: each((name) => ({ ...group(`${name}-a`), ...group(`${name}-b`) })),
      aws_lb_listener: each((name) => ({
        [name]: {
          load_balancer_arn: '${aws_lb.main.arn}',
          port: listenerPorts[name],
          protocol: 'HTTP',
          default_action: [
            {
              type: 'forward',
              forward: [
                {
                  target_group: [
                    { arn: groupArn(`${name}-a`), weight: 100 },
                    { arn: groupArn(`${name}-b`), weight: 0 },
                  ],
                },
              ],
            },
          ],
          lifecycle: { ignore_changes: ['default_action'] },
        },
      })),
      aws_ecs_cluster: { main: { name: 'main' } },
      aws_ecs_task_definition: each((name) => ({
        [name]: {
          family: name,
          requires_compatibilities: ['FARGATE'],
          network_mode: 'awsvpc',
          cpu: '256',
          memory: '512',
          container_definitions: JSON.stringify([
            { name: 'api', image, essential: true, portMappings: [{ containerPort: 8080 }] },
          ]),
        },
      })),
      aws_ecs_service: each((name) => ({
        [name]: {
          name,
          cluster: '${aws_ecs_cluster.main.id}',
          task_definition: `\${aws_ecs_task_definition.${name}.arn}`,
          desired_count: counts[name],
          launch_type: 'FARGATE',
          deployment_controller: [{ type: 'CODE_DEPLOY' }],
          network_configuration: [{ subnets: ['subnet-1'], security_groups: ['sg-1'] }],
          load_balancer: [
            { target_group_arn: groupArn(`${name}-a`), container_name: 'api', container_port: 8080 },
          ],
          depends_on: [`aws_lb_listener.${name}`],
          lifecycle: { ignore_changes: ['task_definition', 'load_balancer', 'desired_count'] },
        },
      })),
      aws_codedeploy_app: { main: { name: 'main', compute_platform: 'ECS' } },
      aws_codedeploy_deployment_group: each((name) => ({ [name]: deploymentGroup(name) })),
    },
    output: each((name) => ({
      [`${name}_task_definition`]: { value: `\${aws_ecs_task_definition.${name}.arn}` },
      dns_name: { value: '${aws_lb.main.dns_name}' },
    })),
  }
}

const groupArn = (name: string) => `\${aws_lb_target_group.${name}.arn}`

const group = (name: string) => ({
  [name]: {
    name,
    port: 8080,
    protocol: 'HTTP',
    target_type: 'ip',
    vpc_id: 'vpc-1',
    health_check: [
      { path: '/health', interval: 10, timeout: 5, healthy_threshold: 2, unhealthy_threshold: 2 },
    ],
  },
})

const deploymentGroup = (name: ServiceName) => ({
  app_name: '${aws_codedeploy_app.main.name}',
  deployment_group_name: name,
  deployment_config_name: 'CodeDeployDefault.ECSAllAtOnce',
  service_role_arn: '${aws_iam_role.delivery.arn}',
  deployment_style: [{ deployment_option: 'WITH_TRAFFIC_CONTROL', deployment_type: 'BLUE_GREEN' }],
  auto_rollback_configuration: [{ enabled: true, events: ['DEPLOYMENT_FAILURE'] }],
  blue_green_deployment_config: [
    {
      deployment_ready_option: [{ action_on_timeout: 'CONTINUE_DEPLOYMENT' }],
      terminate_blue_instances_on_deployment_success: [
        { action: 'TERMINATE', termination_wait_time_in_minutes: 0 },
      ],
    },
  ],
  ecs_service: [
    { cluster_name: '${aws_ecs_cluster.main.name}', service_name: `\${aws_ecs_service.${name}.name}` },
  ],
  load_balancer_info: [
    {
      target_group_pair_info: [
        {
          prod_traffic_route: [{ listener_arns: [`\${aws_lb_listener.${name}.arn}`] }],
          target_group: [{ name: `${name}-a` }, { name: `${name}-b` }],
        },
      ],
    },
  ],
})

/** Writes a stack where a region can apply it; returns its folder. */
export function writeStack(below: string, name: string, stack: object): string {
  const folder = join(below, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(stack, null, 2))
  return folder
}
