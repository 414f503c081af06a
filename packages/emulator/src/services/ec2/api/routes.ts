/** Route tables, routes, associations. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { dependencyViolation, missingParameter, notFound } from '../model/errors.ts'
import type { Ec2Model } from '../model/model.ts'
import { destinationOf, routeId } from '../model/routes.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

/** Members of a route's target by its attributes. An endpoint and an internet gateway share a member. */
const TARGETS = {
  CarrierGatewayId: 'carrier_gateway_id',
  CoreNetworkArn: 'core_network_arn',
  EgressOnlyInternetGatewayId: 'egress_only_gateway_id',
  GatewayId: 'gateway_id',
  LocalGatewayId: 'local_gateway_id',
  NatGatewayId: 'nat_gateway_id',
  NetworkInterfaceId: 'network_interface_id',
  TransitGatewayId: 'transit_gateway_id',
  VpcPeeringConnectionId: 'vpc_peering_connection_id',
} as const
const DESTINATIONS = {
  DestinationCidrBlock: 'destination_cidr_block',
  DestinationIpv6CidrBlock: 'destination_ipv6_cidr_block',
  DestinationPrefixListId: 'destination_prefix_list_id',
} as const

type RouteInput = {
  readonly [Name in keyof typeof DESTINATIONS | keyof typeof TARGETS]?: string | undefined
} & {
  readonly VpcEndpointId?: string | undefined
}

function attributesOf(input: RouteInput, members: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(
    Object.entries(members).map(([member, attribute]) => [
      attribute,
      input[member as keyof RouteInput] ?? null,
    ]),
  )
}

const targetOf = (input: RouteInput): Attributes => ({
  ...attributesOf(input, TARGETS),
  vpc_endpoint_id: input.VpcEndpointId ?? null,
})

const known = (document: Attributes, members: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(members).flatMap(([member, attribute]) =>
      document[attribute] ? [[member, String(document[attribute])]] : [],
    ),
  )

