/** Network ACLs, their entries, and the subnets that have them. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { protocolNumber } from '../model/acl-entries.ts'
import { dependencyViolation, notFound } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

/** The last entry of every list, which cannot be deleted. */
const DENY = { RuleNumber: 32767, Protocol: '-1', RuleAction: 'deny', CidrBlock: '0.0.0.0/0' } as const

export function createNetworkAclOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state, entries, emulator } = model
  const noAcl = (id: string) => notFound('InvalidNetworkAclID', 'networkAcl ID', id)
  const find = (id = ''): Attributes => {
    const acl = state.networkAcls.get(id)
    if (acl === undefined) throw noAcl(id)
    return acl
  }
  const door = doorOf(model.emulator, types, 'aws_network_acl', find)
  /** Subnets of the VPC that no other list has are its own list's. */
  const associationsOf = (acl: Attributes): sdk.NetworkAclAssociation[] =>
    state.subnets.values().flatMap((subnet) => {
      const chosen = state.networkAclAssociations.get(String(subnet.id))
      const has =
        chosen === undefined
          ? acl.default === true && subnet.vpc_id === acl.vpc_id
          : chosen.network_acl_id === acl.id
      if (!has) return []
      return {
        NetworkAclAssociationId: String(chosen?.id ?? String(subnet.id).replace('subnet-', 'aclassoc-')),
        NetworkAclId: String(acl.id),
        SubnetId: String(subnet.id),
      }
    })
  const subnetIds = (acl: Attributes) => associationsOf(acl).map(({ SubnetId }) => SubnetId ?? '')
  const ofEntries = (attribute: string) => (acl: Attributes) =>
    entries.of(String(acl.id)).map((entry) => entry[attribute] ?? null)
  const looks = {
    ...attributes({ 'network-acl-id': 'id', 'vpc-id': 'vpc_id', 'owner-id': 'owner_id' }),
    default: (acl: Attributes) => acl.default === true,
    'association.subnet-id': subnetIds,
    'association.association-id': (acl: Attributes) =>
      associationsOf(acl).map((one) => one.NetworkAclAssociationId ?? ''),
    'association.network-acl-id': ({ id }: Attributes) => id,
    'entry.egress': ofEntries('egress'),
    'entry.rule-number': ofEntries('rule_number'),
    'entry.rule-action': ofEntries('rule_action'),
    'entry.cidr': ofEntries('cidr_block'),
    'entry.protocol': ofEntries('protocol'),
  }
  const aclOut = (acl: Attributes): sdk.NetworkAcl => ({
    NetworkAclId: String(acl.id),
    VpcId: String(acl.vpc_id),
    OwnerId: String(acl.owner_id),
    IsDefault: acl.default === true,
    Associations: associationsOf(acl),
    Entries: [
      ...entries.of(String(acl.id)).map(entryOut),
      { ...DENY, Egress: false },
      { ...DENY, Egress: true },
    ],
    Tags: tagsOut(acl),
  })
  const put = (input: sdk.CreateNetworkAclEntryCommandInput, existing: Attributes | undefined) => {
    const id = String(existing?.id ?? emulator.ids.hex('nacl-', 10))
    state.networkAclRules.put(id, {
      id,
      network_acl_id: input.NetworkAclId ?? '',
      egress: input.Egress === true,
      rule_number: input.RuleNumber ?? 0,
      protocol: protocolNumber(input.Protocol),
      rule_action: input.RuleAction ?? '',
      cidr_block: input.CidrBlock ?? null,
      ipv6_cidr_block: input.Ipv6CidrBlock ?? null,
      from_port: input.PortRange?.From ?? null,
      to_port: input.PortRange?.To ?? null,
      icmp_code: input.IcmpTypeCode?.Code ?? null,
      icmp_type: input.IcmpTypeCode?.Type ?? null,
    })
  }
  const entryOf = (input: {
    NetworkAclId?: string | undefined
    Egress?: boolean | undefined
    RuleNumber?: number | undefined
  }) => entries.find(String(find(input.NetworkAclId).id), input.Egress === true, input.RuleNumber ?? 0)
  const noEntry = (number = 0) =>
    new AwsError(
      'InvalidNetworkAclEntry.NotFound',
      `the network acl does not have a rule with the number ${number}`,
    )
  return {
    CreateNetworkAcl({ VpcId = '', TagSpecifications }) {
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      return { NetworkAcl: aclOut(door.create({ vpc_id: VpcId, ...tagsIn(TagSpecifications) })) }
    },
    DescribeNetworkAcls({ NetworkAclIds: ids, Filters: filters }) {
      return { NetworkAcls: select(state.networkAcls.values(), { ids, filters, looks }, noAcl).map(aclOut) }
    },
    DeleteNetworkAcl({ NetworkAclId = '' }) {
      const [user] = subnetIds(find(NetworkAclId))
      if (user !== undefined) throw dependencyViolation('networkAcl', NetworkAclId, user)
      door.delete(NetworkAclId)
      return {}
    },
    CreateNetworkAclEntry(input) {
      if (entryOf(input) !== undefined)
        throw new AwsError(
          'NetworkAclEntryAlreadyExists',
          `The network acl entry identified by ${input.RuleNumber} already exists.`,
        )
      put(input, undefined)
      return {}
    },
    ReplaceNetworkAclEntry(input) {
      const existing = entryOf(input)
      if (existing === undefined) throw noEntry(input.RuleNumber)
      put(input, existing)
      return {}
    },
    DeleteNetworkAclEntry(input) {
      const existing = entryOf(input)
      if (existing === undefined) throw noEntry(input.RuleNumber)
      state.networkAclRules.delete(String(existing.id))
      return {}
    },
    ReplaceNetworkAclAssociation({ AssociationId = '', NetworkAclId }) {
      const acl = find(NetworkAclId)
      const association = state.networkAcls
        .values()
        .flatMap(associationsOf)
        .find((one) => one.NetworkAclAssociationId === AssociationId)
      if (association?.SubnetId === undefined)
        throw notFound('InvalidAssociationID', 'association ID', AssociationId)
      const id = emulator.ids.hex('aclassoc-', 17)
      state.networkAclAssociations.put(association.SubnetId, {
        id,
        network_acl_id: acl.id ?? '',
        subnet_id: association.SubnetId,
      })
      return { NewAssociationId: id }
    },
  } satisfies Operations<typeof sdk>
}

function entryOut(entry: Attributes): sdk.NetworkAclEntry {
  const protocol = protocolNumber(entry.protocol)
  const isIcmp = protocol === '1' || protocol === '58'
  const hasPorts = protocol === '6' || protocol === '17'
  return {
    RuleNumber: Number(entry.rule_number),
    Protocol: protocol,
    RuleAction: String(entry.rule_action) as sdk.RuleAction,
    Egress: entry.egress === true,
    ...(entry.cidr_block ? { CidrBlock: String(entry.cidr_block) } : {}),
    ...(entry.ipv6_cidr_block ? { Ipv6CidrBlock: String(entry.ipv6_cidr_block) } : {}),
    ...(hasPorts
      ? { PortRange: { From: Number(entry.from_port ?? 0), To: Number(entry.to_port ?? 0) } }
      : {}),
    ...(isIcmp
      ? { IcmpTypeCode: { Code: Number(entry.icmp_code ?? 0), Type: Number(entry.icmp_type ?? 0) } }
      : {}),
  }
}
