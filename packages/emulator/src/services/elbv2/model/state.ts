/**
 * The load balancer's durable state and the questions that the rest asks of it.
 */
import type { Store } from '../../../store.ts'
import type { Target } from '../contract.ts'
import { forwardedGroups } from './actions.ts'
import {
  invalidArn,
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
} from './errors.ts'
import type { Listener, LoadBalancer, Registration, Rule, TargetGroup } from './model.ts'

export type State = ReturnType<typeof createState>

export const registrationKey = (targetGroupArn: string, target: Target) =>
  `${targetGroupArn}|${target.id}:${target.port}`

export function createState(store: Store) {
  const loadBalancers = store.collection<LoadBalancer>('elbv2.load-balancers')
  const listeners = store.collection<Listener>('elbv2.listeners')
  const rules = store.collection<Rule>('elbv2.rules')
  const targetGroups = store.collection<TargetGroup>('elbv2.target-groups')
  const registrations = store.collection<Registration>('elbv2.registrations')

  const rulesOf = (listenerArn: string) =>
    rules
      .values()
      .filter((rule) => rule.listenerArn === listenerArn)
      .sort((a, b) => order(a) - order(b))

  return {
    loadBalancers,
    listeners,
    rules,
    targetGroups,
    registrations,
    /** By priority, the default rule last. */
    rulesOf,
    listenersOf: (loadBalancerArn: string) =>
      listeners.values().filter((listener) => listener.loadBalancerArn === loadBalancerArn),
    defaultRule(listenerArn: string): Rule {
      const rule = rules
        .values()
        .find((each) => each.listenerArn === listenerArn && each.priority === 'default')
      if (!rule) throw new Error(`invariant: listener ${listenerArn} has a default rule`)
      return rule
    },
    loadBalancer(arn: string | undefined): LoadBalancer {
      const found = loadBalancers.get(arn ?? '')
      if (!found)
        throw isArnOf('loadbalancer', arn) ? loadBalancerNotFound() : invalidArn(arn ?? '', 'load balancer')
      return found
    },
    listener(arn: string | undefined): Listener {
      const found = listeners.get(arn ?? '')
      if (!found) throw isArnOf('listener', arn) ? listenerNotFound() : invalidArn(arn ?? '', 'listener')
      return found
    },
    rule(arn: string | undefined): Rule {
      const found = rules.get(arn ?? '')
      if (!found)
        throw isArnOf('listener-rule', arn) ? ruleNotFound() : invalidArn(arn ?? '', 'listener rule')
      return found
    },
    targetGroup(arn: string | undefined): TargetGroup {
      const found = targetGroups.get(arn ?? '')
      if (!found)
        throw isArnOf('targetgroup', arn) ? targetGroupNotFound() : invalidArn(arn ?? '', 'target group')
      return found
    },
    /** Target group → the load balancers that forward to it: by default rules, rules, whatever the weight. */
    associations(): Map<string, Set<string>> {
      const found = new Map<string, Set<string>>()
      for (const rule of rules.values()) {
        const loadBalancerArn = listeners.get(rule.listenerArn)?.loadBalancerArn
        if (loadBalancerArn === undefined) continue
        for (const { arn } of forwardedGroups(rule.actions)) {
          const known = found.get(arn) ?? new Set()
          found.set(arn, known.add(loadBalancerArn))
        }
      }
      return found
    },
  }
}

const order = (rule: Rule) => (rule.priority === 'default' ? Number.POSITIVE_INFINITY : rule.priority)

const isArnOf = (kind: string, arn: string | undefined) =>
  /^arn:[^:]*:elasticloadbalancing:[^:]*:[^:]*:([^/]+)\/./.exec(arn ?? '')?.[1] === kind
