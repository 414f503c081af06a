/**
 * Elastic Container Service: clusters, task definitions, services and the tasks that they keep alive.
 *
 * What AWS documents and this does otherwise or not yet: behaviours.ts.
 *
 * Quirk: a task that was running when the emulator stopped is STOPPED with stopCode `TerminationNotice`, and its
 * service starts another without the time that Fargate takes.
 */
import * as sdk from '@aws-sdk/client-ecs'
import { createTaskEndpoint } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Ecs } from './contract.ts'
import type { EcsDependencies } from './model/dependencies.ts'
import { missingMembers } from './model/errors.ts'
import { createState } from './model/state.ts'
import { createOperations } from './operations.ts'
import { refusedOperations } from './refused-operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createDeploymentAlarms } from './scheduler/deployment-alarms.ts'
import { createScheduler, type Scheduler } from './scheduler/scheduler.ts'
import { createServiceControl } from './service/control.ts'
import { createTaskSetControl } from './service/task-set-control.ts'
import { measureTasks } from './service/utilization.ts'
import { startingMs } from './task/health.ts'
import { provisioningMs } from './task/life.ts'
import { createTasks } from './task/tasks.ts'

export function createEcs(context: EmulatorContext, dependencies: EcsDependencies): Ecs {
  const state = createState(context)
  const endpoint = createTaskEndpoint()
  const tasks = createTasks(context, state, dependencies, endpoint)
  const alarms = createDeploymentAlarms(state, dependencies.cloudWatch)
  const control = createServiceControl(context, state, alarms, (): Scheduler => scheduler)
  const scheduler = createScheduler(context, state, dependencies, tasks, alarms, control)
  let endMeasuring = () => {}
  return {
    name: 'ecs',
    behaviours,
    resourceTypes: createResourceTypes(context, state, control),
    dataSourceTypes: createDataSourceTypes(state),
    api: {
      signingName: 'ecs',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(context, state, control, tasks),
      refused: refusedOperations,
      missingMembers,
    },
    async start() {
      await dependencies.runtime.endLeftoverProcesses()
      await endpoint.start()
      await tasks.closeLeftovers()
      scheduler.start()
      if (dependencies.cloudWatch) endMeasuring = measureTasks(context, state, dependencies.cloudWatch)
    },
    async stop() {
      endMeasuring()
      scheduler.stop()
      await tasks.shutDown()
      await endpoint.stop()
    },
    provisioningMs,
    startingMs,
    ...createTaskSetControl(context, state, () => scheduler),
  }
}
