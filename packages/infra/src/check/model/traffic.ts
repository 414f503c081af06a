/** The path of a request by reference: distribution, load balancer, listener, rule, target group, service. */
import type { Block, Resource } from './block.ts'
import type { Terraform } from './terraform.ts'

export interface Pair {
  readonly deploymentGroup: Resource
  readonly groups: readonly Resource[]
  readonly production: readonly Resource[]
  readonly test: readonly Resource[]
}

/** Whether a listener serves HTTP to the internet: it belongs to an application load balancer that is not internal. */
export const isFront = (listener: Resource): boolean =>
  ['HTTP', 'HTTPS'].includes(listener.text('protocol') ?? 'HTTPS') &&
  !listener.references('load_balancer_arn').some((balancer) => balancer.flag('internal') === true)

/** Rules of a listener. */
export const rulesOf = (terraform: Terraform, listener: Resource): Resource[] =>
  terraform.pointingAt(listener, 'aws_lb_listener_rule', 'listener_arn')

const actionsOf = (rule: Block, argument = 'action'): Block[] => rule.blocks(argument)

export const forwards = (rule: Block, argument = 'action'): boolean =>
  actionsOf(rule, argument).some((action) => action.text('type') === 'forward')

/** Target groups that a rule or a default action forwards to. */
export const targetsOf = (rule: Block, argument = 'action'): Resource[] =>
  rule.references(argument).filter(({ type }) => type === 'aws_lb_target_group')

/** Distributions with an origin at this load balancer. */
export const distributionsBefore = (
  terraform: Terraform,
  balancer: Resource,
): { distribution: Resource; origin: Block }[] =>
  terraform.all('aws_cloudfront_distribution').flatMap((distribution) =>
    distribution
      .blocks('origin')
      .filter((origin) => origin.references('domain_name').includes(balancer))
      .map((origin) => ({ distribution, origin })),
  )

/** Blue and green of each deployment group. */
export const pairs = (terraform: Terraform): Pair[] =>
  terraform.all('aws_codedeploy_deployment_group').flatMap((deploymentGroup) => {
    const [pair] = deploymentGroup.blocks('load_balancer_info', 'target_group_pair_info')
    if (pair === undefined) return []
    return [
      {
        deploymentGroup,
        groups: pair.references('target_group').filter(({ type }) => type === 'aws_lb_target_group'),
        production: pair.references('prod_traffic_route'),
        test: pair.references('test_traffic_route'),
      },
    ]
  })

/** The service that a deployment group deploys. */
export const serviceOf = ({ deploymentGroup }: Pair): Resource | undefined =>
  deploymentGroup.references('ecs_service').find(({ type }) => type === 'aws_ecs_service')

export const taskDefinitionOf = (service: Resource): Resource | undefined =>
  service.references('task_definition').find(({ type }) => type === 'aws_ecs_task_definition')

/** Load balancers that can send to a target group, by its rules and default actions. */
export function balancersOf(terraform: Terraform, group: Resource): Resource[] {
  const rules = terraform.pointingAt(group, 'aws_lb_listener_rule', 'action')
  const listeners = [
    ...rules.flatMap((rule) => rule.references('listener_arn')),
    ...terraform.pointingAt(group, 'aws_lb_listener', 'default_action'),
  ]
  return [...new Set(listeners.flatMap((listener) => listener.references('load_balancer_arn')))]
}

export const ignores = (resource: Resource, argument: string): boolean =>
  resource.at('lifecycle', 'ignore_changes') === 'all' ||
  resource.texts('lifecycle', 'ignore_changes').some((each) => each === argument || each === 'all')
