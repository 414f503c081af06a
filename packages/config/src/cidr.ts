/**
 * Blocks of addresses, of both families: what they contain and how they are cut. The one place for it: the
 * checks of the configuration carve IPv4 networks with it, the rules of `@baton/infra` compare what Terraform has.
 */
import ipaddr from 'ipaddr.js'

export interface Block {
  /** As it was written, e.g. `10.0.0.0/16`. */
  readonly text: string
  readonly family: 4 | 6
  /** First address of the block: bits below the prefix are zero, whatever was written. */
  readonly first: ipaddr.IPv4 | ipaddr.IPv6
  readonly prefix: number
}

/** Undefined for what is not a block, such as a value that only an apply can tell. */
export function parseBlock(text: string): Block | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    const [, prefix] = ipaddr.IPv4.parseCIDR(text)
    return { text, family: 4, first: ipaddr.IPv4.networkAddressFromCIDR(text), prefix }
  }
  if (ipaddr.IPv6.isValidCIDR(text)) {
    const [, prefix] = ipaddr.IPv6.parseCIDR(text)
    return { text, family: 6, first: ipaddr.IPv6.networkAddressFromCIDR(text), prefix }
  }
  return undefined
}

/** A block that the schema has accepted. Throws where it is not one. */
export function ipv4Block(text: string): Block {
  const block = parseBlock(text)
  if (block?.family !== 4) throw new Error(`invariant: ${text} is an IPv4 block`)
  return block
}

export const contains = (outer: Block, inner: Block): boolean =>
  outer.family === inner.family &&
  outer.prefix <= inner.prefix &&
  inner.first.match(outer.first, outer.prefix)

/** Two blocks have addresses in common only if one contains the other. */
export const overlaps = (a: Block, b: Block): boolean => contains(a, b) || contains(b, a)

/** The IPv4 block of `prefix` length that is `index` such blocks above the start of `outer`. */
export function subBlock(outer: Block, prefix: number, index: number): string {
  const first = outer.first.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0)
  const start = first + index * 2 ** (32 - prefix)
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256)
  return `${bytes.join('.')}/${prefix}`
}
