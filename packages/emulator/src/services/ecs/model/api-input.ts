/** Input members that several operations share, converted to the documents of ECS. */
import type * as sdk from '@aws-sdk/client-ecs'
import {
  invalidParameter,
  notImplemented,
  taskDefinitionBlank,
  taskDefinitionInactive,
  taskDefinitionInactiveToRun,
  taskDefinitionUnknown,
} from './errors.ts'
import type { NetworkConfiguration, TaskDefinitionRecord } from './model.ts'
import type { EcsState } from './state.ts'

export const networkOf = (input: sdk.NetworkConfiguration | undefined): NetworkConfiguration | undefined =>
  input?.awsvpcConfiguration && {
    subnets: input.awsvpcConfiguration.subnets ?? [],
    securityGroups: input.awsvpcConfiguration.securityGroups ?? [],
    assignPublicIp: input.awsvpcConfiguration.assignPublicIp ?? 'DISABLED',
  }

/** The ACTIVE revision that a reference names. Throws AWS's errors. */
export function activeRevision(
  state: EcsState,
  reference: string | undefined,
  purpose: 'to serve' | 'to run' = 'to serve',
): TaskDefinitionRecord {
  if (!reference) throw taskDefinitionBlank()
  const definition = state.findTaskDefinition(reference)
  if (!definition) throw taskDefinitionUnknown()
  if (definition.status !== 'ACTIVE')
    throw purpose === 'to run' ? taskDefinitionInactiveToRun() : taskDefinitionInactive()
  return definition
}

/** Only an explicit launch type FARGATE is checked: every task of the emulator runs as on Fargate. */
export function refuseOffFargate(
  launchType: string | undefined,
  definition: TaskDefinitionRecord['input'],
): void {
  if (launchType === 'FARGATE' && !compatibilitiesOf(definition).includes('FARGATE'))
    throw invalidParameter('Task definition does not support launch_type FARGATE.')
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html#ECS-Type-TaskDefinition-compatibilities */
export function compatibilitiesOf(definition: TaskDefinitionRecord['input']): ('EC2' | 'FARGATE')[] {
  const { networkMode, cpu, memory } = definition
  return networkMode === 'awsvpc' && cpu && memory ? ['EC2', 'FARGATE'] : ['EC2']
}

/** Refuses options of a service that the emulator does not implement and that would change its behaviour. */
export function refuseUnsupported(
  input: Pick<
    sdk.CreateServiceCommandInput,
    'serviceRegistries' | 'serviceConnectConfiguration' | 'volumeConfigurations' | 'vpcLatticeConfigurations'
  > & { readonly schedulingStrategy?: string | undefined },
): void {
  if (input.serviceRegistries?.length) throw notImplemented('service discovery')
  if (input.serviceConnectConfiguration?.enabled) throw notImplemented('Service Connect')
  if (input.volumeConfigurations?.length) throw notImplemented('volumes that are configured at launch')
  if (input.vpcLatticeConfigurations?.length) throw notImplemented('VPC Lattice')
  if (input.schedulingStrategy === 'DAEMON')
    throw invalidParameter('The daemon scheduling strategy is not supported on Fargate.')
}
