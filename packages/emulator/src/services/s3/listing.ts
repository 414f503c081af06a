/** Listing keys: prefix, delimiter, pages. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html */

export interface ListRequest {
  readonly prefix: string
  readonly delimiter: string
  /** Only keys (and common prefixes) after this one. */
  readonly after: string
  readonly limit: number
}

export interface Listing {
  readonly keys: string[]
  readonly commonPrefixes: string[]
  readonly truncated: boolean
  /** Last key or common prefix of this page. */
  readonly last: string
}

/** A page of the keys, which are sorted; `exists` leaves out those without a current version. */
export function listKeys(
  sorted: readonly string[],
  { prefix, delimiter, after, limit }: ListRequest,
  exists: (key: string) => boolean,
): Listing {
  const keys: string[] = []
  const commonPrefixes: string[] = []
  let last = ''
  for (let index = firstAfter(sorted, after < prefix ? prefix : after); index < sorted.length; index++) {
    const key = sorted[index]
    if (key === undefined || (key > prefix && !key.startsWith(prefix))) break
    if (!key.startsWith(prefix) || key <= after || !exists(key)) continue
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const common = cut === -1 ? undefined : key.slice(0, cut + delimiter.length)
    if (common !== undefined && (common === commonPrefixes.at(-1) || after.startsWith(common))) continue
    if (keys.length + commonPrefixes.length === limit) return { keys, commonPrefixes, truncated: true, last }
    if (common === undefined) keys.push(key)
    else commonPrefixes.push(common)
    last = common ?? key
  }
  return { keys, commonPrefixes, truncated: false, last }
}

/** Index of the first key that is not before `bound`. */
function firstAfter(sorted: readonly string[], bound: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < bound) low = middle + 1
    else high = middle
  }
  return low
}
