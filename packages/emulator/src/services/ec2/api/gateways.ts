/** Internet gateways, elastic IP addresses, NAT gateways. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { dependencyViolation, notFound, notImplemented } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

const gatewayLooks = {
  ...attributes({ 'internet-gateway-id': 'id', 'attachment.vpc-id': 'vpc_id', 'owner-id': 'owner_id' }),
  'attachment.state': ({ vpc_id }: Attributes) => (vpc_id ? 'available' : undefined),
}
const addressLooks = attributes({
  'allocation-id': 'id',
  'public-ip': 'public_ip',
  domain: 'domain',
  'association-id': 'association_id',
  'network-border-group': 'network_border_group',
})
const natLooks = {
  ...attributes({ 'nat-gateway-id': 'id', 'subnet-id': 'subnet_id' }),
  state: () => 'available',
}

export function createGatewayOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state } = model
  const noGateway = (id: string) => notFound('InvalidInternetGatewayID', 'internetGateway ID', id)
  const noAddress = (id: string) => notFound('InvalidAllocationID', 'allocation ID', id)
  const noNat = (id: string) => new AwsError('NatGatewayNotFound', `The Nat Gateway ${id} was not found`)
  const found = (document: Attributes | undefined, error: AwsError): Attributes => {
    if (document === undefined) throw error
    return document
  }
  const internet = (id = '') => found(state.internetGateways.get(id), noGateway(id))
  const address = (id = '') => found(state.addresses.get(id), noAddress(id))
  const nat = (id = '') => found(state.natGateways.get(id), noNat(id))
  const doors = {
    internet: doorOf(model.emulator, types, 'aws_internet_gateway', internet),
    address: doorOf(model.emulator, types, 'aws_eip', address),
    nat: doorOf(model.emulator, types, 'aws_nat_gateway', nat),
  }
  const natOut = (gateway: Attributes): sdk.NatGateway => ({
    NatGatewayId: String(gateway.id),
    SubnetId: String(gateway.subnet_id),
    VpcId: String(state.subnets.get(String(gateway.subnet_id))?.vpc_id ?? ''),
    State: 'available',
    ConnectivityType: String(gateway.connectivity_type ?? 'public') as sdk.ConnectivityType,
    NatGatewayAddresses: [
      {
        ...(gateway.allocation_id ? { AllocationId: String(gateway.allocation_id) } : {}),
        ...(gateway.allocation_id ? { AssociationId: String(gateway.association_id) } : {}),
        ...(gateway.public_ip ? { PublicIp: String(gateway.public_ip) } : {}),
        ...(gateway.private_ip ? { PrivateIp: String(gateway.private_ip) } : {}),
        NetworkInterfaceId: String(gateway.network_interface_id),
        IsPrimary: true,
        Status: 'succeeded',
      },
    ],
    Tags: tagsOut(gateway),
  })
  const addressOut = (one: Attributes): sdk.Address => {
    const user = state.natGateways.values().find((gateway) => gateway.allocation_id === one.id)
    return {
      AllocationId: String(one.id),
      PublicIp: String(one.public_ip),
      Domain: 'vpc',
      NetworkBorderGroup: String(one.network_border_group),
      PublicIpv4Pool: String(one.public_ipv4_pool),
      ...(user && {
        AssociationId: String(user.association_id),
        NetworkInterfaceId: String(user.network_interface_id),
        ...(user.private_ip ? { PrivateIpAddress: String(user.private_ip) } : {}),
      }),
      Tags: tagsOut(one),
    }
  }
  return {
    CreateInternetGateway: ({ TagSpecifications }) => ({
      InternetGateway: internetOut(doors.internet.create(tagsIn(TagSpecifications))),
    }),
    AttachInternetGateway({ InternetGatewayId = '', VpcId = '' }) {
      const gateway = internet(InternetGatewayId)
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      if (gateway.vpc_id)
        throw new AwsError(
          'Resource.AlreadyAssociated',
          `resource ${InternetGatewayId} is already attached to network ${gateway.vpc_id}`,
        )
      doors.internet.change(InternetGatewayId, { vpc_id: VpcId })
      return {}
    },
    DetachInternetGateway({ InternetGatewayId = '', VpcId = '' }) {
      if (internet(InternetGatewayId).vpc_id !== VpcId)
        throw new AwsError(
          'Gateway.NotAttached',
          `resource ${InternetGatewayId} is not attached to network ${VpcId}`,
        )
      doors.internet.change(InternetGatewayId, { vpc_id: '' })
      return {}
    },
    DescribeInternetGateways({ InternetGatewayIds: ids, Filters: filters }) {
      const gateways = select(
        state.internetGateways.values(),
        { ids, filters, looks: gatewayLooks },
        noGateway,
      )
      return { InternetGateways: gateways.map(internetOut) }
    },
    DeleteInternetGateway({ InternetGatewayId = '' }) {
      const { vpc_id } = internet(InternetGatewayId)
      if (vpc_id) throw dependencyViolation('internetGateway', InternetGatewayId, String(vpc_id))
      doors.internet.delete(InternetGatewayId)
      return {}
    },
    AllocateAddress({ Address, NetworkBorderGroup, PublicIpv4Pool, TagSpecifications }) {
      const made = doors.address.create({
        domain: 'vpc',
        address: Address ?? null,
        network_border_group: NetworkBorderGroup ?? null,
        public_ipv4_pool: PublicIpv4Pool ?? null,
        ...tagsIn(TagSpecifications),
      })
      const { Tags: _tags, ...out } = addressOut(made)
      return out
    },
    DescribeAddresses({ AllocationIds: ids, PublicIps, Filters: filters }) {
      const all = state.addresses
        .values()
        .filter((one) => PublicIps === undefined || PublicIps.includes(String(one.public_ip)))
      return { Addresses: select(all, { ids, filters, looks: addressLooks }, noAddress).map(addressOut) }
    },
    DescribeAddressesAttribute({ AllocationIds = [] }) {
      return {
        Addresses: AllocationIds.map((id) => ({
          AllocationId: id,
          PublicIp: String(address(id).public_ip),
        })),
      }
    },
    ReleaseAddress({ AllocationId = '' }) {
      const { AssociationId } = addressOut(address(AllocationId))
      if (AssociationId !== undefined)
        throw new AwsError('InvalidIPAddress.InUse', `Address ${address(AllocationId).public_ip} is in use.`)
      doors.address.delete(AllocationId)
      return {}
    },
    DisassociateAddress({ AssociationId }) {
      const user = state.natGateways.values().find((gateway) => gateway.association_id === AssociationId)
      if (user === undefined) throw notFound('InvalidAssociationID', 'association ID', AssociationId ?? '')
      throw new AwsError('AuthFailure', `The address belongs to ${user.id}: delete that first.`)
    },
    CreateNatGateway({ SubnetId = '', AllocationId, ConnectivityType, PrivateIpAddress, ...rest }) {
      if (!state.subnets.has(SubnetId)) throw notFound('InvalidSubnetID', 'subnet ID', SubnetId)
      if (AllocationId !== undefined) address(AllocationId)
      if (rest.SecondaryAllocationIds !== undefined)
        throw notImplemented('secondary addresses of NAT gateways')
      const gateway = doors.nat.create({
        subnet_id: SubnetId,
        allocation_id: AllocationId ?? null,
        connectivity_type: ConnectivityType ?? 'public',
        private_ip: PrivateIpAddress ?? null,
        ...tagsIn(rest.TagSpecifications),
      })
      return { NatGateway: natOut(gateway) }
    },
    DescribeNatGateways({ NatGatewayIds: ids, Filter: filters }) {
      const looks = {
        ...natLooks,
        'vpc-id': ({ subnet_id }: Attributes) => state.subnets.get(String(subnet_id))?.vpc_id,
      }
      return { NatGateways: select(state.natGateways.values(), { ids, filters, looks }, noNat).map(natOut) }
    },
    DeleteNatGateway({ NatGatewayId = '' }) {
      nat(NatGatewayId)
      doors.nat.delete(NatGatewayId)
      return { NatGatewayId }
    },
  } satisfies Operations<typeof sdk>
}

function internetOut(gateway: Attributes): sdk.InternetGateway {
  return {
    InternetGatewayId: String(gateway.id),
    OwnerId: String(gateway.owner_id),
    Attachments: gateway.vpc_id ? [{ State: 'available' as never, VpcId: String(gateway.vpc_id) }] : [],
    Tags: tagsOut(gateway),
  }
}
