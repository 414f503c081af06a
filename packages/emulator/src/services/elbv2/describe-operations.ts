/** The operations of the API that read. */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operations } from '../../protocol/operations.ts'
import { toAttributes } from './control/settings.ts'
import { sslPolicies } from './control/ssl-policies.ts'
import type { Elbv2Context } from './model/context.ts'
import {
  loadBalancerNotFound,
  sslPolicyNotFound,
  targetGroupNotFound,
  tooManyDescribed,
  validationError,
} from './model/errors.ts'
import { page } from './model/paging.ts'
import { changeTags, toTags } from './model/tags.ts'
import { listenerView, loadBalancerView, ruleView, targetGroupView } from './model/views.ts'
import { maxConditionValues, maxConditionWildcards } from './rule/condition-limits.ts'

export function describeOperations(env: Elbv2Context) {
  const { state } = env
  return {
    DescribeLoadBalancers(input) {
      if (input.Names && input.LoadBalancerArns)
        throw validationError(
          'Load balancer names and load balancer ARNs cannot be specified at the same time',
        )
      few('load balancers', input.Names, input.LoadBalancerArns)
      const named = (input.Names ?? []).map((name) => {
        const found = state.loadBalancers.values().find((each) => each.name === name)
        if (!found) throw loadBalancerNotFound(name)
        return found
      })
      const byArn = (input.LoadBalancerArns ?? []).map((arn) => state.loadBalancer(arn))
      const all = input.Names || input.LoadBalancerArns ? [...named, ...byArn] : state.loadBalancers.values()
      const { items, ...next } = page(all, input)
      return { LoadBalancers: items.map(loadBalancerView), ...next }
    },
    DescribeLoadBalancerAttributes: (input) => ({
      Attributes: toAttributes(state.loadBalancer(input.LoadBalancerArn).settings),
    }),
    DescribeListeners(input) {
      if ((input.ListenerArns === undefined) === (input.LoadBalancerArn === undefined))
        throw validationError('You must specify either listener ARNs or a load balancer ARN')
      few('listeners', input.ListenerArns)
      const all = input.ListenerArns?.length
        ? input.ListenerArns.map((arn) => state.listener(arn))
        : state.listenersOf(state.loadBalancer(input.LoadBalancerArn).arn)
      const { items, ...next } = page(all, input)
      return { Listeners: items.map((listener) => listenerView(env, listener)), ...next }
    },
    DescribeListenerAttributes: (input) => ({
      Attributes: toAttributes(state.listener(input.ListenerArn).settings),
    }),
    DescribeListenerCertificates(input) {
      const listener = state.listener(input.ListenerArn)
      const own =
        listener.certificateArn === undefined
          ? []
          : [{ CertificateArn: listener.certificateArn, IsDefault: true }]
      const others = listener.certificateArns.map((arn) => ({ CertificateArn: arn, IsDefault: false }))
      const { items, ...next } = page([...own, ...others], input)
      return { Certificates: items, ...next }
    },
    DescribeRules(input) {
      if ((input.ListenerArn === undefined) === (input.RuleArns === undefined)) {
        throw validationError('You must specify either listener ARN or rule ARNs')
      }
      few('rules', input.RuleArns)
      const all = input.RuleArns
        ? input.RuleArns.map((arn) => state.rule(arn))
        : state.rulesOf(state.listener(input.ListenerArn).arn)
      const { items, ...next } = page(all, input)
      return { Rules: items.map(ruleView), ...next }
    },
    DescribeTargetGroups(input) {
      const filters = [input.LoadBalancerArn, input.TargetGroupArns, input.Names].filter(
        (each) => each !== undefined,
      )
      if (filters.length > 1)
        throw validationError('Only one of load balancer ARN, target group ARNs and names may be specified')
      few('target groups', input.TargetGroupArns, input.Names)
      const { items, ...next } = page(targetGroups(env, input), input)
      return { TargetGroups: items.map((group) => targetGroupView(env, group)), ...next }
    },
    DescribeTargetGroupAttributes: (input) => ({
      Attributes: toAttributes(state.targetGroup(input.TargetGroupArn).settings),
    }),
    DescribeTargetHealth(input) {
      const group = state.targetGroup(input.TargetGroupArn)
      const { targets } = env.dataPlane
      const asked = input.Targets?.map((target) => ({ id: target.Id ?? '', port: target.Port ?? group.port }))
      const described = asked ?? targets.members(group.arn).map((member) => member.target)
      return {
        TargetHealthDescriptions: described.map((target) => {
          const {
            state: State,
            reason,
            description,
          } = targets.find(group.arn, target)?.health ?? {
            state: 'unused' as const,
            reason: 'Target.NotRegistered',
            description: 'Target is not registered to the target group',
          }
          const { port } = group.healthCheck
          return {
            Target: { Id: target.id, Port: target.port },
            HealthCheckPort: port === 'traffic-port' ? String(target.port) : port,
            TargetHealth: {
              State,
              Reason: reason as sdk.TargetHealthReasonEnum | undefined,
              Description: description,
            },
          }
        }),
      }
    },
    DescribeTags(input) {
      few('resources', input.ResourceArns)
      return {
        TagDescriptions: (input.ResourceArns ?? []).map((arn) => ({
          ResourceArn: arn,
          Tags: toTags(changeTags(env, arn, (tags) => tags)),
        })),
      }
    },
    DescribeSSLPolicies(input) {
      const unknown = input.Names?.find((name) => !sslPolicies.some(({ Name }) => Name === name))
      if (unknown !== undefined) throw sslPolicyNotFound(unknown)
      const all = sslPolicies.filter(
        ({ Name, SupportedLoadBalancerTypes }) =>
          (!input.Names?.length || input.Names.includes(Name)) &&
          SupportedLoadBalancerTypes.includes(input.LoadBalancerType ?? 'application'),
      )
      const { items, ...next } = page(all, input)
      return { SslPolicies: items, ...next }
    },
    DescribeAccountLimits(input) {
      const { items, ...next } = page(limits, input)
      return { Limits: items, ...next }
    },
  } satisfies Operations<typeof sdk>
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const describedMax = 20

function few(what: string, ...lists: readonly (readonly string[] | undefined)[]): void {
  if (lists.some((list) => (list?.length ?? 0) > describedMax)) throw tooManyDescribed(what, describedMax)
}

function targetGroups(env: Elbv2Context, input: sdk.DescribeTargetGroupsInput) {
  const { state } = env
  if (input.TargetGroupArns) return input.TargetGroupArns.map((arn) => state.targetGroup(arn))
  const all = state.targetGroups.values()
  if (input.Names) {
    return input.Names.map((name) => {
      const found = all.find((each) => each.name === name)
      if (!found) throw targetGroupNotFound()
      return found
    })
  }
  if (input.LoadBalancerArn === undefined) return all
  const { arn } = state.loadBalancer(input.LoadBalancerArn)
  const associations = state.associations()
  return all.filter((group) => associations.get(group.arn)?.has(arn))
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const limits: sdk.Limit[] = [
  { Name: 'application-load-balancers', Max: '50' },
  { Name: 'listeners-per-application-load-balancer', Max: '50' },
  { Name: 'rules-per-application-load-balancer', Max: '100' },
  { Name: 'targets-per-application-load-balancer', Max: '1000' },
  { Name: 'target-groups', Max: '3000' },
  { Name: 'target-groups-per-application-load-balancer', Max: '100' },
  { Name: 'target-groups-per-action-on-application-load-balancer', Max: '5' },
  { Name: 'certificates-per-application-load-balancer', Max: '25' },
  { Name: 'condition-values-per-alb-rule', Max: String(maxConditionValues) },
  { Name: 'condition-wildcards-per-alb-rule', Max: String(maxConditionWildcards) },
]
