/** Rules and their targets, and the delivery of what happens in the emulator to them. */
import type { EmulatorEvent } from '../../event-log.ts'
import type { EmulatorContext } from '../../service.ts'
import { eventPattern } from './event-pattern.ts'
import { type TargetInput, targetMessage } from './input-transformer.ts'

export interface Rule {
  readonly id: string
  readonly bus: string
  readonly name: string
  /** JSON; a rule without one has a schedule. */
  readonly pattern: string | undefined
  readonly enabled: boolean
}

export interface RuleTarget extends TargetInput {
  readonly id: string
  readonly rule: string
  readonly arn: string
}

export interface EventTargets {
  /** Publishes to an SNS topic; false when there is none of that ARN. */
  publish(topicArn: string, subject: string | undefined, message: string): boolean
  /** Invokes a Lambda function; false when there is none of that ARN. */
  invoke(functionArn: string, payload: string): boolean
}

export interface Rules {
  now(): number
  newTargetId(): string
  rule(id: string): Rule | undefined
  putRule(rule: Rule): void
  deleteRule(id: string): void
  putTarget(target: RuleTarget): void
  deleteTarget(id: string): void
  /** Hands an event to the targets of every rule that it matches. */
  deliver(event: EmulatorEvent): void
}

export function createRules(context: EmulatorContext, reached: EventTargets): Rules {
  const { accountId, region, clock, ids, store, events } = context
  const rules = store.collection<Rule>('events.rules')
  const targets = store.collection<RuleTarget>('events.targets')
  const tell = (arn: string, message: string): boolean => {
    if (!/^arn:[^:]+:lambda:/.test(arn)) return reached.publish(arn, undefined, message)
    // Lambda takes nothing else, and an input template may make something else.
    JSON.parse(message)
    return reached.invoke(arn, message)
  }
  return {
    now: clock.now,
    newTargetId: () => ids.hex('terraform-', 26),
    rule: (id) => rules.get(id),
    putRule: (rule) => rules.put(rule.id, rule),
    deleteRule: (id) => void rules.delete(id),
    putTarget: (target) => targets.put(target.id, target),
    deleteTarget: (id) => void targets.delete(id),
    deliver(happened) {
      const event = {
        version: '0',
        id: ids.uuid(),
        'detail-type': happened.detailType,
        source: happened.source,
        account: accountId,
        time: new Date(happened.at).toISOString().replace(/\.\d+Z$/, 'Z'),
        region,
        resources: happened.resources ?? [],
        detail: happened.detail,
      }
      for (const { id, bus, pattern, enabled } of rules.values()) {
        // What AWS's own services emit goes to the default bus.
        if (!enabled || bus !== 'default' || pattern === undefined || !eventPattern(pattern)(event)) continue
        for (const target of targets.values()) {
          if (target.rule !== id) continue
          const failure = failureOf(() => tell(target.arn, targetMessage(event, target)))
          if (failure === undefined) continue
          events.emit('baton.events', 'Delivery Failed', { rule: id, target: target.arn, reason: failure })
        }
      }
    },
  }
}

/** Why nothing was delivered: what happened has happened, whether its message can be sent or not. */
function failureOf(deliver: () => boolean): string | undefined {
  try {
    return deliver()
      ? undefined
      : 'the target does not exist, or is neither an SNS topic nor a Lambda function'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
