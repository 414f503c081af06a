/**
 * Address arithmetic, with Terraform's own errors. Texts are read and written by ipaddr.js; a block is a number here.
 * https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
 */
import ipaddr from 'ipaddr.js'
import type { Term } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'
import { integer, invalid, text } from './arguments.ts'

interface Block {
  readonly address: bigint
  readonly prefix: number
  readonly bits: 32 | 128
}

function parseBlock(cidr: string): Block {
  const [, host = '', length = ''] = /^([^/]+)\/(\d+)$/.exec(cidr) ?? []
  const bits = ipaddr.IPv4.isValidFourPartDecimal(host) ? 32 : 128
  const prefix = Number(length)
  const isAddress = bits === 32 || (ipaddr.IPv6.isValid(host) && !/[.%]/.test(host))
  if (!isAddress || length === '' || prefix > bits)
    invalid(`Invalid CIDR expression: invalid CIDR address: ${cidr}.`)
  const address = ipaddr
    .parse(host)
    .toByteArray()
    .reduce((number, byte) => (number << 8n) + BigInt(byte), 0n)
  const free = BigInt(bits - prefix)
  return { address: (address >> free) << free, prefix, bits }
}

function addressText(address: bigint, bits: number): string {
  const bytes = Array.from({ length: bits / 8 }, (_, index) =>
    Number((address >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  )
  return ipaddr.fromByteArray(bytes).toString()
}

function subnet(block: Block, newBits: number, number: number): Block {
  const prefix = block.prefix + newBits
  if (newBits < 0 || number < 0) invalid('Neither the bits nor the number may be negative.')
  if (prefix > block.bits)
    invalid(`Insufficient address space to extend prefix of ${block.prefix} by ${newBits}.`)
  if (BigInt(number) >= 1n << BigInt(newBits))
    invalid(`Prefix extension of ${newBits} does not accommodate a subnet numbered ${number}.`)
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
  if (index < 0n || index >= count)
    invalid(`Prefix of ${block.prefix} does not accommodate a host numbered ${number}.`)
  return addressText(block.address + index, block.bits)
}

function netmask(cidr: string): string {
  const { bits, prefix } = parseBlock(cidr)
  if (bits !== 32) invalid(`IPv6 addresses cannot have a netmask: ${cidr}.`)
  return ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString()
}

/** Consecutive blocks, each as large as asked for, none overlapping. */
function subnets(args: readonly Term[]): Term {
  const block = parseBlock(text(args, 0))
  const end = block.address + (1n << BigInt(block.bits - block.prefix))
  let next = block.address
  let previous = blockText(block)
  return args.slice(1).map((_, index) => {
    const newBits = integer(args, index + 1)
    if (newBits < 1) invalid('Must extend prefix by at least one bit.')
    if (newBits > 32) invalid('May not extend prefix by more than 32 bits.')
    const prefix = block.prefix + newBits
    if (prefix > block.bits) {
      const family = block.bits === 32 ? 'IPv4' : 'IPv6'
      invalid(`Would extend prefix to ${prefix} bits, which is too long for an ${family} address.`)
    }
    const size = 1n << BigInt(block.bits - prefix)
    const address = ((next + size - 1n) / size) * size
    next = address + size
    if (next > end)
      invalid(
        `Not enough remaining address space for a subnet with a prefix of ${prefix} bits after ${previous}.`,
      )
    previous = blockText({ address, prefix, bits: block.bits })
    return previous
  })
}

export const networkFunctions = {
  cidrhost: { arity: [2, 2], call: (args) => host(parseBlock(text(args, 0)), integer(args, 1)) },
  cidrnetmask: { arity: [1, 1], call: (args) => netmask(text(args, 0)) },
  cidrsubnet: {
    arity: [3, 3],
    call: (args) => blockText(subnet(parseBlock(text(args, 0)), integer(args, 1), integer(args, 2))),
  },
  cidrsubnets: { arity: [1, Number.POSITIVE_INFINITY], call: subnets },
} satisfies FunctionTable
