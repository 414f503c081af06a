/** Security groups and their rules. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { dependencyViolation, duplicateRule, noSuchRule, notFound } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { type Rule, ruleKey, ruleOf } from '../model/security-rules.ts'
import type { Direction } from '../model/state.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { permissionsOf, type RulesInput, ruleOut, rulesOf } from './permissions.ts'
import { tagsIn } from './tags.ts'

const looks = attributes({
  'group-id': 'id',
  'group-name': 'name',
  'vpc-id': 'vpc_id',
  description: 'description',
  'owner-id': 'owner_id',
})

export function createSecurityGroupOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state, rules } = model
  const noGroup = (id: string) =>
    new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  const find = (id = ''): Attributes => {
    const group = state.securityGroups.get(id)
    if (group === undefined) throw noGroup(id)
    return group
  }
  const door = doorOf(model.emulator, types, 'aws_security_group', find)
  const groupOut = (group: Attributes): sdk.SecurityGroup => {
    const id = String(group.id)
    const of = (direction: Direction) =>
      permissionsOf(rules.of(id, direction).map(ruleOf), String(group.owner_id))
    return {
      GroupId: id,
      GroupName: String(group.name),
      Description: String(group.description),
      VpcId: String(group.vpc_id ?? ''),
      OwnerId: String(group.owner_id),
      SecurityGroupArn: String(group.arn),
      IpPermissions: of('ingress'),
      IpPermissionsEgress: of('egress'),
      Tags: tagsOut(group),
    }
  }
  const out = (direction: Direction, documents: readonly Attributes[]) =>
    documents.map((document) => ruleOut(document, direction, model.emulator.accountId))

  const authorize = (direction: Direction) => (input: RulesInput) => {
    const groupId = String(find(input.GroupId).id)
    const given = rulesOf(input)
    const keys = new Set(rules.of(groupId, direction).map((rule) => ruleKey(ruleOf(rule))))
    for (const rule of given) {
      const { referenced_security_group_id: other } = rule
      if (other !== null) find(other)
      // Before any is added: all of a call or none.
      if (keys.has(ruleKey(rule))) throw duplicateRule(describe(rule))
      keys.add(ruleKey(rule))
    }
    const { tags = {} } = tagsIn(input.TagSpecifications)
    const added = given
      .map((rule) => rules.add(groupId, direction, rule, tags as Attributes))
      .filter((rule) => rule !== undefined)
    return { Return: true, SecurityGroupRules: out(direction, added) }
  }
  const chosen = (direction: Direction, input: RulesInput): Attributes[] => {
    const all = rules.of(String(find(input.GroupId).id), direction)
    const ids = input.SecurityGroupRuleIds
    if (ids !== undefined && ids.length > 0) return ids.map((id) => requireRule(direction, id))
    return rulesOf(input).map((rule) => {
      const found = all.find((one) => ruleKey(ruleOf(one)) === ruleKey(rule))
      if (found === undefined) throw noSuchRule()
      return found
    })
  }
  const requireRule = (direction: Direction, id: string): Attributes => {
    const found = state.rules[direction].get(id)
    if (found === undefined) throw notFound('InvalidSecurityGroupRuleId', 'security group rule ID', id)
    return found
  }
  const revoke = (direction: Direction) => (input: RulesInput) => {
    for (const rule of chosen(direction, input)) state.rules[direction].delete(String(rule.id))
    return { Return: true }
  }
  const describeAgain = (direction: Direction) => (input: RulesInput) => {
    const descriptions = new Map(rulesOf(input).map((rule) => [ruleKey(rule), rule.description]))
    for (const rule of chosen(direction, input)) {
      const description = descriptions.get(ruleKey(ruleOf(rule))) ?? null
      state.rules[direction].put(String(rule.id), { ...rule, description })
    }
    return { Return: true }
  }
  return {
    CreateSecurityGroup({ GroupName = '', Description, VpcId = '', TagSpecifications }) {
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      if (state.securityGroups.values().some((one) => one.vpc_id === VpcId && one.name === GroupName))
        throw new AwsError(
          'InvalidGroup.Duplicate',
          `The security group '${GroupName}' already exists for VPC '${VpcId}'`,
        )
      const group = door.create({
        name: GroupName,
        description: Description ?? '',
        vpc_id: VpcId,
        // AWS lets everything out of a new group; the provider takes that rule away.
        egress: [{ protocol: '-1', from_port: 0, to_port: 0, cidr_blocks: ['0.0.0.0/0'] }],
        ...tagsIn(TagSpecifications),
      })
      return { GroupId: String(group.id), SecurityGroupArn: String(group.arn), Tags: tagsOut(group) }
    },
    DescribeSecurityGroups({ GroupIds: ids, GroupNames, Filters: filters }) {
      const all = state.securityGroups
        .values()
        .filter(({ name }) => GroupNames === undefined || GroupNames.includes(String(name)))
      return { SecurityGroups: select(all, { ids, filters, looks }, noGroup).map(groupOut) }
    },
    DeleteSecurityGroup({ GroupId = '' }) {
      const group = find(GroupId)
      if (group.name === 'default')
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
        )
      const all = [...state.rules.ingress.values(), ...state.rules.egress.values()]
      const user = all.find(
        (rule) => rule.referenced_security_group_id === GroupId && rule.security_group_id !== GroupId,
      )
      if (user !== undefined)
        throw dependencyViolation('security group', GroupId, String(user.security_group_id))
      door.delete(GroupId)
      return { Return: true, GroupId }
    },
    AuthorizeSecurityGroupIngress: authorize('ingress'),
    AuthorizeSecurityGroupEgress: authorize('egress'),
    RevokeSecurityGroupIngress: revoke('ingress'),
    RevokeSecurityGroupEgress: revoke('egress'),
    UpdateSecurityGroupRuleDescriptionsIngress: describeAgain('ingress'),
    UpdateSecurityGroupRuleDescriptionsEgress: describeAgain('egress'),
    DescribeSecurityGroupRules({ SecurityGroupRuleIds: ids, Filters: filters }) {
      const all = (['ingress', 'egress'] as const).flatMap((direction) =>
        state.rules[direction].values().map((rule) => ({ ...rule, direction })),
      )
      const ruleLooks = attributes({ 'group-id': 'security_group_id', 'security-group-rule-id': 'id' })
      const found = select(all, { ids, filters, looks: ruleLooks }, (id) =>
        notFound('InvalidSecurityGroupRuleId', 'security group rule ID', id),
      )
      return {
        SecurityGroupRules: found.flatMap((rule) => out(rule.direction as Direction, [rule])),
      }
    },
    ModifySecurityGroupRules({ GroupId, SecurityGroupRules = [] }) {
      find(GroupId)
      for (const { SecurityGroupRuleId = '', SecurityGroupRule: rule } of SecurityGroupRules) {
        const direction = state.rules.egress.has(SecurityGroupRuleId) ? 'egress' : 'ingress'
        const known = requireRule(direction, SecurityGroupRuleId)
        const changed = ruleOf({
          ip_protocol: rule?.IpProtocol ?? null,
          from_port: rule?.FromPort ?? null,
          to_port: rule?.ToPort ?? null,
          cidr_ipv4: rule?.CidrIpv4 ?? null,
          cidr_ipv6: rule?.CidrIpv6 ?? null,
          prefix_list_id: rule?.PrefixListId ?? null,
          referenced_security_group_id: rule?.ReferencedGroupId ?? null,
          description: rule?.Description ?? null,
        })
        state.rules[direction].put(SecurityGroupRuleId, { ...known, ...changed })
      }
      return { Return: true }
    },
  } satisfies Operations<typeof sdk>
}

/** As AWS words a rule in its errors. */
function describe(rule: Rule): string {
  const from = rule.cidr_ipv4 ?? rule.cidr_ipv6 ?? rule.prefix_list_id ?? rule.referenced_security_group_id
  return `peer: ${from}, ${rule.ip_protocol}, from port: ${rule.from_port}, to port: ${rule.to_port}, ALLOW`
}
