/** What callers do to services: create, change, delete. Terraform and the API both come through here. */
import type { EmulatorContext } from '../../../service.ts'
import { scaledAboveZero, serviceExists, serviceNotActive } from '../model/errors.ts'
import type { ServiceRecord, TaskSetRecord } from '../model/model.ts'
import { createServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { DeploymentAlarms } from '../scheduler/deployment-alarms.ts'
import { methodOf } from '../scheduler/failed-deployments.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { type NewTaskSet, taskSetRecord } from '../scheduler/task-set-records.ts'
import type { NewService, ServiceChange } from './change.ts'
import { checkAlarms, checkAttachments, differs, refuseUnderCodeDeploy } from './checks.ts'

export interface ServiceControl {
  create(service: NewService, createdBy: string): ServiceRecord
  update(service: ServiceRecord, change: ServiceChange): ServiceRecord
  /** Begins to drain; `force` also when it is scaled above 0. */
  remove(service: ServiceRecord, force: boolean): ServiceRecord
  /** Resolves when a removed service is INACTIVE. */
  removed(service: ServiceRecord): Promise<void>
  /** Resolves when every task set of the service is steady and no other deployment is left. */
  stable(service: ServiceRecord, signal: AbortSignal): Promise<void>
  /**
   * The way back of a deployment that is stopped: what its service was before becomes primary again. That has served,
   * so it is not checked anew: its revision may have been deregistered since.
   */
  returnTo(service: ServiceRecord, before: ServiceRecord): void
  /** The way back of a deployment that failed: the last revision whose deployment completed becomes primary again. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export function createServiceControl(
  context: EmulatorContext,
  state: EcsState,
  alarms: DeploymentAlarms,
  scheduler: () => Scheduler,
): ServiceControl {
  const events = createServiceEvents(context, state)
  const keep = (service: ServiceRecord) => {
    state.services.put(serviceKey(service.clusterName, service.name), service)
    return service
  }

  function newTaskSet(
    service: ServiceRecord,
    made: NewTaskSet,
    watched: Pick<TaskSetRecord, 'alarms'> = {},
  ): TaskSetRecord {
    const taskSet = { ...taskSetRecord(context, state, service, made), ...watched }
    state.taskSets.put(taskSet.id, taskSet)
    return taskSet
  }

  /** A new deployment under the rolling controller: what was primary gives way. */
  function deploy(service: ServiceRecord, reason?: string): TaskSetRecord {
    for (const taskSet of state.taskSetsOf(service)) {
      if (taskSet.status === 'PRIMARY') state.taskSets.put(taskSet.id, { ...taskSet, status: 'ACTIVE' })
    }
    const made = newTaskSet(service, primaryOf(service), alarms.watched(service))
    const rolloutStateReason = reason ?? `ECS deployment ${made.id} in progress.`
    const taskSet = { ...made, rolloutStateReason }
    state.taskSets.put(taskSet.id, taskSet)
    events.deployment(service, taskSet, 'IN_PROGRESS', rolloutStateReason)
    return taskSet
  }

  return {
    create(made, createdBy) {
      const existing = state.services.get(serviceKey(made.clusterName, made.name))
      if (existing && existing.status !== 'INACTIVE') throw serviceExists()
      checkAttachments(state, made)
      checkAlarms(made)
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
        if (service.controller === 'ECS') deploy(service)
        else newTaskSet(service, primaryOf(service))
      })
      scheduler().kick(service)
      return service
    },

    update(current, { forceNewDeployment, ...change }) {
      if (current.status !== 'ACTIVE') throw serviceNotActive()
      if (current.controller === 'CODE_DEPLOY') refuseUnderCodeDeploy(current, change, forceNewDeployment)
      const service = { ...current, ...change }
      checkAlarms(service)
      // A revision that was deregistered goes on serving, and nothing else of its service stays unchangeable.
      if (differs(current, service, ['taskDefinitionArn', 'loadBalancers'])) checkAttachments(state, service)
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
      const draining = context.store.transaction(() => {
        for (const taskSet of state.taskSetsOf(service))
          state.taskSets.put(taskSet.id, { ...taskSet, status: 'DRAINING' })
        return keep({ ...service, status: 'DRAINING', desiredCount: 0 })
      })
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

    returnTo(service, before) {
      if (service.status !== 'ACTIVE') throw serviceNotActive()
      const { taskDefinitionArn, loadBalancers, network } = before
      const { platformVersion, capacityProviderStrategy, enableExecuteCommand } = before
      const restored = {
        ...service,
        taskDefinitionArn,
        loadBalancers,
        network,
        platformVersion,
        capacityProviderStrategy,
        enableExecuteCommand,
      }
      context.store.transaction(() => {
        keep(restored)
        deploy(restored)
      })
      scheduler().kick(restored)
    },

    rollBack(service, failed) {
      const last = service.lastCompleted
      // Without a deployment that ever completed there is nothing to go back to.
      if (!last || last.taskDefinitionArn === failed.taskDefinitionArn) return
      const restored = keep({ ...service, taskDefinitionArn: last.taskDefinitionArn })
      const taskSet = deploy(restored, `${methodOf(failed)}: rolling back to deploymentId ${last.id}.`)
      events.add(restored, taskSet, `rolling back to deployment ${last.id}.`)
      scheduler().kick(restored)
    },
  }
}

const primaryOf = (service: ServiceRecord): NewTaskSet => ({
  status: 'PRIMARY',
  taskDefinitionArn: service.taskDefinitionArn,
  loadBalancer: service.loadBalancers[0],
})
