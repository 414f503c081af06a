/** VPCs: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations_Amazon_Virtual_Private_Cloud.html */
import type * as sdk from '@aws-sdk/client-ec2'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import {
  dependencyViolation,
  invalidParameter,
  missingParameter,
  notFound,
  notImplemented,
} from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

const ATTRIBUTES = {
  enableDnsHostnames: ['EnableDnsHostnames', 'enable_dns_hostnames'],
  enableDnsSupport: ['EnableDnsSupport', 'enable_dns_support'],
  enableNetworkAddressUsageMetrics: [
    'EnableNetworkAddressUsageMetrics',
    'enable_network_address_usage_metrics',
  ],
} as const

const looks = {
  ...attributes({
    'vpc-id': 'id',
    cidr: 'cidr_block',
    'cidr-block-association.cidr-block': 'cidr_block',
    'dhcp-options-id': 'dhcp_options_id',
    'owner-id': 'owner_id',
  }),
  state: () => 'available',
  'is-default': () => false,
  isDefault: () => false,
}

export function createVpcOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state } = model
  const find = (id = ''): Attributes => {
    const vpc = state.vpcs.get(id)
    if (vpc === undefined) throw notFound('InvalidVpcID', 'vpc ID', id)
    return vpc
  }
  const door = doorOf(model.emulator, types, 'aws_vpc', find)
  return {
    CreateVpc(input) {
      if (input.AmazonProvidedIpv6CidrBlock || input.Ipv6CidrBlock !== undefined) throw notImplemented('IPv6')
      if (input.Ipv4IpamPoolId !== undefined) throw notImplemented('IPAM pools')
      if (input.CidrBlock === undefined) throw missingParameter('cidrBlock')
      if (!isVpcBlock(input.CidrBlock))
        throw invalidParameter(
          `Value (${input.CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
        )
      const vpc = door.create({
        cidr_block: input.CidrBlock,
        instance_tenancy: input.InstanceTenancy ?? 'default',
        ...tagsIn(input.TagSpecifications),
      })
      return { Vpc: vpcOut(vpc) }
    },
    DescribeVpcs({ VpcIds: ids, Filters: filters }) {
      const found = select(state.vpcs.values(), { ids, filters, looks }, (id) =>
        notFound('InvalidVpcID', 'vpc ID', id),
      )
      return { Vpcs: found.map(vpcOut) }
    },
    DescribeVpcAttribute({ VpcId = '', Attribute }) {
      const vpc = find(VpcId)
      const known = ATTRIBUTES[Attribute as keyof typeof ATTRIBUTES]
      if (known === undefined) throw missingParameter('attribute')
      return { VpcId, [known[0]]: { Value: vpc[known[1]] === true } }
    },
    ModifyVpcAttribute({ VpcId = '', ...given }) {
      for (const [member, attribute] of Object.values(ATTRIBUTES)) {
        const value = given[member]?.Value
        if (value !== undefined) door.change(VpcId, { [attribute]: value })
      }
      return {}
    },
    ModifyVpcTenancy({ VpcId = '', InstanceTenancy }) {
      door.change(VpcId, { instance_tenancy: InstanceTenancy ?? 'default' })
      return { ReturnValue: true }
    },
    DeleteVpc({ VpcId = '' }) {
      const vpc = find(VpcId)
      const user = userOf(model, vpc)
      if (user !== undefined) throw dependencyViolation('vpc', VpcId, user)
      door.delete(VpcId)
      return {}
    },
    DescribeAccountAttributes: () => ({
      AccountAttributes: [
        { AttributeName: 'supported-platforms', AttributeValues: [{ AttributeValue: 'VPC' }] },
        { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: 'none' }] },
      ],
    }),
    DescribeNetworkInterfaces: () => ({ NetworkInterfaces: [] }),
  } satisfies Operations<typeof sdk>
}

/** What stands in a VPC and did not come with it. https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html */
function userOf({ state }: Ec2Model, vpc: Attributes): string | undefined {
  const own = [vpc.default_security_group_id, vpc.default_route_table_id, vpc.default_network_acl_id]
  const inside = [
    state.subnets,
    state.internetGateways,
    state.endpoints,
    state.securityGroups,
    state.routeTables,
    state.networkAcls,
  ].flatMap((documents) => documents.values().filter((document) => document.vpc_id === vpc.id))
  const user = inside.find((document) => !own.includes(document.id ?? null))
  return user && String(user.id)
}

function isVpcBlock(block: string): boolean {
  const [, address = '', bits = ''] = /^([\d.]+)\/(\d+)$/.exec(block) ?? []
  const parts = address.split('.').map(Number)
  return parts.length === 4 && parts.every((part) => part <= 255) && Number(bits) >= 16 && Number(bits) <= 28
}

function vpcOut(vpc: Attributes): sdk.Vpc {
  const block = String(vpc.cidr_block)
  return {
    VpcId: String(vpc.id),
    CidrBlock: block,
    State: 'available',
    OwnerId: String(vpc.owner_id),
    IsDefault: false,
    InstanceTenancy: String(vpc.instance_tenancy ?? 'default') as sdk.Tenancy,
    DhcpOptionsId: String(vpc.dhcp_options_id),
    Ipv6CidrBlockAssociationSet: [],
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${String(vpc.id).slice('vpc-'.length)}`,
        CidrBlock: block,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Tags: tagsOut(vpc),
  }
}
