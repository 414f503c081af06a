/**
 * What the benchmark of deployments deploys: a repository, and behind one load balancer two services under
 * CodeDeploy, as Terraform. `api` has two tasks, `wide` as many as its deployment is to start at once.
 */
import {
  deploymentGroup,
  listener,
  loadBalancer,
  provider,
  role,
  service,
  targetGroup,
  taskDefinition,
} from '../delivered-service.ts'

export const repository = 'bench/api'
export const listenerPorts = { api: 80, wide: 81 } as const
export type ServiceName = keyof typeof listenerPorts

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
  const groupsOf = (name: ServiceName) => [`${name}-a`, `${name}-b`] as const
  return {
    provider,
    resource: {
      aws_iam_role: { delivery: role('delivery') },
      aws_lb: { main: loadBalancer('main') },
      aws_lb_target_group: each((name) =>
        Object.fromEntries(groupsOf(name).map((group) => [group, targetGroup(group, 2)])),
      ),
      aws_lb_listener: each((name) => ({ [name]: listener(listenerPorts[name], groupsOf(name)) })),
      aws_ecs_cluster: { main: { name: 'main' } },
      aws_ecs_task_definition: each((name) => ({ [name]: taskDefinition(name, image) })),
      aws_ecs_service: each((name) => ({
        [name]: service(name, counts[name], `${name}-a`, [name]),
      })),
      aws_codedeploy_app: { main: { name: 'main', compute_platform: 'ECS' } },
      aws_codedeploy_deployment_group: each((name) => ({
        [name]: deploymentGroup({
          application: 'main',
          service: name,
          role: 'delivery',
          listeners: [name],
          targetGroups: groupsOf(name),
          terminationWaitMinutes: 0,
        }),
      })),
    },
    output: each((name) => ({
      [`${name}_task_definition`]: { value: `\${aws_ecs_task_definition.${name}.arn}` },
      dns_name: { value: '${aws_lb.main.dns_name}' },
    })),
  }
}
