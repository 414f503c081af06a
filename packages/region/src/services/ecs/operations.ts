/** ECS's API, operation by operation: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../protocol/operations.ts'
import type { RegionContext } from '../../service.ts'
import {
  clusterContainsServices,
  clusterContainsTasks,
  invalidParameter,
  notExternal,
  serviceNotActive,
  serviceNotFound,
  taskDefinitionInactive,
  taskDefinitionUnknown,
} from './errors.ts'
import {
  type ClusterRecord,
  isLive,
  type NetworkConfiguration,
  type ServiceRecord,
  type TaskDefinitionRecord,
} from './model.ts'
import { page } from './paging.ts'
import type { ServiceChange, ServiceControl } from './service-control.ts'
import { type EcsState, lastPart, serviceKey } from './state.ts'
import { tagOperations } from './tags.ts'
import { deregisterTaskDefinition, registerTaskDefinition } from './task-definitions.ts'
import type { Tasks } from './tasks.ts'
import { clusterView, serviceView, taskDefinitionView, taskSetView, taskView } from './views.ts'

export function createOperations(
  context: RegionContext,
  state: EcsState,
  control: ServiceControl,
  tasks: Tasks,
) {
  return {
    ...clusterOperations(state),
    ...taskDefinitionOperations(context, state),
    ...serviceOperations(state, control),
    ...taskOperations(state, tasks),
    ...tagOperations(state),
  } satisfies Operations<typeof sdk>
}

/** What is missing is not an error but a failure beside the rest of the answer. */
const missing = (arn: string) => ({ arn, reason: 'MISSING' })

/** Puts a cluster into the store; what exists already is returned as it is, as CreateCluster does. */
export function createCluster(
  state: EcsState,
  made: { name: string } & Partial<Omit<ClusterRecord, 'name' | 'arn' | 'status'>>,
): ClusterRecord {
  const existing = state.clusters.get(made.name)
  if (existing?.status === 'ACTIVE') return existing
  const cluster: ClusterRecord = {
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    tags: [],
    ...made,
    arn: state.arn(`cluster/${made.name}`),
    status: 'ACTIVE',
  }
  state.clusters.put(cluster.name, cluster)
  return cluster
}

/** Throws while services or tasks are left in it. */
export function deleteCluster(state: EcsState, cluster: ClusterRecord): ClusterRecord {
  const services = state.services.values().filter((service) => service.clusterName === cluster.name)
  if (services.some((service) => service.status !== 'INACTIVE')) throw clusterContainsServices()
  const tasks = state.tasks.values().filter((task) => task.clusterName === cluster.name)
  if (tasks.some((task) => task.lastStatus !== 'STOPPED')) throw clusterContainsTasks()
  const inactive: ClusterRecord = { ...cluster, status: 'INACTIVE' }
  state.clusters.put(cluster.name, inactive)
  return inactive
}

