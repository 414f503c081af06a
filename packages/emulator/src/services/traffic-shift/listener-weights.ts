/**
 * Traffic routes: which listener rules a deployment rewrites, and to what. CodeDeploy is given listeners, not
 * rules: every rule of a listener, its default too, that forwards to one of the pair's target groups is
 * rewritten; other rules and all conditions stay.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */

import { DeploymentFailure, loadBalancerUpdateError, orFail } from '../codedeploy/model/failures.ts'
import type { Elbv2, ForwardingRule, WeightedTargetGroup } from '../elbv2/contract.ts'

/** Rules of the listeners that forward to a target group of the pair. */
function pairRules(elbv2: Elbv2, listeners: readonly string[], pair: readonly string[]): ForwardingRule[] {
  return listeners
    .flatMap((listener) => elbv2.forwardingRules(listener))
    .filter((rule) => rule.targetGroups.some((group) => pair.includes(group.targetGroupArn)))
}

/**
 * Fails where the live target group is not behind each listener, and behind each of its rules that serve the
 * pair. https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html#troubleshooting-ecs-elb
 */
export function checkRoutes(
  elbv2: Elbv2,
  listeners: readonly string[],
  pair: readonly string[],
  liveGroup: string,
): void {
  for (const listener of listeners) {
    if (!elbv2.listenerExists(listener)) throw noListener(listener)
    const rules = pairRules(elbv2, [listener], pair)
    const astray = rules.find(
      (rule) => !rule.targetGroups.some((group) => group.targetGroupArn === liveGroup),
    )
    if (rules.length > 0 && astray === undefined) continue
    throw loadBalancerUpdateError(
      `Primary taskset target group must be behind listener ${astray?.ruleArn ?? listener}`,
    )
  }
}

const noListener = (listener: string) =>
  new DeploymentFailure('ELASTIC_LOAD_BALANCING_INVALID', `The listener ${listener} does not exist.`)

/**
 * Gives `percent` of the pair's traffic to one of its groups; the rest stays with the other. Fails where a listener
 * is gone, or no longer leads to either of them: nobody would notice that nothing was moved.
 */
export function route(
  elbv2: Elbv2,
  listeners: readonly string[],
  shares: { readonly from: string; readonly to: string; readonly percent: number },
): void {
  for (const listener of listeners) {
    const rules = pairRules(elbv2, [listener], [shares.from, shares.to])
    if (rules.length === 0) {
      throw elbv2.listenerExists(listener)
        ? loadBalancerUpdateError(`no rule of listener ${listener} forwards to the target groups`)
        : noListener(listener)
    }
    for (const rule of rules) {
      orFail(
        () => elbv2.setForward(rule.ruleArn, weights(rule.targetGroups, shares)),
        loadBalancerUpdateError,
      )
    }
  }
}

/** Groups keep their place in the rule; the one that was not attached comes last. */
function weights(
  attached: readonly WeightedTargetGroup[],
  { from, to, percent }: { readonly from: string; readonly to: string; readonly percent: number },
): WeightedTargetGroup[] {
  const weightOf = (arn: string, present: number) =>
    arn === to ? percent : arn === from ? 100 - percent : present
  const missing = [from, to].filter((arn) => !attached.some((group) => group.targetGroupArn === arn))
  return [
    ...attached.map((group) => ({ ...group, weight: weightOf(group.targetGroupArn, group.weight) })),
    ...missing.map((arn) => ({ targetGroupArn: arn, weight: weightOf(arn, 0) })),
  ]
}
