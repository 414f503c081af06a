/** The API's two forms of rules: permissions, which name several sources, and security group rules, which name one. */
import type * as sdk from '@aws-sdk/client-ec2'
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import { type Rule, ruleOf } from '../model/security-rules.ts'
import type { Direction } from '../model/state.ts'
import { tagsOut } from './filters.ts'

export interface RulesInput {
  readonly GroupId?: string | undefined
  readonly IpPermissions?: readonly sdk.IpPermission[] | undefined
  readonly SecurityGroupRuleIds?: readonly string[] | undefined
  readonly TagSpecifications?: readonly sdk.TagSpecification[] | undefined
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
}

/** The rules that a call names; the short form has one protocol and one block of addresses. */
export function rulesOf({ IpPermissions, IpProtocol, FromPort, ToPort, CidrIp }: RulesInput): Rule[] {
  if (IpPermissions !== undefined && IpPermissions.length > 0) return IpPermissions.flatMap(rulesOfPermission)
  if (IpProtocol === undefined) return []
  return [
    ruleOf({
      ip_protocol: IpProtocol,
      from_port: FromPort ?? null,
      to_port: ToPort ?? null,
      cidr_ipv4: CidrIp ?? null,
    }),
  ]
}

function rulesOfPermission(permission: sdk.IpPermission): Rule[] {
  const base = {
    ip_protocol: permission.IpProtocol ?? null,
    from_port: permission.FromPort ?? null,
    to_port: permission.ToPort ?? null,
  }
  const one = (source: string, value: string | undefined, description: string | undefined) =>
    ruleOf({ ...base, [source]: value ?? null, description: description ?? null })
  return [
    ...(permission.IpRanges ?? []).map((range) => one('cidr_ipv4', range.CidrIp, range.Description)),
    ...(permission.Ipv6Ranges ?? []).map((range) => one('cidr_ipv6', range.CidrIpv6, range.Description)),
    ...(permission.PrefixListIds ?? []).map((list) =>
      one('prefix_list_id', list.PrefixListId, list.Description),
    ),
    ...(permission.UserIdGroupPairs ?? []).map((pair) =>
      one('referenced_security_group_id', pair.GroupId, pair.Description),
    ),
  ]
}

const described = (rule: Rule) => (rule.description === null ? {} : { Description: rule.description })
const ports = (rule: Rule) => ({
  ...(rule.from_port === null ? {} : { FromPort: rule.from_port }),
  ...(rule.to_port === null ? {} : { ToPort: rule.to_port }),
})

/** One permission for each protocol and ports, with all sources, as AWS answers. */
export function permissionsOf(rules: readonly Rule[], accountId: string): sdk.IpPermission[] {
  const kinds = Map.groupBy(rules, (rule) => [rule.ip_protocol, rule.from_port, rule.to_port].join(' '))
  return [...kinds.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const all = <T>(source: keyof Rule, make: (value: string, rule: Rule) => T): T[] =>
      same.flatMap((rule) => (rule[source] === null ? [] : [make(String(rule[source]), rule)]))
    return {
      IpProtocol: first.ip_protocol,
      ...ports(first),
      IpRanges: all('cidr_ipv4', (CidrIp, rule) => ({ CidrIp, ...described(rule) })),
      Ipv6Ranges: all('cidr_ipv6', (CidrIpv6, rule) => ({ CidrIpv6, ...described(rule) })),
      PrefixListIds: all('prefix_list_id', (PrefixListId, rule) => ({ PrefixListId, ...described(rule) })),
      UserIdGroupPairs: all('referenced_security_group_id', (GroupId, rule) => ({
        GroupId,
        UserId: accountId,
        ...described(rule),
      })),
    }
  })
}

/** A rule with its id. Ports of a rule for all protocols are -1 in this form. */
export function ruleOut(
  document: Attributes,
  direction: Direction,
  accountId: string,
): sdk.SecurityGroupRule {
  const rule = ruleOf(document)
  const all = rule.ip_protocol === '-1' ? { FromPort: -1, ToPort: -1 } : ports(rule)
  return {
    SecurityGroupRuleId: String(document.id),
    SecurityGroupRuleArn: String(document.arn),
    GroupId: String(document.security_group_id),
    GroupOwnerId: accountId,
    IsEgress: direction === 'egress',
    IpProtocol: rule.ip_protocol,
    ...all,
    ...(rule.cidr_ipv4 === null ? {} : { CidrIpv4: rule.cidr_ipv4 }),
    ...(rule.cidr_ipv6 === null ? {} : { CidrIpv6: rule.cidr_ipv6 }),
    ...(rule.prefix_list_id === null ? {} : { PrefixListId: rule.prefix_list_id }),
    ...(rule.referenced_security_group_id === null
      ? {}
      : { ReferencedGroupInfo: { GroupId: rule.referenced_security_group_id, UserId: accountId } }),
    ...described(rule),
    Tags: tagsOut(document),
  }
}
