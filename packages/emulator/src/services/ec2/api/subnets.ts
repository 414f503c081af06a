/** Subnets and Availability Zones: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html */
import type * as sdk from '@aws-sdk/client-ec2'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { dependencyViolation, invalidParameter, notFound, notImplemented } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { zonesOf } from '../model/zones.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

const looks = {
  ...attributes({
    'subnet-id': 'id',
    'vpc-id': 'vpc_id',
    'cidr-block': 'cidr_block',
    cidr: 'cidr_block',
    cidrBlock: 'cidr_block',
    'availability-zone': 'availability_zone',
    availabilityZone: 'availability_zone',
    'availability-zone-id': 'availability_zone_id',
    'map-public-ip-on-launch': 'map_public_ip_on_launch',
    'owner-id': 'owner_id',
  }),
  state: () => 'available',
  'default-for-az': () => false,
  defaultForAz: () => false,
}

const zoneLooks = {
  ...attributes({ 'zone-name': 'name', 'zone-id': 'id', 'region-name': 'region' }),
  state: () => 'available',
  'opt-in-status': () => 'opt-in-not-required',
  'zone-type': () => 'availability-zone',
  'group-name': ({ region }: Attributes) => region,
}

export function createSubnetOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state, emulator } = model
  const noSubnet = (id: string) => notFound('InvalidSubnetID', 'subnet ID', id)
  const find = (id: string): Attributes => {
    const subnet = state.subnets.get(id)
    if (subnet === undefined) throw noSubnet(id)
    return subnet
  }
  const door = doorOf(model.emulator, types, 'aws_subnet', find)
  return {
    CreateSubnet({ VpcId = '', CidrBlock, AvailabilityZone, AvailabilityZoneId, Ipv6CidrBlock, ...rest }) {
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      if (Ipv6CidrBlock !== undefined || rest.Ipv6Native) throw notImplemented('IPv6')
      const zones = zonesOf(emulator.region)
      if (AvailabilityZone !== undefined && !zones.some(({ name }) => name === AvailabilityZone))
        throw invalidParameter(
          `Value (${AvailabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.map(({ name }) => name).join(', ')}.`,
        )
      const subnet = door.create({
        vpc_id: VpcId,
        cidr_block: CidrBlock ?? null,
        availability_zone: AvailabilityZone ?? null,
        availability_zone_id: AvailabilityZoneId ?? null,
        ...tagsIn(rest.TagSpecifications),
      })
      return { Subnet: subnetOut(subnet) }
    },
    DescribeSubnets({ SubnetIds: ids, Filters: filters }) {
      const found = select(state.subnets.values(), { ids, filters, looks }, noSubnet)
      return { Subnets: found.map(subnetOut) }
    },
    ModifySubnetAttribute({ SubnetId = '', ...given }) {
      if (given.AssignIpv6AddressOnCreation?.Value || given.EnableDns64?.Value) throw notImplemented('IPv6')
      const { MapPublicIpOnLaunch, PrivateDnsHostnameTypeOnLaunch } = given
      const a = given.EnableResourceNameDnsARecordOnLaunch
      const aaaa = given.EnableResourceNameDnsAAAARecordOnLaunch
      door.change(SubnetId, {
        ...(MapPublicIpOnLaunch && { map_public_ip_on_launch: MapPublicIpOnLaunch.Value ?? false }),
        ...(PrivateDnsHostnameTypeOnLaunch && {
          private_dns_hostname_type_on_launch: PrivateDnsHostnameTypeOnLaunch,
        }),
        ...(a && { enable_resource_name_dns_a_record_on_launch: a.Value ?? false }),
        ...(aaaa && { enable_resource_name_dns_aaaa_record_on_launch: aaaa.Value ?? false }),
      })
      return {}
    },
    DeleteSubnet({ SubnetId = '' }) {
      find(SubnetId)
      const gateway = state.natGateways.values().find((one) => one.subnet_id === SubnetId)
      if (gateway !== undefined) throw dependencyViolation('subnet', SubnetId, String(gateway.id))
      for (const one of state.routeTableAssociations.values())
        if (one.subnet_id === SubnetId) state.routeTableAssociations.delete(String(one.id))
      state.networkAclAssociations.delete(SubnetId)
      door.delete(SubnetId)
      return {}
    },
    DescribeAvailabilityZones({ ZoneNames, ZoneIds, Filters: filters }) {
      const zones = zonesOf(emulator.region).map((zone) => ({ ...zone, region: emulator.region }))
      const named = zones.filter(
        ({ name, id }) => (ZoneNames?.includes(name) ?? true) && (ZoneIds?.includes(id) ?? true),
      )
      return {
        AvailabilityZones: select(named, { filters, looks: zoneLooks }, noSubnet).map(
          ({ name, id, region }) => ({
            ZoneName: String(name),
            ZoneId: String(id),
            RegionName: String(region),
            GroupName: String(region),
            NetworkBorderGroup: String(region),
            State: 'available' as const,
            OptInStatus: 'opt-in-not-required' as const,
            ZoneType: 'availability-zone',
            Messages: [],
          }),
        ),
      }
    },
  } satisfies Operations<typeof sdk>
}

function subnetOut(subnet: Attributes): sdk.Subnet {
  const block = String(subnet.cidr_block)
  return {
    SubnetId: String(subnet.id),
    SubnetArn: String(subnet.arn),
    VpcId: String(subnet.vpc_id),
    OwnerId: String(subnet.owner_id),
    CidrBlock: block,
    State: 'available',
    AvailabilityZone: String(subnet.availability_zone),
    AvailabilityZoneId: String(subnet.availability_zone_id),
    // Five addresses of a subnet are AWS's own.
    AvailableIpAddressCount: 2 ** (32 - Number(block.split('/')[1] ?? 24)) - 5,
    MapPublicIpOnLaunch: subnet.map_public_ip_on_launch === true,
    AssignIpv6AddressOnCreation: false,
    DefaultForAz: false,
    EnableDns64: false,
    Ipv6Native: false,
    MapCustomerOwnedIpOnLaunch: false,
    Ipv6CidrBlockAssociationSet: [],
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: String(subnet.private_dns_hostname_type_on_launch ?? 'ip-name') as sdk.HostnameType,
      EnableResourceNameDnsARecord: subnet.enable_resource_name_dns_a_record_on_launch === true,
      EnableResourceNameDnsAAAARecord: subnet.enable_resource_name_dns_aaaa_record_on_launch === true,
    },
    Tags: tagsOut(subnet),
  }
}
