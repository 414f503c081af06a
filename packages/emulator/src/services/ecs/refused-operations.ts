/** The operations of ECS that the emulator does not have, with the reason that a caller gets. */
import type * as sdk from '@aws-sdk/client-ecs'
import { because, type Refused } from '../../protocol/operations.ts'

export const refusedOperations = {
  ...because(
    'Its tasks run on Fargate only: there are no container instances.',
    'DeleteAttributes',
    'DeregisterContainerInstance',
    'PutAttributes',
    'RegisterContainerInstance',
    'StartTask',
    'UpdateContainerAgent',
    'UpdateContainerInstancesState',
  ),
  ...because(
    'Its capacity providers are FARGATE and FARGATE_SPOT; there are no others.',
    'CreateCapacityProvider',
    'DeleteCapacityProvider',
    'UpdateCapacityProvider',
  ),
  ...because(
    'It is a call of the container agent, which the emulator does not use: Fargate runs its own.',
    'DiscoverPollEndpoint',
    'SubmitAttachmentStateChanges',
    'SubmitContainerStateChange',
    'SubmitTaskStateChange',
  ),
  ...because(
    'Tasks are processes of this machine: inspect one by its pid, its logs or its address.',
    'ExecuteCommand',
  ),
  ...because(
    'The emulator deploys services by rolling update and by CodeDeploy; neither pauses at a life-cycle stage of ECS.',
    'ContinueServiceDeployment',
  ),
  ...because(
    'Daemons belong to managed instances; the emulator has Fargate only.',
    'CreateDaemon',
    'DeleteDaemon',
    'DeleteDaemonTaskDefinition',
    'RegisterDaemonTaskDefinition',
    'UpdateDaemon',
  ),
  ...because(
    'The emulator has no Express Mode: create the service and its load balancer yourself.',
    'CreateExpressGatewayService',
    'DeleteExpressGatewayService',
    'UpdateExpressGatewayService',
  ),
  ...because(
    'The emulator has no gateways of ECS: create the load balancer and its rules yourself.',
    'AssociateGatewayWithCluster',
    'CreateGateway',
    'DeleteGateway',
    'DisassociateGatewayFromCluster',
    'UpdateGateway',
  ),
} satisfies Refused<typeof sdk>
