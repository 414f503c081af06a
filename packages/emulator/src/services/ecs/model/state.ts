/** The collections of ECS, and the lookups by name and by ARN. */
import type { EmulatorContext } from '../../../service.ts'
import type { Collection } from '../../../store.ts'
import { clusterNotFound, serviceNotFound, taskDefinitionNotFound } from './errors.ts'
import {
  type ClusterRecord,
  isPending,
  isRunning,
  type ServiceRecord,
  type TaskDefinitionRecord,
  type TaskRecord,
  type TaskSetRecord,
} from './model.ts'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from './service-deployments.ts'
import { serviceKey } from './service-keys.ts'
import { createTaskStore, type TaskStore } from './task-store.ts'

export interface ServiceEvent {
  readonly id: string
  readonly createdAt: number
  readonly message: string
}

export interface EcsState {
  readonly clusters: Collection<ClusterRecord>
  /** By `family:revision`. */
  readonly taskDefinitions: Collection<TaskDefinitionRecord>
  /** The last revision of each family; numbers are never used again. */
  readonly families: Collection<number>
  /** By `cluster/service`. */
  readonly services: Collection<ServiceRecord>
  /** By id. */
  readonly taskSets: Collection<TaskSetRecord>
  readonly tasks: TaskStore
  /** Newest first, by the service's ARN. */
  readonly serviceEvents: Collection<readonly ServiceEvent[]>
  /** The deployment history of the rolling controller, by ARN. */
  readonly serviceDeployments: Collection<ServiceDeploymentRecord>
  /** By ARN. */
  readonly serviceRevisions: Collection<ServiceRevisionRecord>
  arn(resource: string): string
  /** By name or ARN; the default cluster when absent. Throws ClusterNotFoundException. */
  cluster(nameOrArn: string | undefined): ClusterRecord
  findService(cluster: string, nameOrArn: string): ServiceRecord | undefined
  /** Throws ServiceNotFoundException. */
  service(cluster: string | undefined, nameOrArn: string | undefined): ServiceRecord
  /** By family (its newest ACTIVE revision), `family:revision` or ARN. */
  findTaskDefinition(reference: string): TaskDefinitionRecord | undefined
  /** Throws ClientException. */
  taskDefinition(reference: string | undefined): TaskDefinitionRecord
  taskSetsOf(service: ServiceRecord): TaskSetRecord[]
  /** The service that a task set belongs to. */
  serviceOf(taskSet: TaskSetRecord | undefined): ServiceRecord | undefined
  tasksOf(taskSet: Pick<TaskSetRecord, 'id'>): TaskRecord[]
  /** The deployment history of a service, newest first. */
  deploymentsOf(service: ServiceRecord): ServiceDeploymentRecord[]
  saveService(service: ServiceRecord): void
  saveTaskSet(taskSet: TaskSetRecord): void
}

export function createState(context: EmulatorContext): EcsState {
  const collection = <T>(noun: string) => context.store.collection<T>(`ecs.${noun}`)
  const clusters = collection<ClusterRecord>('clusters')
  const services = collection<ServiceRecord>('services')
  const taskDefinitions = collection<TaskDefinitionRecord>('task-definitions')
  const taskSets = collection<TaskSetRecord>('task-sets')
  const serviceDeployments = collection<ServiceDeploymentRecord>('service-deployments')
  const tasks = createTaskStore(collection<TaskRecord>('tasks'))

  const findService = (cluster: string, nameOrArn: string) =>
    services.get(serviceKey(lastPart(cluster), lastPart(nameOrArn)))

  function findTaskDefinition(reference: string): TaskDefinitionRecord | undefined {
    const name = lastPart(reference)
    if (name.includes(':')) return taskDefinitions.get(name)
    return taskDefinitions
      .values()
      .filter((definition) => definition.family === name && definition.status === 'ACTIVE')
      .reduce<TaskDefinitionRecord | undefined>((a, b) => (a && a.revision > b.revision ? a : b), undefined)
  }

  return {
    clusters,
    services,
    taskDefinitions,
    taskSets,
    tasks,
    serviceDeployments,
    serviceRevisions: collection('service-revisions'),
    families: collection('families'),
    serviceEvents: collection('service-events'),
    arn: (resource) => `arn:aws:ecs:${context.region}:${context.accountId}:${resource}`,
    cluster(nameOrArn) {
      const cluster = clusters.get(lastPart(nameOrArn ?? 'default'))
      if (cluster?.status !== 'ACTIVE') throw clusterNotFound()
      return cluster
    },
    findService,
    service(cluster, nameOrArn) {
      const service =
        nameOrArn === undefined
          ? undefined
          : findService(cluster ?? clusterOfArn(nameOrArn) ?? 'default', nameOrArn)
      if (!service) throw serviceNotFound()
      return service
    },
    findTaskDefinition,
    taskDefinition(reference) {
      const definition = reference === undefined ? undefined : findTaskDefinition(reference)
      if (!definition) throw taskDefinitionNotFound()
      return definition
    },
    taskSetsOf: (service) => taskSets.values().filter((taskSet) => taskSet.serviceArn === service.arn),
    serviceOf: (taskSet) => taskSet && services.get(serviceKey(taskSet.clusterName, taskSet.serviceName)),
    tasksOf: (taskSet) => tasks.ofTaskSet(taskSet.id),
    deploymentsOf: (service) =>
      serviceDeployments
        .values()
        .filter(({ serviceArn }) => serviceArn === service.arn)
        .reverse()
        .sort((a, b) => b.createdAt - a.createdAt),
    saveService: (service) => services.put(serviceKey(service.clusterName, service.name), service),
    saveTaskSet: (taskSet) => taskSets.put(taskSet.id, taskSet),
  }
}

/** `name` of a name or of an ARN such as `arn:aws:ecs:…:service/cluster/name`. */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1)
}

function clusterOfArn(serviceArn: string): string | undefined {
  const parts = serviceArn.split('/')
  return parts.length === 3 ? parts[1] : undefined
}

/** Counts as DescribeTaskSets gives them. */
export function taskCounts(
  state: EcsState,
  taskSet: TaskSetRecord,
): { runningCount: number; pendingCount: number } {
  const members = state.tasksOf(taskSet)
  return { runningCount: members.filter(isRunning).length, pendingCount: members.filter(isPending).length }
}
