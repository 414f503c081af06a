/** What ECS checks before it creates or updates a service. */
import { emptyList, invalidParameter, refusedUnderCodeDeploy } from '../model/errors.ts'
import type { ServiceRecord, TaskDefinitionRecord } from '../model/model.ts'
import { differs } from '../model/service-fields.ts'
import type { EcsState } from '../model/state.ts'
import type { ServiceChange } from './change.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
export function refuseUnderCodeDeploy(
  current: ServiceRecord,
  change: ServiceChange,
  force: boolean | undefined,
): void {
  if (change.taskDefinitionArn !== undefined && change.taskDefinitionArn !== current.taskDefinitionArn) {
    throw refusedUnderCodeDeploy('task definition')
  }
  if (change.loadBalancers !== undefined && differs(current, { ...current, ...change }, ['loadBalancers'])) {
    throw refusedUnderCodeDeploy('load balancers')
  }
  if (change.network !== undefined && differs(current, { ...current, ...change }, ['network'])) {
    throw refusedUnderCodeDeploy('network parameters')
  }
  if (change.platformVersion !== undefined && change.platformVersion !== current.platformVersion) {
    throw refusedUnderCodeDeploy('platform version')
  }
  if (force)
    throw invalidParameter(
      'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    )
}

export function checkAttachments(
  state: EcsState,
  service: Pick<ServiceRecord, 'loadBalancers' | 'taskDefinitionArn'>,
): void {
  const definition = state.taskDefinition(service.taskDefinitionArn)
  if (service.loadBalancers.length > 1)
    throw invalidParameter('The emulator registers a task in one target group; the service names several.')
  for (const { containerName, containerPort } of service.loadBalancers) {
    const container = definition.input.containerDefinitions.find(({ name }) => name === containerName)
    if (!container)
      throw invalidParameter(`The container ${containerName} does not exist in the task definition.`)
    if (!hasPort(definition, containerName, containerPort)) {
      throw invalidParameter(
        `The container ${containerName} did not have a container port ${containerPort} defined.`,
      )
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html */
export function checkAlarms({ alarms, controller }: Pick<ServiceRecord, 'alarms' | 'controller'>): void {
  if (!alarms?.enable) return
  if (controller !== 'ECS') {
    throw invalidParameter(
      'Deployment alarms are only supported on services with the ECS deployment controller.',
    )
  }
  if (alarms.alarmNames.length === 0) throw emptyList('Alarm names')
}

export function hasPort(
  definition: TaskDefinitionRecord | undefined,
  containerName: string,
  containerPort: number,
): boolean {
  const container = definition?.input.containerDefinitions.find(({ name }) => name === containerName)
  return (
    definition?.status === 'ACTIVE' &&
    (container?.portMappings ?? []).some((mapping) => mapping.containerPort === containerPort)
  )
}
