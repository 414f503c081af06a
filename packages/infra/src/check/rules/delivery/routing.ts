/** Rules and services that deployments change: Terraform must ignore what CodeDeploy owns. */
import { containersOf } from '../../model/containers.ts'
import type { Rule } from '../../model/finding.ts'
import {
  forwards,
  ignores,
  isFront,
  pairs,
  rulesOf,
  serviceOf,
  targetsOf,
  taskDefinitionOf,
} from '../../model/traffic.ts'

const codedeploy =
  'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html'

export const routingRules: readonly Rule[] = [
  {
    name: 'default-forward',
    severity: 'error',
    demand: 'What no rule knows gets an answer from the listener, and reaches no service.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html',
    *check(terraform) {
      for (const listener of terraform.all('aws_lb_listener')) {
        if (!isFront(listener) || !forwards(listener, 'default_action')) continue
        yield {
          at: listener,
          reason: 'every host, path and scanner reaches a service, without the conditions of the rules',
          fix: 'Let the default action be a fixed response of 404; forward by rules with host, path and secret header.',
        }
      }
    },
  },
  {
    name: 'rule-ignores-action',
    severity: 'error',
    demand: 'Terraform leaves the action of a rule that deployments move.',
    source: codedeploy,
    *check(terraform) {
      const groups = pairs(terraform).flatMap((pair) => pair.groups)
      for (const rule of terraform.all('aws_lb_listener_rule')) {
        if (!targetsOf(rule).some((group) => groups.includes(group)) || ignores(rule, 'action')) continue
        yield {
          at: rule,
          reason: 'the next apply after a deployment sends its requests to the empty target group',
          fix: 'Add lifecycle { ignore_changes = [action] }.',
        }
      }
    },
  },
  {
    name: 'rule-forwards-to-both',
    severity: 'error',
    demand: 'A rule forwards to both groups of a pair from the start.',
    source: codedeploy,
    *check(terraform) {
      for (const { groups } of pairs(terraform)) {
        for (const rule of terraform.all('aws_lb_listener_rule')) {
          const targets = targetsOf(rule).filter((group) => groups.includes(group))
          if (targets.length === 0 || targets.length === groups.length) continue
          yield {
            at: rule,
            reason:
              'new tasks in a group that no rule forwards to get no health checks: an unhealthy release would take all traffic',
            fix: 'Forward to both groups, with weights 100 and 0.',
          }
        }
      }
    },
  },
  {
    name: 'pair-routed',
    severity: 'error',
    demand: 'Both listeners of a deployment group have a rule that forwards to its pair.',
    source: codedeploy,
    *check(terraform) {
      for (const { deploymentGroup, groups, production, test } of pairs(terraform)) {
        if (groups.length !== 2) {
          yield {
            at: deploymentGroup,
            reason: `it has ${groups.length} target groups here`,
            fix: 'Name two target groups of this stack.',
          }
        }
        for (const listener of [...production, ...test].filter(({ type }) => type === 'aws_lb_listener')) {
          const routed = [
            ...rulesOf(terraform, listener).flatMap((rule) => targetsOf(rule)),
            ...targetsOf(listener, 'default_action'),
          ]
          if (groups.some((group) => routed.includes(group))) continue
          yield {
            at: deploymentGroup,
            reason: `nothing on ${listener.address} forwards to its target groups: CodeDeploy refuses to deploy`,
            fix: 'Add a rule to the listener that forwards to both.',
          }
        }
      }
    },
  },
  {
    name: 'service-ignores-deployment',
    severity: 'error',
    demand: 'Terraform leaves what deployments and scaling change of a service.',
    source: codedeploy,
    *check(terraform) {
      for (const service of terraform.all('aws_ecs_service')) {
        const deployed = service.text('deployment_controller', 'type') === 'CODE_DEPLOY'
        const scaled = terraform
          .all('aws_appautoscaling_target')
          .some((target) => target.references('resource_id').includes(service))
        const owned = [
          ...(deployed ? ['task_definition', 'load_balancer'] : []),
          ...(deployed || scaled ? ['desired_count'] : []),
        ]
        const missing = owned.filter((argument) => !ignores(service, argument))
        if (missing.length === 0) continue
        yield {
          at: service,
          reason: `an apply after a deployment would undo it, or fail: ${missing.join(', ')}`,
          fix: `Add ${missing.join(', ')} to lifecycle.ignore_changes.`,
        }
      }
    },
  },
  {
    name: 'service-target',
    severity: 'error',
    demand: 'A service registers a port that its container has, in a group of its deployment pair.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-blue-green.html',
    *check(terraform) {
      const all = pairs(terraform)
      for (const service of terraform.all('aws_ecs_service')) {
        const definition = taskDefinitionOf(service)
        const containers = definition === undefined ? undefined : containersOf(definition)
        const pair = all.find((each) => serviceOf(each) === service)
        for (const target of service.blocks('load_balancer')) {
          const [name, port] = [target.text('container_name'), target.number('container_port')]
          const container = containers?.find((each) => each.name === name)
          if (containers !== undefined && (container === undefined || !container.ports.includes(port ?? 0))) {
            yield {
              at: service,
              reason: `${definition?.address} has no container ${name} with port ${port}`,
              fix: `Use one of: ${containers.flatMap((each) => each.ports.map((number) => `${each.name}:${number}`)).join(', ') || 'a port mapping'}.`,
            }
          }
          const group = target.references('target_group_arn')[0]
          if (pair === undefined || group === undefined || pair.groups.includes(group)) continue
          yield {
            at: service,
            reason: `${group.address} is not in the pair of ${pair.deploymentGroup.address}`,
            fix: 'Start on the first group of the pair.',
          }
        }
      }
    },
  },
  {
    name: 'rule-priority',
    severity: 'error',
    demand: 'Rules of a listener have priorities of their own.',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html',
    *check(terraform) {
      for (const listener of terraform.all('aws_lb_listener')) {
        const seen = new Map<number, string>()
        for (const rule of rulesOf(terraform, listener)) {
          const priority = rule.number('priority')
          if (priority === undefined) continue
          const other = seen.get(priority)
          seen.set(priority, other ?? rule.address)
          if (other === undefined) continue
          yield {
            at: rule,
            reason: `${other} has priority ${priority} too`,
            fix: 'Give it a priority that is free.',
          }
        }
      }
    },
  },
]
