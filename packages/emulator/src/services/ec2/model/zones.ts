/**
 * Availability Zones. Their letters are an account's own, their ids the same for everyone:
 * https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
 */

/** Codes of regions as zone ids spell them, where they do not follow from the name. */
const DIRECTIONS: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
}

/** `ap-northeast-2a` → `apne2-az1`. */
export function zoneId(zone: string): string {
  const [area = '', direction = '', last = ''] = zone.split('-')
  const number = last.slice(0, -1)
  const index = last.charCodeAt(last.length - 1) - 'a'.charCodeAt(0) + 1
  return `${area}${DIRECTIONS[direction] ?? direction}${number}-az${index}`
}

/** The zones of a region: this one has four letters everywhere, as Seoul has. */
export function zonesOf(region: string): { name: string; id: string }[] {
  return ['a', 'b', 'c', 'd'].map((letter) => ({ name: region + letter, id: zoneId(region + letter) }))
}
