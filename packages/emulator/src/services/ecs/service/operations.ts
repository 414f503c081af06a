/** The API's operations on services and their task sets. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import { activeRevision, networkOf, refuseOffFargate, refuseUnsupported } from '../model/api-input.ts'
import { emptyList, invalidParameter, notExternal, serviceNotActive, tooMany } from '../model/errors.ts'
import type { CircuitBreaker, ServiceRecord } from '../model/model.ts'
import { missing, page } from '../model/paging.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { ServiceChange } from './change.ts'
import type { ServiceControl } from './control.ts'
import { serviceView, taskSetView } from './views.ts'

export function serviceOperations(state: EcsState, control: ServiceControl) {
  return {
    CreateService: (input, call) => {
      const controller = input.deploymentController?.type ?? 'ECS'
      if (controller === 'EXTERNAL')
        throw invalidParameter('The emulator has no EXTERNAL deployment controller.')
      if ((input.deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING') {
        throw invalidParameter(
          `The emulator has no deployment strategy ${input.deploymentConfiguration?.strategy}.`,
        )
      }
      refuseUnsupported(input)
      const cluster = state.cluster(input.cluster)
      const definition = activeRevision(state, input.taskDefinition)
      refuseOffFargate(input.launchType, definition.input)
      const service = control.create(
        {
          name: input.serviceName ?? '',
          clusterName: cluster.name,
          controller,
          desiredCount: input.desiredCount ?? 0,
          taskDefinitionArn: definition.arn,
          loadBalancers: attachmentsOf(input.loadBalancers),
          network: networkOf(input.networkConfiguration),
          gracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
          minimumHealthyPercent: input.deploymentConfiguration?.minimumHealthyPercent ?? 100,
          maximumPercent: input.deploymentConfiguration?.maximumPercent ?? 200,
          circuitBreaker: breakerOf(input.deploymentConfiguration),
          ...alarmsOf(input.deploymentConfiguration),
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
      refuseUnsupported(input)
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
        ...alarmsOf(configuration),
        ...given('circuitBreaker', configuration?.deploymentCircuitBreaker && breakerOf(configuration)),
        ...given(
          'capacityProviderStrategy',
          input.capacityProviderStrategy && strategyOf(input.capacityProviderStrategy),
        ),
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
      if (!input.services?.length) throw emptyList('Services')
      if (input.services.length > 10) throw tooMany('service names', 10)
      const results = input.services.map((name) => ({
        name,
        service: state.findService(cluster.name, name),
      }))
      return {
        services: results.flatMap(({ service }) =>
          service ? [withTags(serviceView(state, service), input.include?.includes('TAGS') ?? false)] : [],
        ),
        failures: results
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
        .filter(({ launchType }) => input.launchType === undefined || launchType === input.launchType)
        // Every service of the emulator has the REPLICA strategy.
        .filter(() => input.schedulingStrategy !== 'DAEMON')
        .map(({ arn }) => arn)
      const { items, nextToken } = page(arns, input, { byDefault: 10 })
      return { serviceArns: items, nextToken }
    },
    DescribeTaskSets: (input) => {
      const service = state.service(state.cluster(input.cluster).name, input.service)
      if (service.status === 'INACTIVE') throw serviceNotActive()
      const sets = state.taskSetsOf(service)
      const requested = input.taskSets?.map((id) => ({
        id,
        taskSet: sets.find((set) => set.id === id || set.arn === id),
      }))
      return {
        taskSets: (requested ? requested.flatMap(({ taskSet }) => (taskSet ? [taskSet] : [])) : sets).map(
          (taskSet) => taskSetView(state, service, taskSet),
        ),
        failures: (requested ?? []).filter(({ taskSet }) => !taskSet).map(({ id }) => missing(id)),
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

const attachmentsOf = (input: readonly sdk.LoadBalancer[] | undefined): ServiceRecord['loadBalancers'] =>
  (input ?? []).map(({ targetGroupArn = '', containerName = '', containerPort = 0 }) => ({
    targetGroupArn,
    containerName,
    containerPort,
  }))

const strategyOf = (input: readonly sdk.CapacityProviderStrategyItem[] | undefined) =>
  (input ?? []).map(({ capacityProvider = '', weight, base }) => ({ capacityProvider, weight, base }))

const breakerOf = (configuration: sdk.DeploymentConfiguration | undefined): CircuitBreaker => {
  const {
    enable = false,
    rollback = false,
    resetOnHealthyTask,
    thresholdConfiguration: { type, value } = {},
  } = configuration?.deploymentCircuitBreaker ?? {}
  return {
    enable,
    rollback,
    ...(resetOnHealthyTask === undefined ? {} : { resetOnHealthyTask }),
    ...(type === undefined || value === undefined ? {} : { thresholdConfiguration: { type, value } }),
  }
}

function alarmsOf(configuration: sdk.DeploymentConfiguration | undefined): Pick<ServiceRecord, 'alarms'> {
  if (!configuration?.alarms) return {}
  const { alarmNames = [], enable = false, rollback = false } = configuration.alarms
  return { alarms: { alarmNames, enable, rollback } }
}

const given = <K extends keyof ServiceChange>(key: K, value: ServiceChange[K] | undefined): ServiceChange =>
  value === undefined ? {} : ({ [key]: value } as ServiceChange)

const withTags = (service: sdk.Service, include: boolean): sdk.Service =>
  include ? service : { ...service, tags: [] }
