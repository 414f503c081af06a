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
  readonly schedule?: string | undefined
  readonly description?: string | undefined
  readonly roleArn?: string | undefined
  readonly tags?: Tags
}

export type Tags = Readonly<Record<string, string>>

/** A bus beside the default one. */
export interface Bus {
  readonly name: string
  readonly description?: string | undefined
  /** JSON. */
  readonly policy?: string | undefined
  readonly tags?: Tags
}

export interface RuleTarget extends TargetInput {
  readonly id: string
  readonly rule: string
  readonly arn: string
  /** Its id within the rule. */
  readonly targetId?: string
  /** Members of the API that are kept and change nothing here. */
  readonly kept?: Readonly<Record<string, unknown>>
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
  target(id: string): RuleTarget | undefined
  /** A rule's ARN. */
  arnOf(rule: string): string
  buses(): Bus[]
  /** The default bus is always there. */
  bus(name: string): Bus | undefined
  putBus(bus: Bus): void
  deleteBus(name: string): void
}

/** A rule's id: its name, behind that of its bus where that is not the default one. */
export const ruleId = (bus: string, name: string): string => (bus === 'default' ? name : `${bus}/${name}`)

export function createState({ clock, ids, store, region, accountId }: EmulatorContext): EventsState {
  const rules = store.collection<Rule>('events.rules')
  const targets = store.collection<RuleTarget>('events.targets')
  const buses = store.collection<Bus>('events.buses')
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
    target: (id) => targets.get(id),
    arnOf: (rule) => `arn:aws:events:${region}:${accountId}:rule/${rule}`,
    buses: () => [
      buses.get('default') ?? { name: 'default' },
      ...buses.values().filter(({ name }) => name !== 'default'),
    ],
    bus: (name) => buses.get(name) ?? (name === 'default' ? { name } : undefined),
    putBus: (bus) => buses.put(bus.name, bus),
    deleteBus: (name) => void buses.delete(name),
  }
}
