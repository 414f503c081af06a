/**
 * What comes and goes with a VPC: its main route table, its network ACL, its security group.
 * https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
 */
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model.ts'
import { ruleOf } from './security-rules.ts'

/** Adds them to a VPC whose document names their ids. */
export function createDefaults({ emulator, state, rules, entries }: Ec2Model, vpc: Attributes): void {
  const { accountId, region, ids } = emulator
  const own = { vpc_id: vpc.id ?? null, owner_id: accountId, tags: {}, tags_all: {} }
  const arn = (resource: string) => `arn:aws:ec2:${region}:${accountId}:${resource}`

  const table = String(vpc.default_route_table_id)
  state.routeTables.put(table, { ...own, id: table, arn: arn(`route-table/${table}`), propagating_vgws: [] })
  const association = ids.hex('rtbassoc-', 17)
  state.routeTableAssociations.put(association, {
    id: association,
    main: true,
    vpc_id: vpc.id ?? null,
    route_table_id: table,
  })

  const acl = String(vpc.default_network_acl_id)
  state.networkAcls.put(acl, { ...own, id: acl, arn: arn(`network-acl/${acl}`), default: true })
  const open = [{ rule_no: 100, protocol: '-1', action: 'allow', cidr_block: '0.0.0.0/0' }]
  entries.set(acl, 'ingress', open)
  entries.set(acl, 'egress', open)

  const group = String(vpc.default_security_group_id)
  state.securityGroups.put(group, {
    ...own,
    id: group,
    arn: arn(`security-group/${group}`),
    name: 'default',
    name_prefix: '',
    description: 'default VPC security group',
  })
  rules.add(group, 'ingress', ruleOf({ protocol: '-1', referenced_security_group_id: group }))
  rules.add(group, 'egress', ruleOf({ protocol: '-1', cidr_ipv4: '0.0.0.0/0' }))
}

/** Removes them, whatever has become of them. */
export function deleteDefaults({ state, rules, routes, entries }: Ec2Model, vpc: Attributes): void {
  for (const one of state.routeTableAssociations.values())
    if (one.main === true && one.vpc_id === vpc.id) state.routeTableAssociations.delete(String(one.id))
  const table = String(vpc.default_route_table_id)
  routes.remove(table)
  state.routeTables.delete(table)
  const acl = String(vpc.default_network_acl_id)
  entries.remove(acl)
  state.networkAcls.delete(acl)
  const group = String(vpc.default_security_group_id)
  rules.remove(group)
  state.securityGroups.delete(group)
}
