/** Services, their task sets and their deployments as the API shows them. */
import type {
  NetworkConfiguration as ApiNetwork,
  Deployment,
  DeploymentAlarms,
  Service,
  TaskSet,
} from '@aws-sdk/client-ecs'
import type {
  AlarmSettings,
  LoadBalancerAttachment,
  NetworkConfiguration,
  ServiceRecord,
  TaskSetRecord,
} from '../model/model.ts'
import { computedDesiredCount } from '../model/model.ts'
import { type EcsState, taskCounts } from '../model/state.ts'

export const networkView = (network: NetworkConfiguration | undefined): ApiNetwork | undefined =>
  network && {
    awsvpcConfiguration: {
      subnets: [...network.subnets],
      securityGroups: [...network.securityGroups],
      assignPublicIp: network.assignPublicIp,
    },
  }

export const alarmsView = ({ alarmNames, ...rest }: AlarmSettings): DeploymentAlarms => ({
  alarmNames: [...alarmNames],
  ...rest,
})

const loadBalancerView = (attachment: LoadBalancerAttachment) => ({ ...attachment })

export function taskSetView(state: EcsState, service: ServiceRecord, taskSet: TaskSetRecord): TaskSet {
  return {
    id: taskSet.id,
    taskSetArn: taskSet.arn,
    serviceArn: service.arn,
    clusterArn: state.arn(`cluster/${service.clusterName}`),
    startedBy: taskSet.startedBy,
    externalId: taskSet.externalId,
    status: taskSet.status,
    taskDefinition: taskSet.taskDefinitionArn,
    computedDesiredCount: computedDesiredCount(service, taskSet),
    ...taskCounts(state, taskSet),
    createdAt: new Date(taskSet.createdAt),
    updatedAt: new Date(taskSet.updatedAt),
    ...placementView(service, taskSet),
    platformVersion: taskSet.platformVersion ?? service.platformVersion,
    platformFamily: 'Linux',
    networkConfiguration: networkView(taskSet.network),
    loadBalancers: taskSet.loadBalancer ? [loadBalancerView(taskSet.loadBalancer)] : [],
    serviceRegistries: [],
    scale: { value: 100, unit: 'PERCENT' },
    stabilityStatus: taskSet.stabilityStatus,
    stabilityStatusAt: new Date(taskSet.stabilityStatusAt),
    tags: [],
  }
}

/** A launch type or a strategy, never both. */
function placementView(
  service: ServiceRecord,
  taskSet: TaskSetRecord,
): Pick<TaskSet, 'launchType' | 'capacityProviderStrategy'> {
  const strategy = taskSet.capacityProviderStrategy ?? service.capacityProviderStrategy
  return strategy.length > 0
    ? { capacityProviderStrategy: strategy.map((item) => ({ ...item })) }
    : { launchType: service.launchType as 'FARGATE' | undefined }
}

function deploymentView(state: EcsState, service: ServiceRecord, taskSet: TaskSetRecord): Deployment {
  return {
    id: taskSet.id,
    status: taskSet.status,
    taskDefinition: taskSet.taskDefinitionArn,
    desiredCount: taskSet.status === 'PRIMARY' ? service.desiredCount : 0,
    ...taskCounts(state, taskSet),
    failedTasks: taskSet.failedTasks,
    createdAt: new Date(taskSet.createdAt),
    updatedAt: new Date(taskSet.updatedAt),
    launchType: service.launchType as 'FARGATE' | undefined,
    platformVersion: service.platformVersion,
    platformFamily: 'Linux',
    networkConfiguration: networkView(taskSet.network),
    rolloutState: taskSet.rolloutState,
    rolloutStateReason: taskSet.rolloutStateReason,
  }
}

export function serviceView(state: EcsState, service: ServiceRecord): Service {
  const sets = state.taskSetsOf(service).sort((a, b) => b.createdAt - a.createdAt)
  const counts = sets.map((taskSet) => taskCounts(state, taskSet))
  const codeDeploy = service.controller === 'CODE_DEPLOY'
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: state.arn(`cluster/${service.clusterName}`),
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: counts.reduce((sum, { runningCount }) => sum + runningCount, 0),
    pendingCount: counts.reduce((sum, { pendingCount }) => sum + pendingCount, 0),
    taskDefinition: service.taskDefinitionArn,
    loadBalancers: service.loadBalancers.map(loadBalancerView),
    serviceRegistries: [],
    launchType: service.launchType as 'FARGATE' | undefined,
    ...(service.capacityProviderStrategy.length > 0
      ? { capacityProviderStrategy: service.capacityProviderStrategy.map((item) => ({ ...item })) }
      : {}),
    platformVersion: service.platformVersion,
    platformFamily: 'Linux',
    deploymentConfiguration: {
      ...(codeDeploy
        ? {}
        : { deploymentCircuitBreaker: service.circuitBreaker, strategy: 'ROLLING' as const }),
      ...(service.alarms ? { alarms: alarmsView(service.alarms) } : {}),
      maximumPercent: service.maximumPercent,
      minimumHealthyPercent: service.minimumHealthyPercent,
    },
    ...(codeDeploy ? { taskSets: sets.map((taskSet) => taskSetView(state, service, taskSet)) } : {}),
    deployments: codeDeploy ? [] : sets.map((taskSet) => deploymentView(state, service, taskSet)),
    events: [...(state.serviceEvents.get(service.arn) ?? [])].map((event) => ({
      ...event,
      createdAt: new Date(event.createdAt),
    })),
    createdAt: new Date(service.createdAt),
    createdBy: service.createdBy,
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: networkView(service.network),
    healthCheckGracePeriodSeconds: service.gracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: service.controller },
    enableECSManagedTags: service.enableEcsManagedTags,
    propagateTags: service.propagateTags as 'NONE',
    enableExecuteCommand: service.enableExecuteCommand,
    tags: [...service.tags],
  }
}
