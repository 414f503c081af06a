/** Elastic Load Balancing's API (2015-12-01); what it refuses by name is in refused-operations.ts. */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operations } from '../../protocol/operations.ts'
import {
  addCertificates,
  createListener,
  deleteListener,
  modifyListener,
  modifyListenerAttributes,
  removeCertificates,
} from './control/listeners.ts'
import {
  changeLoadBalancer,
  createLoadBalancer,
  deleteLoadBalancer,
  modifyLoadBalancerAttributes,
  setSubnets,
} from './control/load-balancers.ts'
import { toAttributes } from './control/settings.ts'
import {
  createTargetGroup,
  deleteTargetGroup,
  deregisterTargets,
  modifyTargetGroup,
  modifyTargetGroupAttributes,
  registerTargets,
} from './control/target-groups.ts'
import { trustStoreOperations } from './control/trust-store-operations.ts'
import { describeOperations } from './describe-operations.ts'
import type { Elbv2Context } from './model/context.ts'
import { changeTags, tagsOf } from './model/tags.ts'
import { listenerView, loadBalancerView, ruleView, targetGroupView, zonesView } from './model/views.ts'
import { createRule, deleteRule, modifyRule, setRulePriorities } from './rule/rules.ts'

export function createOperations(env: Elbv2Context) {
  return {
    ...describeOperations(env),
    ...trustStoreOperations(env),

    CreateLoadBalancer: (input) => ({ LoadBalancers: [loadBalancerView(createLoadBalancer(env, input))] }),
    async DeleteLoadBalancer(input) {
      // Deleting what does not exist succeeds.
      if (env.state.loadBalancers.has(input.LoadBalancerArn ?? ''))
        await deleteLoadBalancer(env, input.LoadBalancerArn)
      return {}
    },
    ModifyLoadBalancerAttributes(input) {
      const { settings } = modifyLoadBalancerAttributes(env, input.LoadBalancerArn, input.Attributes ?? [])
      return { Attributes: toAttributes(settings) }
    },
    SetSubnets(input) {
      const loadBalancer = setSubnets(env, input)
      return {
        AvailabilityZones: zonesView(loadBalancer),
        IpAddressType: loadBalancerView(loadBalancer).IpAddressType,
      }
    },
    SetSecurityGroups(input) {
      const securityGroups = input.SecurityGroups ?? []
      changeLoadBalancer(env, input.LoadBalancerArn, { securityGroups })
      return { SecurityGroupIds: securityGroups }
    },
    SetIpAddressType(input) {
      const ipAddressType = input.IpAddressType ?? 'ipv4'
      changeLoadBalancer(env, input.LoadBalancerArn, { ipAddressType })
      return { IpAddressType: ipAddressType }
    },

    CreateListener: async (input) => ({ Listeners: [listenerView(env, await createListener(env, input))] }),
    ModifyListener: async (input) => ({ Listeners: [listenerView(env, await modifyListener(env, input))] }),
    ModifyListenerAttributes(input) {
      const { settings } = modifyListenerAttributes(env, input.ListenerArn, input.Attributes ?? [])
      return { Attributes: toAttributes(settings) }
    },
    async DeleteListener(input) {
      await deleteListener(env, input.ListenerArn)
      return {}
    },
    AddListenerCertificates(input) {
      addCertificates(env, input.ListenerArn, input.Certificates ?? [])
      return { Certificates: (input.Certificates ?? []).map((each) => ({ ...each, IsDefault: false })) }
    },
    RemoveListenerCertificates(input) {
      removeCertificates(env, input.ListenerArn, input.Certificates ?? [])
      return {}
    },

    CreateRule: (input) => ({ Rules: [ruleView(createRule(env, input))] }),
    ModifyRule: (input) => ({ Rules: [ruleView(modifyRule(env, input))] }),
    DeleteRule(input) {
      deleteRule(env, input.RuleArn)
      return {}
    },
    SetRulePriorities: (input) => ({
      Rules: setRulePriorities(env, input.RulePriorities ?? []).map(ruleView),
    }),

    CreateTargetGroup: (input) => ({ TargetGroups: [targetGroupView(env, createTargetGroup(env, input))] }),
    ModifyTargetGroup: (input) => ({ TargetGroups: [targetGroupView(env, modifyTargetGroup(env, input))] }),
    ModifyTargetGroupAttributes(input) {
      const { settings } = modifyTargetGroupAttributes(env, input.TargetGroupArn, input.Attributes ?? [])
      return { Attributes: toAttributes(settings) }
    },
    DeleteTargetGroup(input) {
      deleteTargetGroup(env, input.TargetGroupArn)
      return {}
    },
    RegisterTargets(input) {
      registerTargets(env, input.TargetGroupArn, input.Targets ?? [])
      return {}
    },
    DeregisterTargets(input) {
      // The answer does not wait for the end of draining.
      void deregisterTargets(env, input.TargetGroupArn, input.Targets ?? [])
      return {}
    },

    AddTags(input) {
      for (const arn of input.ResourceArns ?? [])
        changeTags(env, arn, (tags) => ({ ...tags, ...tagsOf(input.Tags) }))
      return {}
    },
    RemoveTags(input) {
      const removed = new Set(input.TagKeys)
      for (const arn of input.ResourceArns ?? []) {
        changeTags(env, arn, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
        )
      }
      return {}
    },
  } satisfies Operations<typeof sdk>
}
