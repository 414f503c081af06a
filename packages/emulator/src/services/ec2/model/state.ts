/**
 * What the network consists of: documents in the shape of their Terraform types, by id. Terraform and the API are two
 * doors to the same documents. Rules, routes and entries have documents of their own, whether they were written inside of
 * their group, table or list, or apart.
 */
import type { Collection, Store } from '../../../store.ts'
import type { Attributes } from '../../../terraform/type/resource-type.ts'

export type Direction = 'ingress' | 'egress'

export interface Ec2State {
  readonly vpcs: Collection<Attributes>
  readonly subnets: Collection<Attributes>
  readonly internetGateways: Collection<Attributes>
  readonly addresses: Collection<Attributes>
  readonly natGateways: Collection<Attributes>
  readonly routeTables: Collection<Attributes>
  /** In the shape of aws_route. */
  readonly routes: Collection<Attributes>
  /** That of a VPC's main table has `main` and `vpc_id`. */
  readonly routeTableAssociations: Collection<Attributes>
  /** A VPC's own has `default`. */
  readonly networkAcls: Collection<Attributes>
  /** In the shape of aws_network_acl_rule. */
  readonly networkAclRules: Collection<Attributes>
  /** Which list a subnet has, where it is not the VPC's own; by the subnet's id. */
  readonly networkAclAssociations: Collection<Attributes>
  readonly flowLogs: Collection<Attributes>
  readonly securityGroups: Collection<Attributes>
  /** In the shape of aws_vpc_security_group_ingress_rule. */
  readonly rules: Readonly<Record<Direction, Collection<Attributes>>>
  readonly endpoints: Collection<Attributes>
}

export function createState(store: Store): Ec2State {
  const collection = (name: string): Collection<Attributes> => store.collection(`ec2.${name}`)
  return {
    vpcs: collection('vpcs'),
    subnets: collection('subnets'),
    internetGateways: collection('internet-gateways'),
    addresses: collection('addresses'),
    natGateways: collection('nat-gateways'),
    routeTables: collection('route-tables'),
    routes: collection('routes'),
    routeTableAssociations: collection('route-table-associations'),
    networkAcls: collection('network-acls'),
    networkAclRules: collection('network-acl-rules'),
    networkAclAssociations: collection('network-acl-associations'),
    flowLogs: collection('flow-logs'),
    securityGroups: collection('security-groups'),
    rules: {
      ingress: collection('security-group-ingress-rules'),
      egress: collection('security-group-egress-rules'),
    },
    endpoints: collection('vpc-endpoints'),
  }
}
