/** Entries of network ACLs and the subnets that have one. https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html */
import type { Ids } from '../../../ids.ts'
import type { Attributes, Value } from '../../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../../terraform/type/values.ts'
import type { Direction, Ec2State } from './state.ts'

export interface AclEntries {
  of(aclId: string, direction?: Direction): Attributes[]
  find(aclId: string, egress: boolean, number: number): Attributes | undefined
  /** Makes these blocks the list's only entries in a direction. */
  set(aclId: string, direction: Direction, value: Value | undefined): void
  /** The blocks of a list: those given, where they still say what the entries are. */
  blocks(aclId: string, direction: Direction, written: Value | undefined): Value
  remove(aclId: string): void
  subnetsOf(aclId: string): string[]
  /** Gives the list to these subnets, and those that it had before to their VPC's own. */
  setSubnets(aclId: string, value: Value | undefined): void
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  all: '-1',
  icmp: '1',
  tcp: '6',
  udp: '17',
  icmpv6: '58',
}

/** Network ACLs speak of protocols by number. */
export const protocolNumber = (value: Value | undefined): string => {
  const written = String(value ?? '-1').toLowerCase()
  return PROTOCOLS[written] ?? written
}

const known = (value: Value | undefined): Value => (value == null || value === '' ? null : value)
const number = (value: Value | undefined) => (value == null || value === '' ? 0 : Number(value))

function entryOfBlock(block: Attributes): Attributes {
  return {
    rule_number: number(block.rule_no),
    protocol: protocolNumber(block.protocol),
    rule_action: String(block.action ?? '').toLowerCase(),
    cidr_block: known(block.cidr_block),
    ipv6_cidr_block: known(block.ipv6_cidr_block),
    from_port: number(block.from_port),
    to_port: number(block.to_port),
    icmp_code: number(block.icmp_code),
    icmp_type: number(block.icmp_type),
  }
}

function blockOfEntry(entry: Attributes): Attributes {
  return {
    rule_no: entry.rule_number ?? null,
    protocol: protocolNumber(entry.protocol),
    action: entry.rule_action ?? null,
    cidr_block: known(entry.cidr_block),
    ipv6_cidr_block: known(entry.ipv6_cidr_block),
    from_port: number(entry.from_port),
    to_port: number(entry.to_port),
    icmp_code: number(entry.icmp_code),
    icmp_type: number(entry.icmp_type),
  }
}

const textOf = (block: Attributes) => Object.values(entryOfBlock(block)).join(' ')

export function aclEntries(state: Ec2State, ids: Ids): AclEntries {
  const { networkAclRules: rules, networkAclAssociations: associations } = state
  const of = (aclId: string, direction?: Direction) =>
    rules
      .values()
      .filter(
        (rule) =>
          rule.network_acl_id === aclId &&
          (direction === undefined || (rule.egress === true) === (direction === 'egress')),
      )
  const find = (aclId: string, egress: boolean, wanted: number) =>
    of(aclId, egress ? 'egress' : 'ingress').find((rule) => Number(rule.rule_number) === wanted)
  const subnetsOf = (aclId: string) =>
    associations.values().flatMap((one) => (one.network_acl_id === aclId ? [String(one.subnet_id)] : []))
  return {
    of,
    find,
    subnetsOf,
    set(aclId, direction, value) {
      const egress = direction === 'egress'
      const wanted = blocks(value).map(entryOfBlock)
      for (const rule of of(aclId, direction))
        if (!wanted.some((entry) => entry.rule_number === Number(rule.rule_number)))
          rules.delete(String(rule.id))
      for (const entry of wanted) {
        const id = String(find(aclId, egress, Number(entry.rule_number))?.id ?? ids.hex('nacl-', 10))
        rules.put(id, { ...entry, id, network_acl_id: aclId, egress })
      }
    },
    blocks(aclId, direction, written) {
      const now = of(aclId, direction).map(blockOfEntry)
      const text = (all: readonly Attributes[]) => all.map(textOf).sort().join('\n')
      return text(now) === text(blocks(written)) ? (written ?? []) : now
    },
    remove(aclId) {
      for (const rule of of(aclId)) rules.delete(String(rule.id))
      for (const subnet of subnetsOf(aclId)) associations.delete(subnet)
    },
    setSubnets(aclId, value) {
      const wanted = stringList(value)
      for (const subnet of subnetsOf(aclId)) if (!wanted.includes(subnet)) associations.delete(subnet)
      for (const subnet of wanted) {
        if (associations.get(subnet)?.network_acl_id === aclId) continue
        associations.put(subnet, { id: ids.hex('aclassoc-', 17), network_acl_id: aclId, subnet_id: subnet })
      }
    },
  }
}
