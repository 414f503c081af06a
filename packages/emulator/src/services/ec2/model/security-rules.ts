/**
 * The rules of a security group. One rule has one source or destination, as AWS keeps them; a block inside of a group may
 * name several, and stands for as many rules.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
import type { Ids } from '../../../ids.ts'
import type { Attributes, Value } from '../../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../../terraform/type/values.ts'
import type { Direction, Ec2State } from './state.ts'

/** What a rule lets through, and from or to where. */
export interface Rule {
  readonly ip_protocol: string
  readonly from_port: number | null
  readonly to_port: number | null
  readonly cidr_ipv4: string | null
  readonly cidr_ipv6: string | null
  readonly prefix_list_id: string | null
  readonly referenced_security_group_id: string | null
  readonly description: string | null
}

const SOURCES = ['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'] as const

/** Numbers of protocols that AWS gives back as names. */
const NAMES: Readonly<Record<string, string>> = {
  all: '-1',
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
}

/** A rule as AWS keeps it: the protocol's name, and no ports for all protocols. */
export function ruleOf(given: Attributes): Rule {
  const written = String(given.ip_protocol ?? given.protocol ?? '-1').toLowerCase()
  const ip_protocol = NAMES[written] ?? written
  const all = ip_protocol === '-1'
  const port = (value: Value | undefined) => (all || value == null || value === '' ? null : Number(value))
  const source = (value: Value | undefined) => (value == null || value === '' ? null : String(value))
  return {
    ip_protocol,
    from_port: port(given.from_port),
    to_port: port(given.to_port),
    cidr_ipv4: source(given.cidr_ipv4),
    cidr_ipv6: source(given.cidr_ipv6),
    prefix_list_id: source(given.prefix_list_id),
    referenced_security_group_id: source(given.referenced_security_group_id),
    description: source(given.description),
  }
}

/** Rules with the same key are one rule; a description is no part of it. */
export const ruleKey = (rule: Rule): string =>
  [rule.ip_protocol, rule.from_port, rule.to_port, ...SOURCES.map((source) => rule[source])].join(' ')

/** The rules that the blocks `ingress` or `egress` of a group stand for. */
export function rulesOfBlocks(groupId: string, value: Value | undefined): Rule[] {
  return blocks(value).flatMap((block) => {
    const base = {
      ip_protocol: block.protocol ?? null,
      from_port: block.from_port ?? null,
      to_port: block.to_port ?? null,
      description: block.description ?? null,
    }
    const each = (source: (typeof SOURCES)[number], list: Value | undefined) =>
      stringList(list).map((one) => ruleOf({ ...base, [source]: one }))
    return [
      ...each('cidr_ipv4', block.cidr_blocks),
      ...each('cidr_ipv6', block.ipv6_cidr_blocks),
      ...each('prefix_list_id', block.prefix_list_ids),
      ...each('referenced_security_group_id', block.security_groups),
      ...(block.self === true ? [ruleOf({ ...base, referenced_security_group_id: groupId })] : []),
    ]
  })
}

/** The blocks of a group with these rules: one for each protocol, ports and description, as the AWS provider reads them. */
function blocksOfRules(groupId: string, rules: readonly Rule[]): Attributes[] {
  const kinds = Map.groupBy(rules, (rule) =>
    [rule.ip_protocol, rule.from_port, rule.to_port, rule.description].join(' '),
  )
  return [...kinds.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const all = (source: (typeof SOURCES)[number]) =>
      same.flatMap((rule) => (rule[source] === null ? [] : [rule[source]]))
    const groups = all('referenced_security_group_id')
    return {
      protocol: first.ip_protocol,
      from_port: first.from_port ?? 0,
      to_port: first.to_port ?? 0,
      description: first.description ?? '',
      cidr_blocks: all('cidr_ipv4'),
      ipv6_cidr_blocks: all('cidr_ipv6'),
      prefix_list_ids: all('prefix_list_id'),
      security_groups: groups.filter((id) => id !== groupId),
      self: groups.includes(groupId),
    }
  })
}

export interface SecurityRules {
  of(groupId: string, direction: Direction): Attributes[]
  /** Adds a rule, with an id; undefined where the group has it. */
  add(groupId: string, direction: Direction, rule: Rule, tags?: Attributes): Attributes | undefined
  /** Makes these the group's only rules in a direction; those that stay keep their ids. */
  set(groupId: string, direction: Direction, rules: readonly Rule[]): void
  /** The blocks of a group: those given, where they still say what the rules are. */
  blocks(groupId: string, direction: Direction, written: Value | undefined): Value
  remove(groupId: string): void
}

const DIRECTIONS = ['ingress', 'egress'] as const

export function securityRules(
  state: Ec2State,
  { ids, arnOf }: { ids: Ids; arnOf: (resource: string) => string },
): SecurityRules {
  const of = (groupId: string, direction: Direction) =>
    state.rules[direction].values().filter((rule) => rule.security_group_id === groupId)
  const add = (groupId: string, direction: Direction, rule: Rule, tags: Attributes = {}) => {
    const key = ruleKey(rule)
    if (of(groupId, direction).some((known) => ruleKey(ruleOf(known)) === key)) return undefined
    const id = ids.hex('sgr-', 17)
    const document: Attributes = {
      ...rule,
      id,
      security_group_rule_id: id,
      security_group_id: groupId,
      arn: arnOf(`security-group-rule/${id}`),
      tags,
      tags_all: tags,
    }
    state.rules[direction].put(id, document)
    return document
  }
  return {
    of,
    add,
    set(groupId, direction, rules) {
      const wanted = new Map(rules.map((rule) => [ruleKey(rule), rule]))
      for (const known of of(groupId, direction)) {
        const rule = wanted.get(ruleKey(ruleOf(known)))
        if (rule === undefined) state.rules[direction].delete(String(known.id))
        else if (rule.description !== (known.description ?? null))
          state.rules[direction].put(String(known.id), { ...known, description: rule.description })
      }
      for (const rule of wanted.values()) add(groupId, direction, rule)
    },
    blocks(groupId, direction, written) {
      const now = of(groupId, direction).map(ruleOf)
      const said = rulesOfBlocks(groupId, written)
      const text = (rules: readonly Rule[]) =>
        rules
          .map((rule) => `${ruleKey(rule)} ${rule.description ?? ''}`)
          .sort()
          .join('\n')
      return text(now) === text(said) ? (written ?? []) : blocksOfRules(groupId, now)
    },
    remove(groupId) {
      for (const direction of DIRECTIONS)
        for (const rule of of(groupId, direction)) state.rules[direction].delete(String(rule.id))
    },
  }
}
