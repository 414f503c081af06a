/**
 * What callers do to services: create, change, delete; and what CodeDeploy does to the task sets of those under
 * its controller. Terraform, the API and CodeDeploy all come through here.
 */
import type { RegionContext } from '../../service.ts'
import type { Containers, TaskSetView } from './contract.ts'
import {
  invalidParameter,
  scaledAboveZero,
  serviceExists,
  serviceNotActive,
  taskDefinitionInactive,
} from './errors.ts'
import {
  computedDesiredCount,
  type LoadBalancerAttachment,
  type ServiceRecord,
  type TaskSetRecord,
} from './model.ts'
import type { Scheduler } from './scheduler.ts'
import { checkAttachments, differs, hasPort, refuseUnderCodeDeploy } from './service-checks.ts'
import { type EcsState, serviceKey, taskCounts } from './state.ts'
import { type NewTaskSet, taskSetRecord } from './task-set-records.ts'

export type NewService = Omit<ServiceRecord, 'arn' | 'status' | 'createdAt' | 'createdBy'>

/** What UpdateService may change; what is absent stays. */
export type ServiceChange = Partial<
  Pick<
    ServiceRecord,
    | 'desiredCount'
    | 'taskDefinitionArn'
    | 'loadBalancers'
    | 'network'
    | 'gracePeriodSeconds'
    | 'minimumHealthyPercent'
    | 'maximumPercent'
    | 'circuitBreaker'
    | 'platformVersion'
    | 'propagateTags'
    | 'enableEcsManagedTags'
    | 'enableExecuteCommand'
    | 'capacityProviderStrategy'
    | 'tags'
  >
> & { readonly forceNewDeployment?: boolean }

type TaskSets = Pick<
  Containers,
  | 'describeService'
  | 'hasContainerPort'
  | 'taskDefinitionExists'
  | 'createTaskSet'
  | 'taskSet'
  | 'taskSetSteady'
  | 'setPrimaryTaskSet'
  | 'deleteTaskSet'
>

export interface ServiceControl extends TaskSets {
  create(service: NewService, createdBy: string): ServiceRecord
  update(service: ServiceRecord, change: ServiceChange): ServiceRecord
  /** Begins to drain; `force` also when it is scaled above 0. */
  remove(service: ServiceRecord, force: boolean): ServiceRecord
  /** Resolves when a removed service is INACTIVE. */
  removed(service: ServiceRecord): Promise<void>
  /** Resolves when every task set of the service is steady and no other deployment is left. */
  stable(service: ServiceRecord, signal: AbortSignal): Promise<void>
  /** The circuit breaker's roll-back: the last revision whose deployment completed becomes primary again. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export function createServiceControl(
  context: RegionContext,
  state: EcsState,
  scheduler: () => Scheduler,
): ServiceControl {
  const keep = (service: ServiceRecord) => {
    state.services.put(serviceKey(service.clusterName, service.name), service)
    return service
  }

  function newTaskSet(service: ServiceRecord, made: NewTaskSet): TaskSetRecord {
    const taskSet = taskSetRecord(context, state, service, made)
    state.taskSets.put(taskSet.id, taskSet)
    return taskSet
  }

  /** A new deployment under the rolling controller: what was primary gives way. */
  function deploy(service: ServiceRecord): void {
    for (const taskSet of state.taskSetsOf(service)) {
      if (taskSet.status === 'PRIMARY') state.taskSets.put(taskSet.id, { ...taskSet, status: 'ACTIVE' })
    }
    newTaskSet(service, {
      status: 'PRIMARY',
      taskDefinitionArn: service.taskDefinitionArn,
      loadBalancer: service.loadBalancers[0],
    })
  }

  function view(taskSet: TaskSetRecord): TaskSetView {
    const service = state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    return {
      id: taskSet.id,
      arn: taskSet.arn,
      status: taskSet.status,
      taskDefinition: taskSet.taskDefinitionArn,
      targetGroupArn: taskSet.loadBalancer?.targetGroupArn,
      desiredCount: service ? computedDesiredCount(service, taskSet) : 0,
      ...taskCounts(state, taskSet),
      stabilityStatus: taskSet.stabilityStatus,
      ...(taskSet.externalId === undefined ? {} : { externalId: taskSet.externalId }),
    }
  }

  const activeService = (cluster: string, name: string): ServiceRecord => {
    const service = state.service(cluster, name)
    if (service.status !== 'ACTIVE') throw serviceNotActive()
    return service
  }

  const memberOf = (cluster: string, service: string, taskSetId: string): TaskSetRecord | undefined => {
    const taskSet = state.taskSets.get(taskSetId)
    return taskSet && state.findService(cluster, service)?.arn === taskSet.serviceArn ? taskSet : undefined
  }