function clusterOperations(state: EcsState) {
  return {
    CreateCluster: (input) => ({
      cluster: clusterView(
        state,
        createCluster(state, {
          name: input.clusterName ?? 'default',
          tags: input.tags ?? [],
          ...(input.settings
            ? {
                settings: input.settings.map(({ name = 'containerInsights', value = '' }) => ({
                  name,
                  value,
                })),
              }
            : {}),
          capacityProviders: input.capacityProviders ?? [],
        }),
      ),
    }),
    DeleteCluster: (input) => ({
      cluster: clusterView(state, deleteCluster(state, state.cluster(input.cluster))),
    }),
    DescribeClusters: (input) => {
      const wanted = input.clusters ?? ['default']
      const found = wanted.map((name) => ({ name, cluster: state.clusters.get(lastPart(name)) }))
      return {
        clusters: found.flatMap(({ cluster }) => (cluster ? [clusterView(state, cluster)] : [])),
        failures: found
          .filter(({ cluster }) => !cluster)
          .map(({ name }) => missing(name.startsWith('arn:') ? name : state.arn(`cluster/${name}`))),
      }
    },
    ListClusters: (input) => {
      const active = state.clusters.values().filter(({ status }) => status === 'ACTIVE')
      const { items, nextToken } = page(
        active.map(({ arn }) => arn),
        input,
      )
      return { clusterArns: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}

function taskDefinitionOperations(context: RegionContext, state: EcsState) {
  const described = (definition: TaskDefinitionRecord) => ({
    taskDefinition: taskDefinitionView(definition),
    tags: definition.input.tags ?? [],
  })
  const byStatus = (status: string | undefined) =>
    state.taskDefinitions.values().filter((definition) => definition.status === (status ?? 'ACTIVE'))
  return {
    RegisterTaskDefinition: (input, call) =>
      described(registerTaskDefinition(context, state, input, call.principal.arn)),
    DescribeTaskDefinition: (input) => {
      const { taskDefinition, tags } = described(state.taskDefinition(input.taskDefinition))
      return { taskDefinition, ...(input.include?.includes('TAGS') ? { tags } : {}) }
    },
    DeregisterTaskDefinition: (input) => {
      if (!/:\d+$/.test(input.taskDefinition ?? ''))
        throw invalidParameter('Invalid revision number. Number: ')
      const definition = state.taskDefinition(input.taskDefinition)
      return { taskDefinition: taskDefinitionView(deregisterTaskDefinition(context, state, definition)) }
    },
    ListTaskDefinitions: (input) => {
      const arns = byStatus(input.status)
        .filter(({ family }) => input.familyPrefix === undefined || family === input.familyPrefix)
        .sort((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
        .map(({ arn }) => arn)
      const { items, nextToken } = page(input.sort === 'DESC' ? arns.reverse() : arns, input)
      return { taskDefinitionArns: items, nextToken }
    },
    ListTaskDefinitionFamilies: (input) => {
      const families = state.families
        .entries()
        .map(([family]) => family)
        .filter((family) => family.startsWith(input.familyPrefix ?? ''))
        .filter((family) => {
          const active = byStatus('ACTIVE').some((definition) => definition.family === family)
          return (input.status ?? 'ALL') === 'ALL' || active === (input.status === 'ACTIVE')
        })
      const { items, nextToken } = page(families.sort(), input)
      return { families: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}

const networkOf = (input: sdk.NetworkConfiguration | undefined): NetworkConfiguration | undefined =>
  input?.awsvpcConfiguration && {
    subnets: input.awsvpcConfiguration.subnets ?? [],
    securityGroups: input.awsvpcConfiguration.securityGroups ?? [],
    assignPublicIp: input.awsvpcConfiguration.assignPublicIp ?? 'DISABLED',
  }

const attachmentsOf = (input: readonly sdk.LoadBalancer[] | undefined): ServiceRecord['loadBalancers'] =>
  (input ?? []).map(({ targetGroupArn = '', containerName = '', containerPort = 0 }) => ({
    targetGroupArn,
    containerName,
    containerPort,
  }))

const strategyOf = (input: readonly sdk.CapacityProviderStrategyItem[] | undefined) =>
  (input ?? []).map(({ capacityProvider = '', weight, base }) => ({ capacityProvider, weight, base }))

function activeRevision(state: EcsState, reference: string | undefined): TaskDefinitionRecord {
  const definition = reference === undefined ? undefined : state.findTaskDefinition(reference)
  if (!definition) throw taskDefinitionUnknown()
  if (definition.status !== 'ACTIVE') throw taskDefinitionInactive()
  return definition
}

function serviceOperations(state: EcsState, control: ServiceControl) {
  return {
    CreateService: (input, call) => {
      const controller = input.deploymentController?.type ?? 'ECS'
      if (controller === 'EXTERNAL')
        throw invalidParameter('The region has no EXTERNAL deployment controller.')
      if ((input.deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING') {
        throw invalidParameter(
          `The region has no deployment strategy ${input.deploymentConfiguration?.strategy}.`,
        )
      }
      const service = control.create(
        {
          name: input.serviceName ?? '',
          clusterName: state.cluster(input.cluster).name,
          controller,
          desiredCount: input.desiredCount ?? 0,
          taskDefinitionArn: activeRevision(state, input.taskDefinition).arn,
          loadBalancers: attachmentsOf(input.loadBalancers),
          network: networkOf(input.networkConfiguration),
          gracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
          minimumHealthyPercent: input.deploymentConfiguration?.minimumHealthyPercent ?? 100,
          maximumPercent: input.deploymentConfiguration?.maximumPercent ?? 200,
          circuitBreaker: breakerOf(input.deploymentConfiguration),
          launchType: input.capacityProviderStrategy ? undefined : (input.launchType ?? 'FARGATE'),
          capacityProviderStrategy: strategyOf(input.capacityProviderStrategy),
          platformVersion: input.platformVersion ?? 'LATEST',
          propagateTags: input.propagateTags ?? 'NONE',
          enableEcsManagedTags: input.enableECSManagedTags ?? false,
          enableExecuteCommand: input.enableExecuteCommand ?? false,
          tags: input.tags ?? [],
        },
        call.principal.arn,
      )
      return { service: serviceView(state, service) }
    },
    UpdateService: (input) => {
      const service = state.service(state.cluster(input.cluster).name, input.service)
      const definition =
        input.taskDefinition === undefined ? undefined : activeRevision(state, input.taskDefinition)
      const configuration = input.deploymentConfiguration
      const network = networkOf(input.networkConfiguration)
      const change: ServiceChange = {
        ...given('desiredCount', input.desiredCount),
        ...given('taskDefinitionArn', definition?.arn),
        ...given('loadBalancers', input.loadBalancers && attachmentsOf(input.loadBalancers)),
        ...given('network', network),
        ...given('gracePeriodSeconds', input.healthCheckGracePeriodSeconds),
        ...given('minimumHealthyPercent', configuration?.minimumHealthyPercent),
        ...given('maximumPercent', configuration?.maximumPercent),
        ...given('circuitBreaker', configuration?.deploymentCircuitBreaker && breakerOf(configuration)),
        ...given('platformVersion', input.platformVersion),
        ...given('propagateTags', input.propagateTags),
        ...given('enableEcsManagedTags', input.enableECSManagedTags),
        ...given('enableExecuteCommand', input.enableExecuteCommand),
        ...given('forceNewDeployment', input.forceNewDeployment),
      }
      return { service: serviceView(state, control.update(service, change)) }
    },
    DeleteService: (input) => {
      const service = state.service(state.cluster(input.cluster).name, input.service)
      return { service: serviceView(state, control.remove(service, input.force ?? false)) }
    },
    DescribeServices: (input) => {
      const cluster = state.cluster(input.cluster)
      const found = (input.services ?? []).map((name) => ({
        name,
        service: state.findService(cluster.name, name),
      }))
      return {
        services: found.flatMap(({ service }) =>
          service ? [withTags(serviceView(state, service), input.include?.includes('TAGS') ?? false)] : [],
        ),
        failures: found
          .filter(({ service }) => !service)
          .map(({ name }) =>
            missing(name.startsWith('arn:') ? name : state.arn(`service/${serviceKey(cluster.name, name)}`)),
          ),
      }
    },
    ListServices: (input) => {
      const cluster = state.cluster(input.cluster)
      const arns = state.services
        .values()
        .filter((service) => service.clusterName === cluster.name && service.status !== 'INACTIVE')
        .map(({ arn }) => arn)
      const { items, nextToken } = page(arns, { maxResults: 10, ...input })
      return { serviceArns: items, nextToken }
    },
    DescribeTaskSets: (input) => {
      const service = state.service(state.cluster(input.cluster).name, input.service)
      if (service.status === 'INACTIVE') throw serviceNotActive()
      const sets = state.taskSetsOf(service)
      const wanted = input.taskSets?.map((id) => ({
        id,
        taskSet: sets.find((set) => set.id === id || set.arn === id),
      }))
      return {
        taskSets: (wanted ? wanted.flatMap(({ taskSet }) => (taskSet ? [taskSet] : [])) : sets).map(
          (taskSet) => taskSetView(state, service, taskSet),
        ),
        failures: (wanted ?? []).filter(({ taskSet }) => !taskSet).map(({ id }) => missing(id)),
      }
    },
    CreateTaskSet: () => {
      throw notExternal()
    },
    UpdateTaskSet: () => {
      throw notExternal()
    },
    UpdateServicePrimaryTaskSet: () => {
      throw notExternal()
    },
    DeleteTaskSet: () => {
      throw notExternal()
    },
  } satisfies Operations<typeof sdk>
}

const breakerOf = (configuration: sdk.DeploymentConfiguration | undefined) => ({
  enable: configuration?.deploymentCircuitBreaker?.enable ?? false,
  rollback: configuration?.deploymentCircuitBreaker?.rollback ?? false,
})

const given = <K extends keyof ServiceChange>(key: K, value: ServiceChange[K] | undefined): ServiceChange =>
  value === undefined ? {} : ({ [key]: value } as ServiceChange)

const withTags = (service: sdk.Service, include: boolean): sdk.Service =>
  include ? service : { ...service, tags: [] }

function taskOperations(state: EcsState, tasks: Tasks) {
  const inCluster = (clusterName: string, idOrArn: string) => {
    const task = state.tasks.get(lastPart(idOrArn))
    return task?.clusterName === clusterName ? task : undefined
  }
  return {
    RunTask: (input) => {
      const cluster = state.cluster(input.cluster)
      const definition = activeRevision(state, input.taskDefinition)
      const names = definition.input.containerDefinitions.map(({ name }) => name)
      for (const { name } of input.overrides?.containerOverrides ?? []) {
        if (!names.includes(name))
          throw invalidParameter(
            `Override for container named ${name} is not a container in the TaskDefinition.`,
          )
      }
      const count = input.count ?? 1
      if (count < 1 || count > 10) throw invalidParameter('Count must be between 1 and 10.')
      if (definition.input.networkMode === 'awsvpc' && !input.networkConfiguration) {
        throw invalidParameter(
          "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
      }
      const launched = Array.from({ length: count }, () =>
        tasks.launch({
          definition,
          clusterName: cluster.name,
          group: input.group ?? `family:${definition.family}`,
          ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
          launchType: input.launchType ?? 'FARGATE',
          overrides: {
            containerOverrides: input.overrides?.containerOverrides ?? [],
            taskRoleArn: input.overrides?.taskRoleArn,
          },
          network: networkOf(input.networkConfiguration),
          tags: [
            ...(input.propagateTags === 'TASK_DEFINITION' ? (definition.input.tags ?? []) : []),
            ...(input.tags ?? []),
          ],
        }),
      )
      return { tasks: launched.map((task) => taskView(state, task)), failures: [] }
    },
    StopTask: (input) => {
      const cluster = state.cluster(input.cluster)
      const task = inCluster(cluster.name, input.task ?? '')
      if (!task) throw invalidParameter('The referenced task was not found.')
      tasks.stop(task.id, {
        stopCode: 'UserInitiated',
        stoppedReason: input.reason ?? 'Task stopped by user',
        drainFirst: false,
      })
      return { task: taskView(state, inCluster(cluster.name, task.id) ?? task) }
    },
    DescribeTasks: (input) => {
      const cluster = state.cluster(input.cluster)
      if (!input.tasks?.length) throw invalidParameter('Tasks cannot be empty.')
      const found = input.tasks.map((name) => ({ name, task: inCluster(cluster.name, name) }))
      return {
        tasks: found.flatMap(({ task }) => (task ? [taskView(state, task)] : [])),
        failures: found
          .filter(({ task }) => !task)
          .map(({ name }) =>
            missing(name.startsWith('arn:') ? name : state.arn(`task/${cluster.name}/${name}`)),
          ),
      }
    },
    ListTasks: (input) => {
      const cluster = state.cluster(input.cluster)
      if (input.serviceName !== undefined && !state.findService(cluster.name, input.serviceName))
        throw serviceNotFound()
      const desired = input.desiredStatus ?? 'RUNNING'
      const arns = state.tasks
        .values()
        .filter((task) => task.clusterName === cluster.name)
        .filter((task) => (desired === 'STOPPED' ? !isLive(task) : isLive(task)))
        .filter((task) => input.serviceName === undefined || task.serviceName === lastPart(input.serviceName))
        .filter((task) => input.startedBy === undefined || task.startedBy === input.startedBy)
        .filter(
          (task) =>
            input.family === undefined || lastPart(task.taskDefinitionArn).split(':')[0] === input.family,
        )
        .map(({ arn }) => arn)
      const { items, nextToken } = page(arns, input)
      return { taskArns: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}