export function createRouteOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state, routes, emulator } = model
  const noTable = (id: string) => notFound('InvalidRouteTableID', 'routeTable ID', id)
  const find = (id = ''): Attributes => {
    const table = state.routeTables.get(id)
    if (table === undefined) throw noTable(id)
    return table
  }
  const door = doorOf(model.emulator, types, 'aws_route_table', find)
  const routeOf = (input: RouteInput & { readonly RouteTableId?: string | undefined }): Attributes => {
    const destination = attributesOf(input, DESTINATIONS)
    const route = state.routes.get(routeId(String(find(input.RouteTableId).id), destinationOf(destination)))
    if (route === undefined)
      throw new AwsError(
        'InvalidRoute.NotFound',
        `no route with destination-cidr-block ${destinationOf(destination)} in route table ${input.RouteTableId}`,
      )
    return route
  }
  const routeDoor = doorOf(model.emulator, types, 'aws_route', (id) => state.routes.get(id) ?? {})
  const associationsOf = (tableId: Attributes[string] | undefined) =>
    state.routeTableAssociations.values().filter((one) => one.route_table_id === tableId)
  const association = (id = ''): Attributes => {
    const found = state.routeTableAssociations.get(id)
    if (found === undefined) throw notFound('InvalidAssociationID', 'association ID', id)
    return found
  }
  const looks = {
    ...attributes({ 'route-table-id': 'id', 'vpc-id': 'vpc_id', 'owner-id': 'owner_id' }),
    'association.main': ({ id }: Attributes) => associationsOf(id).map((one) => one.main === true),
    'association.subnet-id': ({ id }: Attributes) => associationsOf(id).map((one) => one.subnet_id ?? null),
    'association.gateway-id': ({ id }: Attributes) => associationsOf(id).map((one) => one.gateway_id ?? null),
    'association.route-table-association-id': ({ id }: Attributes) =>
      associationsOf(id).map((one) => one.id ?? null),
    'association.route-table-id': ({ id }: Attributes) => id,
    'route.destination-cidr-block': ({ id }: Attributes) =>
      routes.of(String(id)).map((route) => route.destination_cidr_block ?? null),
    'route.gateway-id': ({ id }: Attributes) =>
      routes.of(String(id)).map((route) => route.gateway_id ?? null),
    'route.nat-gateway-id': ({ id }: Attributes) =>
      routes.of(String(id)).map((route) => route.nat_gateway_id ?? null),
  }
  const tableOut = (table: Attributes): sdk.RouteTable => ({
    RouteTableId: String(table.id),
    VpcId: String(table.vpc_id),
    OwnerId: String(table.owner_id),
    PropagatingVgws: [],
    Associations: associationsOf(table.id).map(associationOut),
    Routes: [
      {
        DestinationCidrBlock: String(state.vpcs.get(String(table.vpc_id))?.cidr_block ?? ''),
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      },
      ...routes.of(String(table.id)).map((route): sdk.Route => {
        const endpoint = route.vpc_endpoint_id ? { GatewayId: String(route.vpc_endpoint_id) } : {}
        return {
          ...known(route, DESTINATIONS),
          ...known(route, TARGETS),
          ...endpoint,
          Origin: 'CreateRoute',
          State: 'active',
        }
      }),
    ],
    Tags: tagsOut(table),
  })
  return {
    CreateRouteTable({ VpcId = '', TagSpecifications }) {
      if (!state.vpcs.has(VpcId)) throw notFound('InvalidVpcID', 'vpc ID', VpcId)
      return { RouteTable: tableOut(door.create({ vpc_id: VpcId, ...tagsIn(TagSpecifications) })) }
    },
    DescribeRouteTables({ RouteTableIds: ids, Filters: filters }) {
      return {
        RouteTables: select(state.routeTables.values(), { ids, filters, looks }, noTable).map(tableOut),
      }
    },
    DeleteRouteTable({ RouteTableId = '' }) {
      find(RouteTableId)
      const [user] = associationsOf(RouteTableId)
      if (user !== undefined) throw dependencyViolation('routeTable', RouteTableId, String(user.id))
      door.delete(RouteTableId)
      return {}
    },
    CreateRoute(input) {
      find(input.RouteTableId)
      const route = { ...attributesOf(input, DESTINATIONS), ...targetOf(input) }
      if (destinationOf(route) === '') throw missingParameter('destinationCidrBlock')
      routeDoor.create({ ...route, route_table_id: input.RouteTableId ?? '' })
      return { Return: true }
    },
    ReplaceRoute(input) {
      routeDoor.change(String(routeOf(input).id), targetOf(input))
      return {}
    },
    DeleteRoute(input) {
      routeDoor.delete(String(routeOf(input).id))
      return {}
    },
    AssociateRouteTable({ RouteTableId = '', SubnetId, GatewayId }) {
      find(RouteTableId)
      if (SubnetId !== undefined && !state.subnets.has(SubnetId))
        throw notFound('InvalidSubnetID', 'subnet ID', SubnetId)
      const taken = state.routeTableAssociations
        .values()
        .find((one) => SubnetId !== undefined && one.subnet_id === SubnetId)
      if (taken !== undefined)
        throw new AwsError(
          'Resource.AlreadyAssociated',
          `the specified association for route table ${RouteTableId} conflicts with an existing association`,
        )
      const id = emulator.ids.hex('rtbassoc-', 17)
      const target = { subnet_id: SubnetId ?? null, gateway_id: GatewayId ?? null }
      state.routeTableAssociations.put(id, { id, route_table_id: RouteTableId, ...target })
      return { AssociationId: id, AssociationState: { State: 'associated' } }
    },
    ReplaceRouteTableAssociation({ AssociationId, RouteTableId = '' }) {
      find(RouteTableId)
      const { id: _old, ...rest } = association(AssociationId)
      const id = emulator.ids.hex('rtbassoc-', 17)
      state.routeTableAssociations.delete(AssociationId ?? '')
      state.routeTableAssociations.put(id, { ...rest, id, route_table_id: RouteTableId })
      return { NewAssociationId: id, AssociationState: { State: 'associated' } }
    },
    DisassociateRouteTable({ AssociationId = '' }) {
      if (association(AssociationId).main === true)
        throw new AwsError(
          'InvalidParameterValue',
          `cannot disassociate the main route table association ${AssociationId}`,
        )
      state.routeTableAssociations.delete(AssociationId)
      return {}
    },
  } satisfies Operations<typeof sdk>
}

function associationOut(one: Attributes): sdk.RouteTableAssociation {
  return {
    RouteTableAssociationId: String(one.id),
    RouteTableId: String(one.route_table_id),
    Main: one.main === true,
    ...(one.subnet_id ? { SubnetId: String(one.subnet_id) } : {}),
    ...(one.gateway_id ? { GatewayId: String(one.gateway_id) } : {}),
    AssociationState: { State: 'associated' },
  }
}
