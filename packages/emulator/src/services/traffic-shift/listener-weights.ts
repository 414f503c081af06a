/**
 * The weights of a pair of target groups behind listeners. A shift names listeners, not rules: every rule of a
 * listener, its default rule too, that forwards to one of the pair is rewritten; other rules and all conditions stay.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */
import { AwsError } from '../../aws-error.ts'
import type { Elbv2, ForwardingRule, WeightedTargetGroup } from '../elbv2/contract.ts'

export type ListenerRules = Pick<Elbv2, 'forwardingRules' | 'listenerExists' | 'setForward'>

/** Why weights cannot be set. The controller of the deployment puts it into its own words. */
export class ListenerError extends Error {
  override name = 'ListenerError'
  readonly kind: 'no-listener' | 'no-rule' | 'not-live' | 'refused'
  constructor(kind: ListenerError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Rules of the listener that forward to a target group of the pair. */
const pairRules = (rules: ListenerRules, listener: string, pair: readonly string[]): ForwardingRule[] =>
  rules
    .forwardingRules(listener)
    .filter((rule) => rule.targetGroups.some((group) => pair.includes(group.targetGroupArn)))

const noListener = (listener: string) =>
  new ListenerError('no-listener', `The listener ${listener} does not exist.`)

/**
 * Throws a `ListenerError` where the live target group is not behind each listener, and behind each of its rules that
 * forward to the pair. https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html#troubleshooting-ecs-elb
 */
export function checkListeners(
  rules: ListenerRules,
  listeners: readonly string[],
  pair: readonly string[],
  liveTargetGroup: string,
): void {
  for (const listener of listeners) {
    if (!rules.listenerExists(listener)) throw noListener(listener)
    const found = pairRules(rules, listener, pair)
    const withoutLive = found.find(
      (rule) => !rule.targetGroups.some((group) => group.targetGroupArn === liveTargetGroup),
    )
    if (found.length > 0 && withoutLive === undefined) continue
    throw new ListenerError(
      'not-live',
      `Primary taskset target group must be behind listener ${withoutLive?.ruleArn ?? listener}`,
    )
  }
}

export interface Shares {
  readonly from: string
  readonly to: string
  /** Share of `to`, 0 to 100; `from` has the rest. */
  readonly percent: number
}

/**
 * Throws a `ListenerError` where a listener was deleted, or none of its rules forwards to the pair any more: without
 * the error no one would notice that no traffic was moved.
 */
export function setWeights(rules: ListenerRules, listeners: readonly string[], shares: Shares): void {
  for (const listener of listeners) {
    const found = pairRules(rules, listener, [shares.from, shares.to])
    if (found.length === 0) {
      throw rules.listenerExists(listener)
        ? new ListenerError('no-rule', `no rule of listener ${listener} forwards to the target groups`)
        : noListener(listener)
    }
    for (const rule of found) {
      try {
        rules.setForward(rule.ruleArn, weighted(rule.targetGroups, shares))
      } catch (error) {
        throw error instanceof AwsError ? new ListenerError('refused', error.message) : error
      }
    }
  }
}

/** Groups keep their place in the rule; the one that was not attached comes last. */
function weighted(
  attached: readonly WeightedTargetGroup[],
  { from, to, percent }: Shares,
): WeightedTargetGroup[] {
  const weightOf = (arn: string, present: number) =>
    arn === to ? percent : arn === from ? 100 - percent : present
  const missing = [from, to].filter((arn) => !attached.some((group) => group.targetGroupArn === arn))
  return [
    ...attached.map((group) => ({ ...group, weight: weightOf(group.targetGroupArn, group.weight) })),
    ...missing.map((arn) => ({ targetGroupArn: arn, weight: weightOf(arn, 0) })),
  ]
}
