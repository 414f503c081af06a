/** Routes of a table, with what they lead to. A block `route` of a table and an aws_route of its own are the same thing. */
import { crc32 } from 'node:zlib'
import type { Attributes, Value } from '../../../terraform/type/resource-type.ts'
import { blocks } from '../../../terraform/type/values.ts'
import type { Ec2State } from './state.ts'

export const ROUTE_TARGETS = [
  'carrier_gateway_id',
  'core_network_arn',
  'egress_only_gateway_id',
  'gateway_id',
  'local_gateway_id',
  'nat_gateway_id',
  'network_interface_id',
  'transit_gateway_id',
  'vpc_endpoint_id',
  'vpc_peering_connection_id',
] as const

const DESTINATIONS = [
  'destination_cidr_block',
  'destination_ipv6_cidr_block',
  'destination_prefix_list_id',
] as const

export const destinationOf = (route: Attributes): string =>
  String(DESTINATIONS.map((name) => route[name]).find((value) => value != null && value !== '') ?? '')

/** A route is known by its table and destination; the provider's id is a hash of the latter. */
export const routeId = (tableId: string, destination: string): string => `r-${tableId}${crc32(destination)}`

/** A whole route, with what Terraform computes. */
export function routeDocument(tableId: string, given: Attributes): Attributes {
  return {
    ...given,
    route_table_id: tableId,
    id: routeId(tableId, destinationOf(given)),
    instance_id: '',
    instance_owner_id: '',
    origin: 'CreateRoute',
    state: 'active',
  }
}

const known = (value: Value | undefined): Value => (value == null || value === '' ? null : value)

function routeOfBlock(block: Attributes): Attributes {
  return {
    destination_cidr_block: known(block.cidr_block),
    destination_ipv6_cidr_block: known(block.ipv6_cidr_block),
    destination_prefix_list_id: known(block.destination_prefix_list_id),
    ...Object.fromEntries(ROUTE_TARGETS.map((target) => [target, known(block[target])])),
  }
}

function blockOfRoute(route: Attributes): Attributes {
  return {
    cidr_block: known(route.destination_cidr_block),
    ipv6_cidr_block: known(route.destination_ipv6_cidr_block),
    destination_prefix_list_id: known(route.destination_prefix_list_id),
    ...Object.fromEntries(ROUTE_TARGETS.map((target) => [target, known(route[target])])),
  }
}

const textOf = (route: Attributes) =>
  [...DESTINATIONS, ...ROUTE_TARGETS].map((name) => known(route[name]) ?? '').join(' ')

export interface Routes {
  of(tableId: string): Attributes[]
  /** Makes these blocks the table's only routes. */
  set(tableId: string, value: Value | undefined): void
  /** The blocks of a table: those given, where they still say what the routes are. */
  blocks(tableId: string, written: Value | undefined): Value
  remove(tableId: string): void
}

export function routesOf({ routes }: Ec2State): Routes {
  const of = (tableId: string) => routes.values().filter((route) => route.route_table_id === tableId)
  return {
    of,
    set(tableId, value) {
      const wanted = blocks(value).map((block) => routeDocument(tableId, routeOfBlock(block)))
      const ids = new Set(wanted.map((route) => route.id))
      for (const route of of(tableId)) if (!ids.has(route.id)) routes.delete(String(route.id))
      for (const route of wanted) routes.put(String(route.id), { ...routes.get(String(route.id)), ...route })
    },
    blocks(tableId, written) {
      const now = of(tableId)
      const text = (all: readonly Attributes[]) => all.map(textOf).sort().join('\n')
      return text(now) === text(blocks(written).map(routeOfBlock)) ? (written ?? []) : now.map(blockOfRoute)
    },
    remove(tableId) {
      for (const route of of(tableId)) routes.delete(String(route.id))
    },
  }
}
