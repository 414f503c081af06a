/** Route tables, routes and associations. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
import {
  type AttributeSpecs,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'
import { destinationOf, ROUTE_TARGETS, routeDocument } from './model/routes.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const target: AttributeSpecs = Object.fromEntries(ROUTE_TARGETS.map((name) => [name, implemented()]))

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

export function routeTypes(model: Ec2Model): ResourceType[] {
  const { state, routes } = model
  return [
    ec2Record(model, {
      type: 'aws_route_table',
      documents: state.routeTables,
      prefix: 'rtb-',
      arnType: 'route-table',
      attributes: routeTable,
      compute: (planned) => ({
        route: planned.route ?? [],
        propagating_vgws: planned.propagating_vgws ?? [],
      }),
      beside(id, table) {
        if (table === undefined) routes.remove(id)
        else routes.set(id, table.route)
      },
      now: ({ id, route }) => ({ route: routes.blocks(String(id), route) }),
    }),
    routeType(model),
    ec2Record(model, {
      type: 'aws_route_table_association',
      documents: state.routeTableAssociations,
      prefix: 'rtbassoc-',
      attributes: association,
    }),
  ]
}

function routeType({ state: { routes } }: Ec2Model): ResourceType {
  return {
    ...recordType({
      type: 'aws_route',
      attributes: route,
      compute(planned) {
        const computed = routeDocument(String(planned.route_table_id), planned)
        if (routes.has(String(computed.id))) {
          throw new Error(
            `RouteAlreadyExists: The route identified by ${destinationOf(planned)} already exists. Remove one of the two.`,
          )
        }
        return computed
      },
      keep(id, attributes) {
        if (attributes === undefined) routes.delete(id)
        else routes.put(id, attributes)
      },
    }),
    read(prior) {
      const document = routes.get(String(prior.id))
      return document && { ...prior, ...document }
    },
  }
}
