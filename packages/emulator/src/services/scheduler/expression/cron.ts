/**
 * AWS's dialect of cron: six fields (minutes, hours, day of month, month, day of week, year), Sunday is 1, and one of
 * the two day fields is `?`. Croner knows the calendar; this file holds the expression against AWS's rules and writes it
 * in Croner's form.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import { Cron } from 'croner'
import { utcOf, wallClockOf } from './zone-time.ts'

/** The times of an expression. */
export interface Calendar {
  /** The first time after `afterMs`, both in milliseconds since the epoch; undefined where none follows. */
  next(afterMs: number): number | undefined
}

interface Field {
  readonly min: number
  readonly max: number
  /** The names of its values, from the first one on. */
  readonly names?: readonly string[]
  /** What the field may be as a whole, besides numbers, ranges and steps. */
  readonly special?: RegExp
  readonly steps: boolean
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const lastYear = 2199

const fields: readonly Field[] = [
  { min: 0, max: 59, steps: true },
  { min: 0, max: 23, steps: true },
  { min: 1, max: 31, special: /^(\?|L|LW|(3[01]|[12]?[0-9])W)$/, steps: true },
  { min: 1, max: 12, names: months, steps: true },
  {
    min: 1,
    max: 7,
    names: days,
    special: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
    steps: false,
  },
  { min: 1970, max: lastYear, steps: true },
]

/** The text between the parentheses of `cron(…)`; undefined where AWS refuses it. */
export function cronCalendar(text: string, zone: string): Calendar | undefined {
  const written = text.trim().toUpperCase().split(/\s+/)
  if (written.length !== fields.length) return undefined
  const translated = fields.map((field, index) => translate(written[index] ?? '', field))
  const [, , dayOfMonth, , dayOfWeek] = written
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined
  if (translated.includes(undefined)) return undefined
  const pattern = ['0', ...translated].join(' ')
  let cron: Cron
  try {
    cron = new Cron(pattern, { timezone: 'UTC', alternativeWeekdays: true, mode: '7-part' })
  } catch {
    return undefined
  }
  return { next: (afterMs) => nextIn(cron, zone, afterMs) }
}

/**
 * Croner walks the wall clock of the zone as if it were UTC. A time that does not exist is left out, and one that
 * occurs twice counts once.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
function nextIn(cron: Cron, zone: string, afterMs: number): number | undefined {
  let wallClock: Date | null = new Date(wallClockOf(afterMs, zone))
  for (;;) {
    wallClock = cron.nextRun(wallClock)
    if (wallClock === null) return undefined
    const utcMs = utcOf(wallClock.getTime(), zone)
    if (utcMs !== undefined && utcMs > afterMs) return utcMs
  }
}

/** A field in Croner's form. */
function translate(written: string, field: Field): string | undefined {
  if (field.special?.test(written)) return translateSpecial(written, field)
  const items = written.split(',').map((item) => translateItem(item, field))
  return items.includes(undefined) ? undefined : items.join(',')
}

function translateSpecial(written: string, field: Field): string | undefined {
  if (written.startsWith('0')) return undefined
  // The last day of the week is Saturday.
  if (written === 'L' && field.names === days) return '7'
  const lastOf = /^(\w{1,3})L$/.exec(written)
  return lastOf ? `${lastOf[1]}#L` : written
}

/** `5`, `JAN`, `1-5`, `*`, and each with a step where the field has steps: `0/15` is `0-59/15`. */
function translateItem(item: string, field: Field): string | undefined {
  const [range = '', step, more] = item.split('/')
  if (more !== undefined) return undefined
  if (step !== undefined && !(field.steps && /^[1-9]\d{0,3}$/.test(step))) return undefined
  const [from, to, tooMany] =
    range === '*' ? [field.min, field.max] : range.split('-').map((text) => numberOf(text, field))
  if (from === undefined || tooMany !== undefined) return undefined
  if (range.includes('-') && (to === undefined || to < from)) return undefined
  const stepped = step === undefined ? '' : `/${Math.min(Number(step), field.max - field.min + 1)}`
  if (range === '*')
    return stepped === '' && field.max !== lastYear ? '*' : `${field.min}-${field.max}${stepped}`
  if (to !== undefined) return `${from}-${to}${stepped}`
  return stepped === '' ? String(from) : `${from}-${field.max}${stepped}`
}

function numberOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1
  const value = named >= 0 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}
