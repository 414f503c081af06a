/**
 * The history of alarms, durable and bounded: kept when an alarm is deleted, as AWS keeps it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
import type { EmulatorContext } from '../../../service.ts'

export interface HistoryItem {
  readonly name: string
  readonly kind: 'metric' | 'composite'
  readonly at: number
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action'
  readonly summary: string
  /** JSON. */
  readonly data: string
}

export interface AlarmHistory {
  note(item: Omit<HistoryItem, 'at' | 'data'> & { readonly data: unknown }): void
  /** Of one alarm, or of all; oldest first. */
  items(name?: string): readonly HistoryItem[]
}

const perAlarmMax = 100
const max = 5_000

export function createAlarmHistory({ clock, store, ids }: EmulatorContext): AlarmHistory {
  const items = store.collection<HistoryItem>('cloudwatch.alarm-history')
  const keysByName = new Map<string, string[]>()
  const keysOf = (name: string): string[] => {
    const known = keysByName.get(name) ?? []
    keysByName.set(name, known)
    return known
  }
  let size = 0
  const count = () => {
    keysByName.clear()
    for (const [key, { name }] of items.entries()) keysOf(name).push(key)
    size = items.values().length
  }
  count()
  items.onReload(count)

  function drop(key: string | undefined): void {
    if (key === undefined) return
    const name = items.get(key)?.name ?? ''
    const keys = keysOf(name)
    keys.splice(keys.indexOf(key), 1)
    if (keys.length === 0) keysByName.delete(name)
    if (items.delete(key)) size--
  }

  return {
    note({ data, ...item }) {
      const key = ids.uuid()
      items.put(key, { ...item, at: clock.now(), data: JSON.stringify(data) })
      size++
      const keys = keysOf(item.name)
      keys.push(key)
      if (keys.length > perAlarmMax) drop(keys[0])
      if (size > max) drop(items.entries()[0]?.[0])
    },
    items: (name) => items.values().filter((item) => name === undefined || item.name === name),
  }
}
