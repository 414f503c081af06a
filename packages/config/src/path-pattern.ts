/**
 * Path patterns of listener rules and of CloudFront's behaviours: `*` stands for any text, `?` for one character.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
 */

/** Whether the pattern matches the path. */
export const matches = (pattern: string, path: string): boolean => meet([...pattern], [...path])

/** Whether some path matches both patterns. */
export const overlap = (a: string, b: string): boolean => meet([...a], [...b])

/** Walks both at once, remembering which pairs of places are reached: patterns are short. */
function meet(a: readonly string[], b: readonly string[]): boolean {
  const seen = new Set<number>()
  const places: [number, number][] = [[0, 0]]
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const [i, j] = place
    const key = i * (b.length + 1) + j
    if (seen.has(key)) continue
    seen.add(key)
    const [x, y] = [a[i], b[j]]
    if (x === undefined && y === undefined) return true
    // A wildcard ends here, or takes what the other has next.
    if (x === '*') places.push([i + 1, j])
    if (y === '*') places.push([i, j + 1])
    if (x === '*' && y !== undefined) places.push([i, j + 1])
    if (y === '*' && x !== undefined) places.push([i + 1, j])
    const same = x === y || x === '?' || y === '?'
    if (x !== undefined && y !== undefined && x !== '*' && y !== '*' && same) places.push([i + 1, j + 1])
  }
  return false
}
