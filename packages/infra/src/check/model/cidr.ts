/** Address blocks of both families as ranges, for containment and overlap. */

export interface Block {
  readonly text: string
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
  readonly prefix: number
}

/** Undefined for what is no block, such as one that only an apply can tell. */
export function parseBlock(text: string): Block | undefined {
  const [, address = '', length = ''] = /^([\da-fA-F.:]+)\/(\d+)$/.exec(text) ?? []
  if (address === '') return undefined
  const family = address.includes(':') ? 6 : 4
  const bits = family === 6 ? 128 : 32
  const number = family === 6 ? sixth(address) : fourth(address)
  const prefix = Number(length)
  if (number === undefined || prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  const first = (number / size) * size
  return { text, family, first, last: first + size - 1n, prefix }
}

export const overlaps = (a: Block, b: Block): boolean =>
  a.family === b.family && a.first <= b.last && b.first <= a.last
export const contains = (outer: Block, inner: Block): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last

function fourth(address: string): bigint | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function sixth(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}
