/** EC2's API: the calls with which Terraform and command lines build, read, change, tag and delete a network. */
import type * as sdk from '@aws-sdk/client-ec2'
import type { Operations } from '../../protocol/operations.ts'
import type { ResourceType } from '../../terraform/type/resource-type.ts'
import { createEndpointOperations } from './api/endpoints.ts'
import { createFlowLogOperations } from './api/flow-logs.ts'
import { createGatewayOperations } from './api/gateways.ts'
import { createNetworkAclOperations } from './api/network-acls.ts'
import { createRouteOperations } from './api/routes.ts'
import { createSecurityGroupOperations } from './api/security-groups.ts'
import { createSubnetOperations } from './api/subnets.ts'
import { createTagOperations } from './api/tags.ts'
import { createVpcOperations } from './api/vpcs.ts'
import type { Ec2Model } from './model/model.ts'

export function createOperations(model: Ec2Model, types: readonly ResourceType[]) {
  return {
    ...createVpcOperations(model, types),
    ...createSubnetOperations(model, types),
    ...createGatewayOperations(model, types),
    ...createRouteOperations(model, types),
    ...createNetworkAclOperations(model, types),
    ...createSecurityGroupOperations(model, types),
    ...createEndpointOperations(model, types),
    ...createFlowLogOperations(model, types),
    ...createTagOperations(model),
  } satisfies Operations<typeof sdk>
}
