/**
 * Amazon VPC, as far as Terraform describes a network with it: records with identity, to which other resources refer.
 *
 * Gaps: no packet passes through it. Security groups, routes, network ACLs and gateways are kept in the store
 * (`ec2.…` collections), so that it can later be decided which connections exist. By design: no instances, no
 * wire API: a release does not call EC2. Quirk: a resource that is in use can be deleted.
 */
import type { EmulatorContext } from '../../service.ts'
import type { Ec2 } from './contract.ts'
import { createDataSourceTypes } from './data-sources.ts'
import { endpointTypes } from './endpoints.ts'
import { addressTypes } from './gateways.ts'
import { networkTypes } from './network.ts'
import { networkAclTypes } from './network-acls.ts'
import { routeTypes } from './routes.ts'
import { securityGroupTypes } from './security-groups.ts'

export function createEc2(context: EmulatorContext): Ec2 {
  const subnets = context.store.collection<{ availability_zone?: string }>('ec2.subnets')
  return {
    name: 'ec2',
    resourceTypes: [
      ...networkTypes(context),
      ...securityGroupTypes(context),
      ...addressTypes(context),
      ...routeTypes(context),
      ...networkAclTypes(context),
      ...endpointTypes(context),
    ],
    dataSourceTypes: createDataSourceTypes(context),
    zoneOf: (subnetId) => subnets.get(subnetId)?.availability_zone,
  }
}