  return {
    create(made, createdBy) {
      const existing = state.services.get(serviceKey(made.clusterName, made.name))
      if (existing && existing.status !== 'INACTIVE') throw serviceExists()
      checkAttachments(state, made)
      const service: ServiceRecord = {
        ...made,
        arn: state.arn(`service/${made.clusterName}/${made.name}`),
        status: 'ACTIVE',
        createdAt: context.clock.now(),
        createdBy,
      }
      context.store.transaction(() => {
        keep(service)
        state.serviceEvents.delete(service.arn)
        newTaskSet(service, {
          status: 'PRIMARY',
          taskDefinitionArn: service.taskDefinitionArn,
          loadBalancer: service.loadBalancers[0],
        })
      })
      scheduler().kick(service)
      return service
    },

    update(current, { forceNewDeployment, ...change }) {
      if (current.status !== 'ACTIVE') throw serviceNotActive()
      if (current.controller === 'CODE_DEPLOY') refuseUnderCodeDeploy(current, change, forceNewDeployment)
      const service = { ...current, ...change }
      checkAttachments(state, service)
      const deploys =
        current.controller === 'ECS' &&
        (forceNewDeployment === true ||
          differs(current, service, [
            'taskDefinitionArn',
            'loadBalancers',
            'network',
            'platformVersion',
            'capacityProviderStrategy',
            'enableExecuteCommand',
          ]))
      context.store.transaction(() => {
        keep(service)
        if (deploys) deploy(service)
      })
      scheduler().kick(service)
      return service
    },

    remove(service, force) {
      if (service.status === 'INACTIVE') throw serviceNotActive()
      if (service.desiredCount > 0 && !force) throw scaledAboveZero()
      const draining = keep({ ...service, status: 'DRAINING', desiredCount: 0 })
      for (const taskSet of state.taskSetsOf(service))
        state.taskSets.put(taskSet.id, { ...taskSet, status: 'DRAINING' })
      scheduler().kick(draining)
      return draining
    },

    async removed(service) {
      await Promise.all(state.taskSetsOf(service).map((taskSet) => scheduler().gone(taskSet.id)))
    },

    async stable(service, signal) {
      for (const taskSet of state.taskSetsOf(service)) {
        if (taskSet.status === 'PRIMARY') await scheduler().steady(taskSet.id, signal)
        else if (service.controller === 'ECS') await scheduler().gone(taskSet.id, signal)
      }
    },

    rollBack(service, failed) {
      const last = state.taskSetsOf(service).find((taskSet) => taskSet.rolloutState === 'COMPLETED')
      if (!last || last.taskDefinitionArn === failed.taskDefinitionArn) return
      deploy(keep({ ...service, taskDefinitionArn: last.taskDefinitionArn }))
    },

    describeService(cluster, name) {
      const service = state.findService(cluster, name)
      if (service?.status !== 'ACTIVE') return undefined
      return {
        arn: service.arn,
        deploymentController: service.controller,
        desiredCount: service.desiredCount,
        taskSets: state.taskSetsOf(service).map(view),
      }
    },
    hasContainerPort: (reference, containerName, containerPort) =>
      hasPort(state.findTaskDefinition(reference), containerName, containerPort),
    taskDefinitionExists: (reference) => state.findTaskDefinition(reference)?.status === 'ACTIVE',

    createTaskSet(options) {
      const service = activeService(options.cluster, options.service)
      const definition = state.taskDefinition(options.taskDefinition)
      if (definition.status !== 'ACTIVE') throw taskDefinitionInactive()
      const loadBalancer: LoadBalancerAttachment = {
        targetGroupArn: options.targetGroupArn,
        containerName: options.containerName,
        containerPort: options.containerPort,
      }
      checkAttachments(state, {
        ...service,
        taskDefinitionArn: definition.arn,
        loadBalancers: [loadBalancer],
      })
      const taskSet = newTaskSet(service, {
        status: 'ACTIVE',
        taskDefinitionArn: definition.arn,
        loadBalancer,
        externalId: options.externalId,
        startedBy: 'CODE_DEPLOY',
        network: options.network,
        platformVersion: options.platformVersion,
        capacityProviderStrategy: options.capacityProviderStrategy,
      })
      scheduler().kick(service)
      return view(taskSet)
    },
    taskSet(cluster, service, taskSetId) {
      const taskSet = memberOf(cluster, service, taskSetId)
      return taskSet && view(taskSet)
    },
    async taskSetSteady(_cluster, _service, taskSetId, signal) {
      if ((await scheduler().settled(taskSetId, signal)) === 'ending') throw serviceNotActive()
    },

    setPrimaryTaskSet(cluster, name, taskSetId) {
      const service = activeService(cluster, name)
      const primary = memberOf(cluster, name, taskSetId)
      if (!primary) throw invalidParameter(`The task set ${taskSetId} was not found.`)
      const now = context.clock.now()
      context.store.transaction(() => {
        for (const taskSet of state.taskSetsOf(service)) {
          if (taskSet.status !== 'PRIMARY' || taskSet.id === primary.id) continue
          state.taskSets.put(taskSet.id, { ...taskSet, status: 'ACTIVE', updatedAt: now })
        }
        state.taskSets.put(primary.id, { ...primary, status: 'PRIMARY', updatedAt: now })
        // What the primary set has of its own becomes the service's:
        // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html
        const strategy = primary.capacityProviderStrategy ?? service.capacityProviderStrategy
        keep({
          ...service,
          taskDefinitionArn: primary.taskDefinitionArn,
          loadBalancers: primary.loadBalancer ? [primary.loadBalancer] : [],
          network: primary.network,
          platformVersion: primary.platformVersion ?? service.platformVersion,
          capacityProviderStrategy: strategy,
          launchType: strategy.length > 0 ? undefined : service.launchType,
        })
      })
      scheduler().kick(service)
    },
    async deleteTaskSet(cluster, name, taskSetId) {
      const service = state.service(cluster, name)
      const taskSet = memberOf(cluster, name, taskSetId)
      if (!taskSet) return
      state.taskSets.put(taskSetId, { ...taskSet, status: 'DRAINING', updatedAt: context.clock.now() })
      scheduler().kick(service)
      await scheduler().gone(taskSetId)
    },
  }
}
