/**
 * Schedules as EventBridge Scheduler takes them.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: months },
  { name: 'day of week', least: 1, most: 7, names: weekdays },
  { name: 'year', least: 1970, most: 2199 },
]

/** What is wrong with a schedule; undefined where nothing is. */
export function scheduleMistake(schedule: string): string | undefined {
  const [, kind, inside = ''] = /^(rate|cron|at)\((.*)\)$/.exec(schedule) ?? []
  if (kind === 'rate') {
    return /^[1-9]\d* (minute|hour|day)s?$/.test(inside)
      ? undefined
      : 'rate takes a whole number above 0 and minutes, hours or days, e.g. rate(5 minutes)'
  }
  if (kind === 'at') {
    const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inside)
    const time = new Date(`${inside}Z`)
    return written && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(inside)
      ? undefined
      : 'at takes a time without a zone, e.g. at(2027-01-31T03:00:00)'
  }
  if (kind === 'cron') return cronMistake(inside)
  return 'a schedule is rate(…), cron(…) or at(…)'
}

function cronMistake(expression: string): string | undefined {
  const parts = expression.split(' ')
  if (parts.length !== fields.length) {
    return `cron takes ${fields.length} fields (${fields.map(({ name }) => name).join(', ')}), not ${parts.length}`
  }
  const wrong = fields.find((field, index) => !fieldFits(field, parts[index] ?? ''))
  if (wrong !== undefined) return `"${parts[fields.indexOf(wrong)]}" is no ${wrong.name}`
  if ((parts[2] === '?') === (parts[4] === '?')) return 'exactly one of day of month and day of week is "?"'
  return undefined
}

function fieldFits(field: Field, text: string): boolean {
  const { name } = field
  if (text === '?') return name === 'day of month' || name === 'day of week'
  return text.split(',').every((part) => {
    if (name === 'day of month' && /^(L|LW|L-\d{1,2}|\d{1,2}W)$/.test(part)) return true
    if (name === 'day of week' && /^(L|[1-7]L|[1-7]#[1-5]|(SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/.test(part))
      return true
    const [range = '', step, ...more] = part.split('/')
    if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false
    if (range === '*') return true
    const ends = range.split('-')
    const numbers = ends.map((end) => numberOf(field, end))
    if (ends.length > 2 || numbers.some((value) => value === undefined)) return false
    const [from = 0, to = from] = numbers
    return from <= to
  })
}

function numberOf({ least, most, names = [] }: Field, text: string): number | undefined {
  const named = names.indexOf(text.toUpperCase())
  const value = named >= 0 ? named + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** Whether it is a zone of the IANA time zone database. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    // Offsets such as "+09:00" are no zones of the database.
    return !/^[+-]/.test(name)
  } catch {
    return false
  }
}
