/** Rules of security groups in the three ways in which Terraform writes them, as one. */
import type { Block, Resource } from './block.ts'
import type { Terraform } from './terraform.ts'

export interface SecurityRule {
  /** Where it is written. */
  readonly at: Resource
  readonly direction: 'ingress' | 'egress'
  /** Whose rule it is. */
  readonly group: Resource
  readonly peer:
    | { readonly kind: 'group'; readonly group: Resource }
    | { readonly kind: 'block'; readonly cidr: string }
    /** A prefix list, by its name where a data source names it, else by its id. */
    | { readonly kind: 'list'; readonly name: string }
  readonly ports: Ports
}

/** Protocol `all` has no ports. */
export interface Ports {
  readonly protocol: string
  readonly from: number
  readonly to: number
}

export const groupTypes = ['aws_security_group', 'aws_default_security_group'] as const
export const ruleTypes = [
  'aws_vpc_security_group_ingress_rule',
  'aws_vpc_security_group_egress_rule',
  'aws_security_group_rule',
] as const

const isGroup = ({ type }: Resource) => groupTypes.some((each) => each === type)
const worlds = ['0.0.0.0/0', '::/0']
export const isWorld = ({ peer }: SecurityRule): boolean =>
  peer.kind === 'block' && worlds.includes(peer.cidr)

/** CloudFront's addresses: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html */
const cloudfrontList = 'com.amazonaws.global.cloudfront.origin-facing'
export const isCloudfront = ({ peer }: SecurityRule): boolean =>
  peer.kind === 'list' && peer.name === cloudfrontList

export function securityRules(terraform: Terraform): SecurityRule[] {
  return [
    ...(['ingress', 'egress'] as const).flatMap((direction) => [
      ...terraform.all(`aws_vpc_security_group_${direction}_rule`).flatMap((at) =>
        rulesOf(at, at, direction, at.references('security_group_id')[0], {
          protocol: 'ip_protocol',
          groups: 'referenced_security_group_id',
          blocks: ['cidr_ipv4', 'cidr_ipv6'],
          lists: ['prefix_list_id'],
        }),
      ),
      ...terraform
        .all(...groupTypes)
        .flatMap((at) =>
          at
            .blocks(direction)
            .flatMap((block) => rulesOf(at, block, direction, at, { ...classic, groups: 'security_groups' })),
        ),
    ]),
    ...terraform.all('aws_security_group_rule').flatMap((at) =>
      rulesOf(
        at,
        at,
        at.text('type') === 'egress' ? 'egress' : 'ingress',
        at.references('security_group_id')[0],
        {
          ...classic,
          groups: 'source_security_group_id',
        },
      ),
    ),
  ]
}

const classic = {
  protocol: 'protocol',
  blocks: ['cidr_blocks', 'ipv6_cidr_blocks'],
  lists: ['prefix_list_ids'],
} as const

function rulesOf(
  at: Resource,
  block: Block,
  direction: SecurityRule['direction'],
  group: Resource | undefined,
  names: { protocol: string; groups: string; blocks: readonly string[]; lists: readonly string[] },
): SecurityRule[] {
  if (group === undefined) return []
  const protocol = block.text(names.protocol) ?? '-1'
  const all = protocol === '-1' || protocol === 'all'
  const ports: Ports = {
    protocol: all ? 'all' : protocol,
    from: all ? 0 : (block.number('from_port') ?? 0),
    to: all ? 65_535 : (block.number('to_port') ?? 65_535),
  }
  const peers: SecurityRule['peer'][] = [
    ...block
      .references(names.groups)
      .filter(isGroup)
      .map((peer) => ({ kind: 'group' as const, group: peer })),
    ...(block.flag('self') === true ? [{ kind: 'group' as const, group }] : []),
    ...names.blocks.flatMap((name) => block.texts(name)).map((cidr) => ({ kind: 'block' as const, cidr })),
    ...names.lists.flatMap((argument) => {
      const lists = block.references(argument).map((list) => list.text('name') ?? list.address)
      return (lists.length > 0 ? lists : block.texts(argument)).map((name) => ({
        kind: 'list' as const,
        name,
      }))
    }),
  ]
  return peers.map((peer) => ({ at, direction, group, peer, ports }))
}
