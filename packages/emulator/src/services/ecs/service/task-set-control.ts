/** The task sets of services under the CODE_DEPLOY controller, as CodeDeploy creates, promotes and deletes them. */
import type { EmulatorContext } from '../../../service.ts'
import type { Ecs, TaskSetView } from '../contract.ts'
import { invalidParameter, serviceNotActive, taskDefinitionInactive } from '../model/errors.ts'
import {
  computedDesiredCount,
  type LoadBalancerAttachment,
  type ServiceRecord,
  type TaskSetRecord,
} from '../model/model.ts'
import { type EcsState, taskCounts } from '../model/state.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { taskSetRecord } from '../scheduler/task-set-records.ts'
import { checkAttachments, hasPort } from './checks.ts'

export type TaskSetControl = Pick<
  Ecs,
  | 'describeService'
  | 'hasContainerPort'
  | 'taskDefinitionExists'
  | 'createTaskSet'
  | 'taskSet'
  | 'taskSetSteady'
  | 'setPrimaryTaskSet'
  | 'deleteTaskSet'
>

export function createTaskSetControl(
  context: EmulatorContext,
  state: EcsState,
  scheduler: Scheduler,
): TaskSetControl {
  function view(taskSet: TaskSetRecord): TaskSetView {
    const service = state.serviceOf(taskSet)
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
      const taskSet = taskSetRecord(context, state, service, {
        status: 'ACTIVE',
        taskDefinitionArn: definition.arn,
        loadBalancer,
        externalId: options.externalId,
        startedBy: 'CODE_DEPLOY',
        network: options.network,
        platformVersion: options.platformVersion,
        capacityProviderStrategy: options.capacityProviderStrategy,
      })
      state.saveTaskSet(taskSet)
      scheduler.enqueue(service)
      return view(taskSet)
    },
    taskSet(cluster, service, taskSetId) {
      const taskSet = memberOf(cluster, service, taskSetId)
      return taskSet && view(taskSet)
    },
    async taskSetSteady(_cluster, _service, taskSetId, signal) {
      if ((await scheduler.waitUntilSteadyOrEnding(taskSetId, signal)) === 'ending') throw serviceNotActive()
    },

    setPrimaryTaskSet(cluster, name, taskSetId) {
      const service = activeService(cluster, name)
      const primary = memberOf(cluster, name, taskSetId)
      if (!primary) throw invalidParameter(`The task set ${taskSetId} was not found.`)
      const now = context.clock.now()
      context.store.transaction(() => {
        for (const taskSet of state.taskSetsOf(service)) {
          if (taskSet.status !== 'PRIMARY' || taskSet.id === primary.id) continue
          state.saveTaskSet({ ...taskSet, status: 'ACTIVE', updatedAt: now })
        }
        state.saveTaskSet({ ...primary, status: 'PRIMARY', updatedAt: now })
        // The service takes the settings of its PRIMARY task set:
        // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html
        const strategy = primary.capacityProviderStrategy ?? service.capacityProviderStrategy
        state.saveService({
          ...service,
          taskDefinitionArn: primary.taskDefinitionArn,
          loadBalancers: primary.loadBalancer ? [primary.loadBalancer] : [],
          network: primary.network,
          platformVersion: primary.platformVersion ?? service.platformVersion,
          capacityProviderStrategy: strategy,
          launchType: strategy.length > 0 ? undefined : service.launchType,
        })
      })
      scheduler.enqueue(service)
    },
    async deleteTaskSet(cluster, name, taskSetId) {
      const service = state.service(cluster, name)
      const taskSet = memberOf(cluster, name, taskSetId)
      if (!taskSet) return
      state.saveTaskSet({ ...taskSet, status: 'DRAINING', updatedAt: context.clock.now() })
      scheduler.enqueue(service)
      await scheduler.waitUntilDeleted(taskSetId)
    },
  }
}
