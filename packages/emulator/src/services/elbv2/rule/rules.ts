/** Making, changing and deleting rules, and their priorities. */
import type {
  Action,
  CreateRuleInput,
  ModifyRuleInput,
  RulePriorityPair,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ForwardingRule, WeightedTargetGroup } from '../contract.ts'
import { forwardedGroups, forwardTo, normalizeActions } from '../model/actions.ts'
import type { Elbv2Context } from '../model/context.ts'
import {
  operationNotPermitted,
  priorityInUse,
  targetGroupAssociationLimit,
  validationError,
} from '../model/errors.ts'
import type { Rule } from '../model/model.ts'
import { tagsOf } from '../model/tags.ts'
import { normalizeConditions } from './conditions.ts'
import { normalizeTransforms } from './transforms.ts'

const maxPriority = 50_000

export function createRule(env: Elbv2Context, input: CreateRuleInput): Rule {
  const { context, state } = env
  const listener = state.listener(input.ListenerArn)
  const transforms = normalizeTransforms(input.Transforms)
  const priority = checkPriority(input.Priority)
  if (state.rulesOf(listener.arn).some((each) => each.priority === priority)) throw priorityInUse(priority)
  const rule: Rule = {
    arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${context.ids.hex('', 16)}`,
    listenerArn: listener.arn,
    priority,
    conditions: normalizeConditions(input.Conditions),
    actions: normalizeActions(input.Actions, (arn) => checkForwarded(env, arn, listener.loadBalancerArn)),
    ...(transforms.length > 0 ? { transforms } : {}),
    tags: tagsOf(input.Tags),
  }
  return put(env, rule)
}

export function modifyRule(env: Elbv2Context, input: ModifyRuleInput): Rule {
  const rule = env.state.rule(input.RuleArn)
  if (rule.priority === 'default')
    throw operationNotPermitted(`Default rule '${rule.arn}' cannot be modified`)
  const { loadBalancerArn } = env.state.listener(rule.listenerArn)
  return put(env, {
    ...rule,
    ...(input.Conditions === undefined ? {} : { conditions: normalizeConditions(input.Conditions) }),
    ...(input.Transforms === undefined ? {} : { transforms: normalizeTransforms(input.Transforms) }),
    ...(input.ResetTransforms ? { transforms: [] } : {}),
    ...(input.Actions === undefined
      ? {}
      : { actions: normalizeActions(input.Actions, (arn) => checkForwarded(env, arn, loadBalancerArn)) }),
  })
}

export function deleteRule(env: Elbv2Context, arn: string | undefined): void {
  const rule = env.state.rule(arn)
  if (rule.priority === 'default') throw operationNotPermitted(`Default rule '${rule.arn}' cannot be deleted`)
  env.state.rules.delete(rule.arn)
  env.dataPlane.refresh()
}

/** All of them, or none. */
export function setRulePriorities(env: Elbv2Context, pairs: readonly RulePriorityPair[]): Rule[] {
  const changed = pairs.map((pair) => {
    const rule = env.state.rule(pair.RuleArn)
    if (rule.priority === 'default')
      throw operationNotPermitted(`Default rule '${rule.arn}' has no priority to set`)
    return { ...rule, priority: checkPriority(pair.Priority) }
  })
  const moved = new Set(changed.map((rule) => rule.arn))
  for (const rule of changed) {
    const others = env.state.rulesOf(rule.listenerArn).filter((each) => !moved.has(each.arn))
    const twice = changed.filter(
      (each) => each.listenerArn === rule.listenerArn && each.priority === rule.priority,
    )
    if (twice.length > 1 || others.some((each) => each.priority === rule.priority))
      throw priorityInUse(rule.priority)
  }
  env.context.store.transaction(() => {
    for (const rule of changed) env.state.rules.put(rule.arn, rule)
  })
  env.dataPlane.refresh()
  return changed
}

/** The rules of a listener that forward, its default rule included. */
export function forwardingRules(env: Elbv2Context, listenerArn: string): ForwardingRule[] {
  return env.state.rulesOf(listenerArn).flatMap((rule) => {
    const groups = forwardedGroups(rule.actions)
    if (groups.length === 0) return []
    return [
      {
        ruleArn: rule.arn,
        listenerArn,
        isDefault: rule.priority === 'default',
        targetGroups: groups.map(({ arn, weight }) => ({ targetGroupArn: arn, weight })),
      },
    ]
  })
}

/** Replaces the forward action of a rule; its stickiness stays. */
export function setForward(env: Elbv2Context, ruleArn: string, groups: readonly WeightedTargetGroup[]): void {
  const rule = env.state.rule(ruleArn)
  const previous = rule.actions.find((action) => action.Type === 'forward')
  const forward = forwardTo(
    groups.map(({ targetGroupArn, weight }) => ({ arn: targetGroupArn, weight })),
    previous,
  )
  const { loadBalancerArn } = env.state.listener(rule.listenerArn)
  const others: readonly Action[] = rule.actions.slice(0, -1)
  put(env, {
    ...rule,
    actions: normalizeActions([...others, forward], (arn) => checkForwarded(env, arn, loadBalancerArn)),
  })
}

/** A group exists, and belongs to no other load balancer. */
export function checkForwarded(env: Elbv2Context, targetGroupArn: string, loadBalancerArn: string): void {
  env.state.targetGroup(targetGroupArn)
  const users = env.state.associations().get(targetGroupArn)
  if (users && !users.has(loadBalancerArn)) throw targetGroupAssociationLimit(targetGroupArn)
}

function put(env: Elbv2Context, rule: Rule): Rule {
  env.state.rules.put(rule.arn, rule)
  env.dataPlane.refresh()
  return rule
}

function checkPriority(priority: number | undefined): number {
  if (priority === undefined || !Number.isInteger(priority) || priority < 1 || priority > maxPriority) {
    throw validationError(`Rule priority '${priority ?? ''}' must be between '1-${maxPriority}' inclusive`)
  }
  return priority
}
