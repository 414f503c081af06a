/**
 * Addresses: blocks that AWS accepts, inside of the network, apart from each other; zones that exist.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
import { type Block, contains, ipv4Block, overlaps, subBlock } from '../cidr.ts'
import { isNetworkSize, largestPrefix, smallestPrefix } from '../limits/network.ts'
import type { Problem } from '../problems.ts'
import { regions } from '../regions.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'

const kinds = ['public', 'private', 'database'] as const

export const checkRegion: Check = ({ region }) =>
  regions[region] === undefined
    ? [
        {
          path: 'region',
          message: `AWS has no region "${region}"`,
          fix: didYouMean(region, Object.keys(regions), `Use one of: ${Object.keys(regions).join(', ')}.`),
        },
      ]
    : []

export const checkZones: Check = ({ region }, { network }) => {
  const letters = regions[region]
  return network.zones.flatMap((letter, index) => {
    const path = `network.zones.${index}`
    if (network.zones.indexOf(letter) !== index) {
      return [{ path, message: `zone "${letter}" is named twice`, fix: 'Name each zone once.' }]
    }
    if (letters === undefined || letters.includes(letter)) return []
    return [
      {
        path,
        message: `${region} has no zone "${letter}"`,
        fix: `Use some of: ${[...letters].join(', ')}.`,
      },
    ]
  })
}

export const checkAddresses: Check = (platform, input) => {
  const vpc = ipv4Block(platform.network.cidr)
  const own = shapeOf('network.cidr', vpc)
  if (own.length > 0) return own
  const problems = countProblems(input.network)
  const cutOut = kinds.some((kind) => input.network.subnets[kind] === undefined)
  if (cutOut && vpc.prefix + 8 > smallestPrefix) {
    return [
      ...problems,
      {
        path: 'network.cidr',
        message: `${vpc.text} is too small for subnets to be cut out of it`,
        fix: `Use a block of /${smallestPrefix - 8} or larger, or write network.subnets.`,
      },
    ]
  }
  const subnets = platform.network.zones.flatMap((zone, index) =>
    kinds.map((kind) => ({
      path:
        input.network.subnets[kind]?.[index] === undefined
          ? 'network.cidr'
          : `network.subnets.${kind}.${index}`,
      what: `${kind} subnet of zone ${zone.letter}`,
      block: ipv4Block(zone[`${kind}Cidr`]),
    })),
  )
  const fitting = subnets.filter(({ path, what, block }) => {
    const found = shapeOf(path, block)
    if (found.length === 0 && !contains(vpc, block)) {
      found.push({
        path,
        message: `${block.text} lies outside of the network ${vpc.text}`,
        fix: `Use a block inside of ${vpc.text} for the ${what}.`,
      })
    }
    problems.push(...found)
    return found.length === 0
  })
  fitting.forEach((subnet, index) => {
    const other = fitting.slice(0, index).find(({ block }) => overlaps(block, subnet.block))
    if (other === undefined) return
    // The problem is reported for what the user wrote, not for what was cut out of the network.
    const [reported, left] = subnet.path === 'network.cidr' ? [other, subnet] : [subnet, other]
    problems.push({
      path: reported.path,
      message: `${reported.block.text} overlaps ${left.block.text}, the ${left.what}`,
      fix: 'Give each subnet a block of its own.',
    })
  })
  return problems
}

/** A block that is one: no bits below its prefix, and of a size that AWS takes. */
function shapeOf(path: string, block: Block): Problem[] {
  if (!isNetworkSize(block)) {
    return [
      {
        path,
        message: `${block.text} is not a size that AWS accepts`,
        fix: `Use a block between /${largestPrefix} and /${smallestPrefix}.`,
      },
    ]
  }
  const proper = subBlock(block, block.prefix, 0)
  if (proper === block.text) return []
  return [{ path, message: `${block.text} is not the start of its block`, fix: `Write ${proper}.` }]
}

const countProblems = (network: {
  zones: readonly string[]
  subnets: Partial<Record<string, readonly string[]>>
}) =>
  kinds.flatMap((kind): Problem[] => {
    const count = network.subnets[kind]?.length ?? network.zones.length
    if (count === network.zones.length) return []
    return [
      {
        path: `network.subnets.${kind}`,
        message: `${count} blocks for ${network.zones.length} zones`,
        fix: 'Write one block per zone, in the order of the zones.',
      },
    ]
  })
