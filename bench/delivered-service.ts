/**
 * The Terraform of a service that CodeDeploy delivers, piece by piece, as the benchmarks of deployments and of kills
 * need it: on Fargate, behind one load balancer called `main`, with two target groups. What they do otherwise they
 * lay over it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const containerPort = 8080
export const containerName = 'api'
export const provider = { aws: { region: 'us-east-1' } }

const groupArn = (name: string) => `\${aws_lb_target_group.${name}.arn}`

export const role = (name: string) => ({
  name,
  assume_role_policy: '{"Version":"2012-10-17","Statement":[]}',
})

export const loadBalancer = (name: string) => ({
  name,
  subnets: ['subnet-1', 'subnet-2'],
  security_groups: ['sg-1'],
})

export const targetGroup = (name: string, unhealthyThreshold: number) => ({
  name,
  port: containerPort,
  protocol: 'HTTP',
  target_type: 'ip',
  vpc_id: 'vpc-1',
  health_check: [
    {
      path: '/health',
      interval: 10,
      timeout: 5,
      healthy_threshold: 2,
      unhealthy_threshold: unhealthyThreshold,
    },
  ],
})

/** All traffic to the first of two target groups, until a deployment moves it. */
export const listener = (port: number, [live, idle]: readonly [string, string]) => ({
  load_balancer_arn: '${aws_lb.main.arn}',
  port,
  protocol: 'HTTP',
  default_action: [
    {
      type: 'forward',
      forward: [
        {
          target_group: [
            { arn: groupArn(live), weight: 100 },
            { arn: groupArn(idle), weight: 0 },
          ],
        },
      ],
    },
  ],
  lifecycle: { ignore_changes: ['default_action'] },
})

export const taskDefinition = (family: string, image: string, container: object = {}) => ({
  family,
  requires_compatibilities: ['FARGATE'],
  network_mode: 'awsvpc',
  cpu: '256',
  memory: '512',
  container_definitions: JSON.stringify([
    { name: containerName, image, essential: true, portMappings: [{ containerPort }], ...container },
  ]),
})

export const network = [{ subnets: ['subnet-1'], security_groups: ['sg-1'] }]
export const behind = (group: string) => [
  { target_group_arn: groupArn(group), container_name: containerName, container_port: containerPort },
]

/** Of the cluster `main` and the task definition of its own name. */
export const service = (name: string, tasks: number, group: string, listeners: readonly string[]) => ({
  name,
  cluster: '${aws_ecs_cluster.main.id}',
  task_definition: `\${aws_ecs_task_definition.${name}.arn}`,
  desired_count: tasks,
  launch_type: 'FARGATE',
  deployment_controller: [{ type: 'CODE_DEPLOY' }],
  network_configuration: network,
  load_balancer: behind(group),
  depends_on: listeners.map((each) => `aws_lb_listener.${each}`),
  lifecycle: { ignore_changes: ['task_definition', 'load_balancer', 'desired_count'] },
})

export interface Delivery {
  /** Names within the Terraform. */
  readonly application: string
  readonly service: string
  readonly role: string
  /** The listener of production traffic, and that of test traffic. */
  readonly listeners: readonly [production: string, test?: string]
  readonly targetGroups: readonly [string, string]
  readonly terminationWaitMinutes: number
}

/** Rolls back what fails; all at once, unless another configuration is laid over it. */
export const deploymentGroup = (delivery: Delivery) => {
  const [production, test] = delivery.listeners
  const route = (name: string) => [{ listener_arns: [`\${aws_lb_listener.${name}.arn}`] }]
  return {
    app_name: `\${aws_codedeploy_app.${delivery.application}.name}`,
    deployment_group_name: delivery.service,
    deployment_config_name: 'CodeDeployDefault.ECSAllAtOnce',
    service_role_arn: `\${aws_iam_role.${delivery.role}.arn}`,
    deployment_style: [{ deployment_option: 'WITH_TRAFFIC_CONTROL', deployment_type: 'BLUE_GREEN' }],
    auto_rollback_configuration: [{ enabled: true, events: ['DEPLOYMENT_FAILURE'] }],
    blue_green_deployment_config: [
      {
        deployment_ready_option: [{ action_on_timeout: 'CONTINUE_DEPLOYMENT' }],
        terminate_blue_instances_on_deployment_success: [
          { action: 'TERMINATE', termination_wait_time_in_minutes: delivery.terminationWaitMinutes },
        ],
      },
    ],
    ecs_service: [
      {
        cluster_name: '${aws_ecs_cluster.main.name}',
        service_name: `\${aws_ecs_service.${delivery.service}.name}`,
      },
    ],
    load_balancer_info: [
      {
        target_group_pair_info: [
          {
            prod_traffic_route: route(production),
            ...(test === undefined ? {} : { test_traffic_route: route(test) }),
            target_group: delivery.targetGroups.map((name) => ({ name })),
          },
        ],
      },
    ],
  }
}

/** What CreateDeployment is given: which revision runs, and which functions are asked on the way. */
export const appSpec = (taskDefinition: unknown, hooks: readonly Record<string, string>[] = []) =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: containerName, ContainerPort: containerPort },
          },
        },
      },
    ],
    ...(hooks.length === 0 ? {} : { Hooks: hooks }),
  })

/** Writes a stack where an emulator can apply it; returns its folder. */
export function writeStack(below: string, name: string, stack: object): string {
  const folder = join(below, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(stack, null, 2))
  return folder
}
