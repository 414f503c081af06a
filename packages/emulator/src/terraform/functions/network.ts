/** Address arithmetic. https://developer.hashicorp.com/terraform/language/functions/cidrsubnet */
import { isIP } from 'node:net'
import type { Term } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'
import { integer, invalid, text } from './arguments.ts'

interface Block {
  readonly address: bigint
  readonly prefix: number
  readonly bits: 32 | 128
}

function parseBlock(cidr: string): Block {
  const [host = '', length = ''] = cidr.split('/')
  const family = isIP(host)
  const bits = family === 4 ? 32 : 128
  if (family === 0 || (family === 6 && host.includes('.')) || !/^\d+$/.test(length) || Number(length) > bits)
    invalid(`"${cidr}" is no address block such as 10.0.0.0/16.`)
  const prefix = Number(length)
  const free = BigInt(bits - prefix)
  return { address: (parseAddress(host, family) >> free) << free, prefix, bits }
}

function parseAddress(host: string, family: number): bigint {
  if (family === 4) return host.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n)
  const [head = '', tail] = host.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail ?? '')]
  return all.reduce((sum, part) => (sum << 16n) + BigInt(`0x${part}`), 0n)
}

function addressText(address: bigint, bits: number): string {
  const [count, size] = bits === 32 ? [4, 8n] : [8, 16n]
  const parts = Array.from({ length: count }, (_, index) =>
    Number((address >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n)),
  )
  if (bits === 32) return parts.join('.')
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(1, -1)
}

function subnet(block: Block, newBits: number, number: number): Block {
  const prefix = block.prefix + newBits
  if (newBits < 0 || number < 0) invalid('Neither the bits nor the number may be negative.')
  if (prefix > block.bits) invalid(`There are not ${newBits} bits left below /${block.prefix}.`)
  if (BigInt(number) >= 1n << BigInt(newBits))
    invalid(`${newBits} bits are too few for the number ${number}.`)
  return {
    address: block.address + (BigInt(number) << BigInt(block.bits - prefix)),
    prefix,
    bits: block.bits,
  }
}

const blockText = (block: Block) => `${addressText(block.address, block.bits)}/${block.prefix}`

function host(block: Block, number: number): string {
  const count = 1n << BigInt(block.bits - block.prefix)
  const index = number < 0 ? count + BigInt(number) : BigInt(number)
  if (index < 0n || index >= count) invalid(`The block has ${count} addresses.`)
  return addressText(block.address + index, block.bits)
}

function netmask(block: Block): string {
  if (block.bits !== 32) invalid('IPv6 blocks have no netmask.')
  const free = BigInt(32 - block.prefix)
  return addressText((0xffffffffn >> free) << free, 32)
}

/** Consecutive blocks, each as large as asked for, none overlapping. */
function subnets(args: readonly Term[]): Term {
  const block = parseBlock(text(args, 0))
  let next = block.address
  return args.slice(1).map((_, index) => {
    const prefix = block.prefix + integer(args, index + 1)
    if (prefix > block.bits) invalid(`There are not enough bits left below /${block.prefix}.`)
    const size = 1n << BigInt(block.bits - prefix)
    const address = ((next + size - 1n) / size) * size
    next = address + size
    if (next > block.address + (1n << BigInt(block.bits - block.prefix)))
      invalid('The block is too small for all of them.')
    return blockText({ address, prefix, bits: block.bits })
  })
}

export const networkFunctions = {
  cidrhost: { arity: [2, 2], call: (args) => host(parseBlock(text(args, 0)), integer(args, 1)) },
  cidrnetmask: { arity: [1, 1], call: (args) => netmask(parseBlock(text(args, 0))) },
  cidrsubnet: {
    arity: [3, 3],
    call: (args) => blockText(subnet(parseBlock(text(args, 0)), integer(args, 1), integer(args, 2))),
  },
  cidrsubnets: { arity: [1, Number.POSITIVE_INFINITY], call: subnets },
} satisfies FunctionTable
