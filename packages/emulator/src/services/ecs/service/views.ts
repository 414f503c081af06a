/** ECS's documents as its API shows them. */
import type {
  NetworkConfiguration as ApiNetwork,
  Cluster,
  ClusterField,
  Deployment,
  DeploymentAlarms,
  Service,
  TaskDefinition,
  TaskSet,
} from '@aws-sdk/client-ecs'
import { compatibilitiesOf } from '../model/api-input.ts'
import type {
  AlarmSettings,
  ClusterRecord,
  LoadBalancerAttachment,
  NetworkConfiguration,
  ServiceRecord,
  TaskDefinitionRecord,
  TaskSetRecord,
} from '../model/model.ts'
import { computedDesiredCount, isPending, isRunning } from '../model/model.ts'
import { type EcsState, taskCounts } from '../model/state.ts'

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

/** What a caller has not asked for by `include` is left empty. */
export function clusterView(
  state: EcsState,
  cluster: ClusterRecord,
  include: readonly ClusterField[] = [],
): Cluster {
  const tasks = state.tasks.values().filter((task) => task.clusterName === cluster.name)
  const services = state.services.values().filter((service) => service.clusterName === cluster.name)
  const counts = {
    running: tasks.filter(isRunning).length,
    pending: tasks.filter(isPending).length,
    active: services.filter(({ status }) => status === 'ACTIVE').length,
    draining: services.filter(({ status }) => status === 'DRAINING').length,
  }
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: counts.active,
    statistics: include.includes('STATISTICS') ? statistics(counts) : [],
    tags: include.includes('TAGS') ? [...cluster.tags] : [],
    settings: include.includes('SETTINGS')
      ? cluster.settings.map(({ name, value }) => ({ name: name as 'containerInsights', value }))
      : [],
    ...(include.includes('CONFIGURATIONS') && cluster.configuration
      ? { configuration: cluster.configuration }
      : {}),
    ...(include.includes('ATTACHMENTS') ? { attachments: [] } : {}),
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy.map((item) => ({ ...item })),
  }
}

/** By launch type: everything here counts as Fargate's. */
function statistics(counts: Readonly<Record<'running' | 'pending' | 'active' | 'draining', number>>) {
  const all = {
    runningEC2TasksCount: 0,
    runningFargateTasksCount: counts.running,
    pendingEC2TasksCount: 0,
    pendingFargateTasksCount: counts.pending,
    runningExternalTasksCount: 0,
    pendingExternalTasksCount: 0,
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: counts.active,
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: counts.draining,
    activeExternalServiceCount: 0,
    drainingExternalServiceCount: 0,
  }
  return Object.entries(all).map(([name, value]) => ({ name, value: String(value) }))
}

export function taskDefinitionView(definition: TaskDefinitionRecord): TaskDefinition {
  const { tags: _tags, family, ...input } = definition.input
  return {
    ...input,
    family,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: compatibilitiesOf(definition.input),
    registeredAt: new Date(definition.registeredAt),
    deregisteredAt: date(definition.deregisteredAt),
    deleteRequestedAt: date(definition.deleteRequestedAt),
    registeredBy: definition.registeredBy,
  }
}

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
