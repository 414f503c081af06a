/** VPCs, subnets and internet gateways. https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html */
import {
  type ApplyContext,
  type AttributeSpecs,
  computed,
  ignored,
  implemented,
  type ResourceType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'
import { createDefaults, deleteDefaults } from './model/vpc-defaults.ts'
import { zoneId, zonesOf } from './model/zones.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const NO_IPV6 = 'the emulator’s network is IPv4'

const vpc: AttributeSpecs = {
  cidr_block: implemented({ forceNew: true }),
  enable_dns_hostnames: ignored('names of the emulator resolve everywhere', { default: false }),
  enable_dns_support: ignored('names of the emulator resolve everywhere', { default: true }),
  enable_network_address_usage_metrics: ignored('no such metric is kept', { default: false }),
  instance_tenancy: ignored('there is no hardware', {
    default: 'default',
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html: only this way round.
    forceNew: (before, after) => before !== 'dedicated' || after !== 'default',
  }),
  assign_generated_ipv6_cidr_block: ignored(NO_IPV6),
  ipv6_cidr_block: ignored(NO_IPV6),
  ipv6_association_id: computed(),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
  default_network_acl_id: computed(),
  default_route_table_id: computed(),
  default_security_group_id: computed(),
  dhcp_options_id: computed(),
  main_route_table_id: computed(),
}

const subnet: AttributeSpecs = {
  vpc_id: implemented({ forceNew: true }),
  cidr_block: implemented({ forceNew: true }),
  availability_zone: implemented({ forceNew: true, computed: true }),
  availability_zone_id: implemented({ forceNew: true, computed: true }),
  map_public_ip_on_launch: ignored(NO_PACKETS, { default: false }),
  assign_ipv6_address_on_creation: ignored(NO_IPV6, { default: false }),
  ipv6_cidr_block: ignored(NO_IPV6),
  ipv6_native: ignored(NO_IPV6, { default: false, forceNew: true }),
  ipv6_cidr_block_association_id: computed(),
  enable_dns64: ignored(NO_IPV6, { default: false }),
  enable_resource_name_dns_a_record_on_launch: ignored('there are no instances', { default: false }),
  enable_resource_name_dns_aaaa_record_on_launch: ignored('there are no instances', { default: false }),
  private_dns_hostname_type_on_launch: ignored('there are no instances', { computed: true }),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
}

const internetGateway: AttributeSpecs = {
  vpc_id: implemented({ computed: true }),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
}

/** The zone of that id; without one the first, where AWS chooses. */
function zoneById(id: Value | undefined, { region }: ApplyContext): string {
  if (id === undefined || id === null) return `${region}a`
  const found = zonesOf(region).find((zone) => zone.id === id)
  if (found === undefined)
    throw new Error(
      `InvalidParameterValue: Value (${id}) for parameter availabilityZoneId is invalid. ` +
        `Zones of this region: ${zonesOf(region)
          .map((zone) => zone.id)
          .join(', ')}.`,
    )
  return found.name
}

export function networkTypes(model: Ec2Model): ResourceType[] {
  const { state } = model
  const { ids } = model.emulator
  return [
    ec2Record(model, {
      type: 'aws_vpc',
      documents: state.vpcs,
      prefix: 'vpc-',
      arnType: 'vpc',
      attributes: vpc,
      compute() {
        const routeTable = ids.hex('rtb-', 17)
        return {
          default_network_acl_id: ids.hex('acl-', 17),
          default_security_group_id: ids.hex('sg-', 17),
          default_route_table_id: routeTable,
          main_route_table_id: routeTable,
          dhcp_options_id: ids.hex('dopt-', 17),
          ipv6_association_id: '',
        }
      },
      beside(id, vpc) {
        if (vpc === undefined) deleteDefaults(model, state.vpcs.get(id) ?? {})
        else if (!state.routeTables.has(String(vpc.default_route_table_id))) createDefaults(model, vpc)
      },
    }),
    ec2Record(model, {
      type: 'aws_subnet',
      documents: state.subnets,
      prefix: 'subnet-',
      arnType: 'subnet',
      attributes: subnet,
      compute(planned, _id, context) {
        const zone = String(planned.availability_zone ?? zoneById(planned.availability_zone_id, context))
        return {
          availability_zone: zone,
          availability_zone_id: planned.availability_zone_id ?? zoneId(zone),
          ipv6_cidr_block_association_id: '',
          private_dns_hostname_type_on_launch: planned.private_dns_hostname_type_on_launch ?? 'ip-name',
        }
      },
    }),
    ec2Record(model, {
      type: 'aws_internet_gateway',
      documents: state.internetGateways,
      prefix: 'igw-',
      arnType: 'internet-gateway',
      attributes: internetGateway,
      compute: (planned) => ({ vpc_id: planned.vpc_id ?? '' }),
    }),
  ]
}
