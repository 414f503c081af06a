/** EventBridge's rules and their targets. */
import type { EmulatorContext } from '../../service.ts'
import type { TargetInput } from './input-transformer.ts'

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

export interface EventsState {
  now(): number
  newTargetId(): string
  rules(): Rule[]
  rule(id: string): Rule | undefined
  putRule(rule: Rule): void
  deleteRule(id: string): void
  targetsOf(rule: string): RuleTarget[]
  putTarget(target: RuleTarget): void
  deleteTarget(id: string): void
}

export function createState({ clock, ids, store }: EmulatorContext): EventsState {
  const rules = store.collection<Rule>('events.rules')
  const targets = store.collection<RuleTarget>('events.targets')
  return {
    now: clock.now,
    newTargetId: () => ids.hex('terraform-', 26),
    rules: () => rules.values(),
    rule: (id) => rules.get(id),
    putRule: (rule) => rules.put(rule.id, rule),
    deleteRule: (id) => void rules.delete(id),
    targetsOf: (rule) => targets.values().filter((target) => target.rule === rule),
    putTarget: (target) => targets.put(target.id, target),
    deleteTarget: (id) => void targets.delete(id),
  }
}
