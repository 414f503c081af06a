/** Route tables, routes and associations. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
import { crc32 } from 'node:zlib'
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const target: AttributeSpecs = {
  carrier_gateway_id: implemented(),
  core_network_arn: implemented(),
  egress_only_gateway_id: implemented(),
  gateway_id: implemented(),
  local_gateway_id: implemented(),
  nat_gateway_id: implemented(),
  network_interface_id: implemented(),
  transit_gateway_id: implemented(),
  vpc_endpoint_id: implemented(),
  vpc_peering_connection_id: implemented(),
}

const route: AttributeSpecs = {
  ...target,
  route_table_id: implemented({ forceNew: true }),
  destination_cidr_block: implemented({ forceNew: true }),
  destination_ipv6_cidr_block: implemented({ forceNew: true }),
  destination_prefix_list_id: implemented({ forceNew: true }),
  instance_id: computed(),
  instance_owner_id: computed(),
  origin: computed(),
  state: computed(),
}

const routeTable: AttributeSpecs = {
  vpc_id: implemented({ forceNew: true }),
  // Unchanged where the configuration names none: routes may be separate resources.
  route: block(
    {
      cidr_block: implemented(),
      ipv6_cidr_block: implemented(),
      destination_prefix_list_id: implemented(),
      ...target,
    },
    { set: true, computed: true },
  ),
  propagating_vgws: ignored(NO_PACKETS, { set: true, computed: true }),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
}

const association: AttributeSpecs = {
  route_table_id: implemented(),
  subnet_id: implemented({ forceNew: true }),
  gateway_id: implemented({ forceNew: true }),
}

export function routeTypes(emulator: EmulatorContext): ResourceType[] {
  return [
    ec2Record(emulator, {
      type: 'aws_route_table',
      collection: 'route-tables',
      prefix: 'rtb-',
      arnType: 'route-table',
      attributes: routeTable,
      compute: (planned) => ({
        route: planned.route ?? [],
        propagating_vgws: planned.propagating_vgws ?? [],
      }),
    }),
    routeType(emulator),
    ec2Record(emulator, {
      type: 'aws_route_table_association',
      collection: 'route-table-associations',
      prefix: 'rtbassoc-',
      attributes: association,
    }),
  ]
}

/** A route is known by its table and destination; the provider's id is a hash of the latter. */
function routeType(emulator: EmulatorContext): ResourceType {
  const routes = emulator.store.collection<Attributes>('ec2.routes')
  return recordType({
    type: 'aws_route',
    attributes: route,
    compute(planned) {
      const { destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id } = planned
      const destination = destination_cidr_block ?? destination_ipv6_cidr_block ?? destination_prefix_list_id
      const id = `r-${planned.route_table_id}${crc32(String(destination))}`
      if (routes.has(id)) {
        throw new Error(
          `RouteAlreadyExists: The route identified by ${destination} already exists. Remove one of the two.`,
        )
      }
      return { id, instance_id: '', instance_owner_id: '', origin: 'CreateRoute', state: 'active' }
    },
    keep(id, attributes) {
      if (attributes === undefined) routes.delete(id)
      else routes.put(id, attributes)
    },
  })
}
