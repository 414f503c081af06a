/** EC2's Terraform types; each file has those of one subject. */
import type { ResourceType } from '../../terraform/type/resource-type.ts'
import { endpointTypes } from './endpoints.ts'
import { addressTypes } from './gateways.ts'
import type { Ec2Model } from './model/model.ts'
import { networkTypes } from './network.ts'
import { networkAclTypes } from './network-acls.ts'
import { routeTypes } from './routes.ts'
import { securityGroupTypes } from './security-groups.ts'

export { createDataSourceTypes } from './data-sources.ts'

export const createResourceTypes = (model: Ec2Model): ResourceType[] => [
  ...networkTypes(model),
  ...securityGroupTypes(model),
  ...addressTypes(model),
  ...routeTypes(model),
  ...networkAclTypes(model),
  ...endpointTypes(model),
]
