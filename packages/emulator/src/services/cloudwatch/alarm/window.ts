/** How far back an alarm looks. */

import type { Alarms } from './alarms.ts'
import { alarmsOfRule } from './composite-rule.ts'
import { periodOf } from './data.ts'

/**
 * Seconds of AWS time: the period times the evaluation periods; of a composite alarm the longest of those that its
 * rule names. Undefined where there is no such alarm.
 */
export function alarmWindowSeconds(
  alarms: Pick<Alarms, 'get'>,
  name: string,
  asked: ReadonlySet<string> = new Set(),
): number | undefined {
  const alarm = alarms.get(name)
  // Composite alarms may name each other in a circle.
  if (!alarm || asked.has(name)) return undefined
  if (alarm.kind === 'metric') return periodOf(alarm.definition) * (alarm.definition.EvaluationPeriods ?? 1)
  const children = alarmsOfRule(alarm.definition.AlarmRule ?? 'FALSE')
  const windows = children.map((child) => alarmWindowSeconds(alarms, child, new Set([...asked, name])) ?? 0)
  return Math.max(0, ...windows)
}
