/** ECS's API, operation by operation: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { accountSettingOperations } from './account/account-settings.ts'
import { fargateOperations } from './account/fargate-operations.ts'
import { clusterOperations } from './cluster/operations.ts'
import type { EcsState } from './model/state.ts'
import { tagOperations } from './model/tags.ts'
import type { Scheduler } from './scheduler/scheduler.ts'
import type { ServiceControl } from './service/control.ts'
import { serviceDeploymentOperations } from './service/deployment-operations.ts'
import { serviceOperations } from './service/operations.ts'
import { protectionOperations } from './service/protection-operations.ts'
import { type TaskControl, taskOperations } from './task/operations.ts'
import { taskDefinitionOperations } from './task-definition/operations.ts'

export function createOperations(
  context: EmulatorContext,
  state: EcsState,
  control: ServiceControl,
  scheduler: Scheduler,
  tasks: TaskControl,
) {
  return {
    ...clusterOperations(state),
    ...taskDefinitionOperations(context, state),
    ...serviceOperations(state, control),
    ...taskOperations(state, tasks),
    ...tagOperations(state),
    ...serviceDeploymentOperations(state, control),
    ...protectionOperations(context, state, scheduler),
    ...accountSettingOperations(context),
    ...fargateOperations(state),
  } satisfies Operations<typeof sdk>
}
