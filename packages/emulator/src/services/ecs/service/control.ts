/** Creates, updates, deletes and rolls back services. Both the API and the Terraform types use it. */
import type { EmulatorContext } from '../../../service.ts'
import { scaledAboveZero, serviceExists, serviceNotActive } from '../model/errors.ts'
import type { ServiceRecord } from '../model/model.ts'
import type { ServiceDeploymentRecord } from '../model/service-deployments.ts'
import { deployedFields, differs } from '../model/service-fields.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import type { Deployments } from '../scheduler/deployments.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { primaryTaskSet, taskSetRecord } from '../scheduler/task-set-records.ts'
import type { NewService, ServiceChange } from './change.ts'
import { checkAlarms, checkAttachments, refuseUnderCodeDeploy } from './checks.ts'

export interface ServiceControl {
  create(service: NewService, createdBy: string): ServiceRecord
  update(service: ServiceRecord, change: ServiceChange): ServiceRecord
  /** Starts to drain; `force` also for a service that is scaled above 0. */
  remove(service: ServiceRecord, force: boolean): ServiceRecord
  /** Resolves when a removed service is INACTIVE. */
  waitUntilRemoved(service: ServiceRecord): Promise<void>
  /** Resolves when the PRIMARY task set is steady and no earlier deployment is left. */
  waitUntilStable(service: ServiceRecord, signal: AbortSignal): Promise<void>
  /** Stops a deployment: the service deploys again what its `source` revision deployed. */
  rollBackTo(
    stopped: ServiceDeploymentRecord,
    service: ServiceRecord,
    source: ServiceRecord,
    reason: string,
  ): void
}

export function createServiceControl(
  context: EmulatorContext,
  state: EcsState,
  deployments: Deployments,
  scheduler: Scheduler,
): ServiceControl {
  return {
    create(created, createdBy) {
      const existing = state.services.get(serviceKey(created.clusterName, created.name))
      if (existing && existing.status !== 'INACTIVE') throw serviceExists()
      checkAttachments(state, created)
      checkAlarms(created)
      const service: ServiceRecord = {
        ...created,
        arn: state.arn(`service/${created.clusterName}/${created.name}`),
        status: 'ACTIVE',
        createdAt: context.clock.now(),
        createdBy,
      }
      context.store.transaction(() => {
        state.saveService(service)
        state.serviceEvents.delete(service.arn)
        if (service.controller === 'ECS') deployments.start(service)
        else state.saveTaskSet(taskSetRecord(context, state, service, primaryTaskSet(service)))
      })
      scheduler.enqueue(service)
      return service
    },

    update(current, { forceNewDeployment, ...change }) {
      if (current.status !== 'ACTIVE') throw serviceNotActive()
      if (current.controller === 'CODE_DEPLOY') refuseUnderCodeDeploy(current, change, forceNewDeployment)
      const service = { ...current, ...change }
      checkAlarms(service)
      // A service whose revision was deregistered keeps running, and its other settings can still change.
      if (differs(current, service, ['taskDefinitionArn', 'loadBalancers'])) checkAttachments(state, service)
      const deploys =
        current.controller === 'ECS' &&
        (forceNewDeployment === true || differs(current, service, deployedFields))
      context.store.transaction(() => {
        state.saveService(service)
        if (deploys) deployments.start(service)
      })
      scheduler.enqueue(service)
      return service
    },

    remove(service, force) {
      if (service.status === 'INACTIVE') throw serviceNotActive()
      if (service.desiredCount > 0 && !force) throw scaledAboveZero()
      const draining: ServiceRecord = { ...service, status: 'DRAINING', desiredCount: 0 }
      context.store.transaction(() => {
        deployments.drain(service)
        state.saveService(draining)
      })
      scheduler.enqueue(draining)
      return draining
    },

    async waitUntilRemoved(service) {
      await Promise.all(state.taskSetsOf(service).map(({ id }) => scheduler.waitUntilDeleted(id)))
    },

    async waitUntilStable(service, signal) {
      for (const taskSet of state.taskSetsOf(service)) {
        if (taskSet.status === 'PRIMARY') await scheduler.waitUntilSteady(taskSet.id, signal)
        else if (service.controller === 'ECS') await scheduler.waitUntilDeleted(taskSet.id, signal)
      }
    },

    rollBackTo(stopped, service, source, reason) {
      if (service.status !== 'ACTIVE') throw serviceNotActive()
      deployments.rollBackTo(stopped, service, source, reason)
      scheduler.enqueue(service)
    },
  }
}
