/** VPC endpoints, prefix lists, flow logs. https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html */
import type * as sdk from '@aws-sdk/client-ec2'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType, Value } from '../../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../../terraform/type/values.ts'
import { notFound } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { PREFIX_LISTS, prefixListId } from '../model/prefix-lists.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

const looks = {
  ...attributes({
    'vpc-endpoint-id': 'id',
    'vpc-id': 'vpc_id',
    'service-name': 'service_name',
    'vpc-endpoint-type': 'vpc_endpoint_type',
  }),
  'vpc-endpoint-state': () => 'available',
}
const listLooks = attributes({
  'prefix-list-name': 'name',
  'prefix-list-id': 'id',
  'owner-id': 'owner',
})

export function createEndpointOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state, emulator } = model
  const noEndpoint = (id: string) => notFound('InvalidVpcEndpointId', 'Vpc Endpoint Id', id)
  const find = (id = ''): Attributes => {
    const endpoint = state.endpoints.get(id)
    if (endpoint === undefined) throw noEndpoint(id)
    return endpoint
  }
  const door = doorOf(model.emulator, types, 'aws_vpc_endpoint', find)
  /** AWS's own lists: that of CloudFront, and one for each service that has gateways. */
  const lists = (): Attributes[] =>
    PREFIX_LISTS(emulator.region).map((name) => ({ id: prefixListId(name), name, owner: 'AWS' }))
  const noList = (id: string) => notFound('InvalidPrefixListID', 'prefix list ID', id)
  return {
    CreateVpcEndpoint({ VpcId = '', ServiceName = '', VpcEndpointType = 'Gateway', ...given }) {
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      const endpoint = door.create({
        vpc_id: VpcId,
        service_name: ServiceName,
        vpc_endpoint_type: VpcEndpointType,
        policy: given.PolicyDocument ?? null,
        route_table_ids: given.RouteTableIds ?? [],
        subnet_ids: given.SubnetIds ?? [],
        security_group_ids: given.SecurityGroupIds ?? [],
        private_dns_enabled: given.PrivateDnsEnabled ?? VpcEndpointType === 'Interface',
        ip_address_type: given.IpAddressType ?? null,
        ...tagsIn(given.TagSpecifications),
      })
      return { VpcEndpoint: endpointOut(endpoint, state) }
    },
    DescribeVpcEndpoints({ VpcEndpointIds: ids, Filters: filters }) {
      const found = select(state.endpoints.values(), { ids, filters, looks }, noEndpoint)
      return { VpcEndpoints: found.map((endpoint) => endpointOut(endpoint, state)) }
    },
    ModifyVpcEndpoint({ VpcEndpointId = '', ...given }) {
      const endpoint = find(VpcEndpointId)
      const list = (
        value: Value | undefined,
        add: readonly string[] = [],
        remove: readonly string[] = [],
      ) => [...stringList(value).filter((one) => !remove.includes(one) && !add.includes(one)), ...add]
      const { AddRouteTableIds, RemoveRouteTableIds, AddSubnetIds, RemoveSubnetIds } = given
      door.change(VpcEndpointId, {
        route_table_ids: list(endpoint.route_table_ids, AddRouteTableIds, RemoveRouteTableIds),
        subnet_ids: list(endpoint.subnet_ids, AddSubnetIds, RemoveSubnetIds),
        security_group_ids: list(
          endpoint.security_group_ids,
          given.AddSecurityGroupIds,
          given.RemoveSecurityGroupIds,
        ),
        ...(given.ResetPolicy ? { policy: null } : {}),
        ...(given.PolicyDocument === undefined ? {} : { policy: given.PolicyDocument }),
        ...(given.PrivateDnsEnabled === undefined ? {} : { private_dns_enabled: given.PrivateDnsEnabled }),
      })
      return { Return: true }
    },
    DeleteVpcEndpoints({ VpcEndpointIds = [] }) {
      const missing = VpcEndpointIds.filter((id) => !state.endpoints.has(id))
      for (const id of VpcEndpointIds) if (state.endpoints.has(id)) door.delete(id)
      return {
        Unsuccessful: missing.map((id) => ({
          ResourceId: id,
          Error: { Code: 'InvalidVpcEndpoint.NotFound', Message: noEndpoint(id).message },
        })),
      }
    },
    DescribePrefixLists({ PrefixListIds: ids, Filters: filters }) {
      const found = select(
        lists().filter(({ name }) => !String(name).includes('.global.')),
        { ids, filters, looks: listLooks },
        noList,
      )
      return {
        PrefixLists: found.map(({ id, name }) => ({
          PrefixListId: String(id),
          PrefixListName: String(name),
          Cidrs: [],
        })),
      }
    },
    DescribeManagedPrefixLists({ PrefixListIds: ids, Filters: filters }) {
      return {
        PrefixLists: select(lists(), { ids, filters, looks: listLooks }, noList).map(({ id, name }) => ({
          PrefixListId: String(id),
          PrefixListName: String(name),
          PrefixListArn: `arn:aws:ec2:${emulator.region}:aws:prefix-list/${id}`,
          AddressFamily: 'IPv4',
          State: 'create-complete' as const,
          OwnerId: 'AWS',
          Tags: [],
        })),
      }
    },
    GetManagedPrefixListEntries({ PrefixListId = '' }) {
      if (!lists().some(({ id }) => id === PrefixListId)) throw noList(PrefixListId)
      return { Entries: [] }
    },
  } satisfies Operations<typeof sdk>
}

function endpointOut(endpoint: Attributes, state: Ec2Model['state']): sdk.VpcEndpoint {
  const groups = stringList(endpoint.security_group_ids)
  return {
    VpcEndpointId: String(endpoint.id),
    VpcId: String(endpoint.vpc_id),
    OwnerId: String(endpoint.owner_id),
    ServiceName: String(endpoint.service_name),
    VpcEndpointType: String(endpoint.vpc_endpoint_type) as sdk.VpcEndpointType,
    State: 'available' as sdk.State,
    PolicyDocument: String(endpoint.policy ?? ''),
    RouteTableIds: stringList(endpoint.route_table_ids),
    SubnetIds: stringList(endpoint.subnet_ids),
    NetworkInterfaceIds: stringList(endpoint.network_interface_ids),
    Groups: groups.map((GroupId) => ({
      GroupId,
      GroupName: String(state.securityGroups.get(GroupId)?.name ?? ''),
    })),
    PrivateDnsEnabled: endpoint.private_dns_enabled === true,
    RequesterManaged: false,
    ...(endpoint.ip_address_type
      ? { IpAddressType: String(endpoint.ip_address_type) as sdk.IpAddressType }
      : {}),
    ...(endpoint.vpc_endpoint_type === 'Gateway' ? {} : { DnsOptions: { DnsRecordIpType: 'ipv4' as const } }),
    DnsEntries: blocks(endpoint.dns_entry).map((entry) => ({
      DnsName: String(entry.dns_name),
      HostedZoneId: String(entry.hosted_zone_id),
    })),
    Tags: tagsOut(endpoint),
  }
}
