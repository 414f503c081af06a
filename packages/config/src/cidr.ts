/** IPv4 blocks as ranges of numbers. */

export interface Block {
  readonly text: string
  readonly first: number
  readonly last: number
  readonly prefix: number
}

/** A block such as `10.0.0.0/16`; whatever bits stand below its prefix are kept out of `first`. */
export function parseBlock(text: string): Block {
  const [address = '', length = '32'] = text.split('/')
  const prefix = Number(length)
  const size = 2 ** (32 - prefix)
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const first = Math.floor(number / size) * size
  return { text, first, last: first + size - 1, prefix }
}

export const overlaps = (a: Block, b: Block): boolean => a.first <= b.last && b.first <= a.last
export const contains = (outer: Block, inner: Block): boolean =>
  outer.first <= inner.first && inner.last <= outer.last

/** The block of `prefix` length that is `index` such blocks above the start of `outer`. */
export function subBlock(outer: Block, prefix: number, index: number): string {
  return `${address(outer.first + index * 2 ** (32 - prefix))}/${prefix}`
}

/** The address of a number, e.g. `10.0.1.0`. */
export const address = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
