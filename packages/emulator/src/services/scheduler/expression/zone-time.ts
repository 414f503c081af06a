/**
 * Between a zone's wall clock and UTC. A wall-clock time is kept as the milliseconds that it would be in UTC.
 */

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}

/** Whether it is a zone of the IANA database, such as `Asia/Seoul`. */
export function isTimeZone(zone: string): boolean {
  // An offset such as +09:00 is a zone for Intl, and none for AWS.
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** What the clocks of the zone show at a time in milliseconds since the epoch. */
export function wallClockOf(utcMs: number, zone: string): number {
  const parts = new Map<string, number>(
    formatOf(zone)
      .formatToParts(utcMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: string) => parts.get(type) ?? 0
  const seconds = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return seconds + (((utcMs % 1000) + 1000) % 1000)
}

/**
 * The first time at which the clocks of the zone show this; undefined for one that they skip when daylight saving
 * begins.
 */
export function utcOf(wallClockMs: number, zone: string): number | undefined {
  const day = 86_400_000
  const offsets = [wallClockMs - day, wallClockMs + day].map((near) => wallClockOf(near, zone) - near)
  const candidates = offsets.map((offset) => wallClockMs - offset).sort((a, b) => a - b)
  return candidates.find((utcMs) => wallClockOf(utcMs, zone) === wallClockMs)
}
