/** EC2's Terraform types; each file has those of one subject. */
import type { EmulatorContext } from '../../service.ts'
import type { ResourceType } from '../../terraform/type/resource-type.ts'
import { endpointTypes } from './endpoints.ts'
import { addressTypes } from './gateways.ts'
import { networkTypes } from './network.ts'
import { networkAclTypes } from './network-acls.ts'
import { routeTypes } from './routes.ts'
import { securityGroupTypes } from './security-groups.ts'

export { createDataSourceTypes } from './data-sources.ts'

export const createResourceTypes = (context: EmulatorContext): ResourceType[] => [
  ...networkTypes(context),
  ...securityGroupTypes(context),
  ...addressTypes(context),
  ...routeTypes(context),
  ...networkAclTypes(context),
  ...endpointTypes(context),
]
