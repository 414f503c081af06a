/**
 * Schedule expressions: `rate(…)`, `cron(…)` and `at(…)`.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { type Calendar, cronCalendar } from './cron.ts'
import { utcOf } from './zone-time.ts'

export interface ScheduleExpression extends Calendar {
  readonly kind: 'rate' | 'cron' | 'at'
}

export interface ExpressionOptions {
  /** The zone of `cron` and `at`. */
  readonly zone: string
  /** The first time of a rate, in milliseconds since the epoch. */
  readonly firstMs: number
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** Undefined where the text is no expression that AWS takes. */
export function scheduleExpression(text: string, options: ExpressionOptions): ScheduleExpression | undefined {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? []
  if (kind === 'rate') return rate(inner, options.firstMs)
  if (kind === 'at') return at(inner, options.zone)
  const calendar = kind === 'cron' ? cronCalendar(inner, options.zone) : undefined
  return calendar && { kind: 'cron', next: calendar.next }
}

/** A rate counts elapsed time: daylight saving does not move it. */
function rate(inner: string, firstMs: number): ScheduleExpression | undefined {
  const [, value = '', unit = ''] = /^\s*([1-9]\d{0,8})\s+(minute|hour|day)s?\s*$/.exec(inner) ?? []
  const intervalMs = Number(value) * (unitMs[unit] ?? Number.NaN)
  if (!(intervalMs > 0)) return undefined
  return {
    kind: 'rate',
    next: (afterMs) =>
      afterMs < firstMs ? firstMs : firstMs + (Math.floor((afterMs - firstMs) / intervalMs) + 1) * intervalMs,
  }
}

function at(inner: string, zone: string): ScheduleExpression | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inner)) return undefined
  const wallClockMs = Date.parse(`${inner}Z`)
  // `Date.parse` takes the 31st of a month with 30 days for the 1st of the next one.
  if (Number.isNaN(wallClockMs) || new Date(wallClockMs).toISOString().slice(0, 19) !== inner)
    return undefined
  const atMs = utcOf(wallClockMs, zone)
  return { kind: 'at', next: (afterMs) => (atMs !== undefined && atMs > afterMs ? atMs : undefined) }
}
