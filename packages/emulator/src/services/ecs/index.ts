/**
 * Elastic Container Service: clusters, task definitions, services and their tasks.
 *
 * Documented behaviour of AWS that the emulator changes or does not implement: behaviours.ts.
 *
 * After a restart of the emulator, a task that was running is STOPPED with stopCode `TerminationNotice`, and its
 * service starts another without the time that Fargate needs.
 */
import * as sdk from '@aws-sdk/client-ecs'
import { createTaskEndpoint } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Ecs } from './contract.ts'
import type { EcsDependencies } from './model/dependencies.ts'
import { missingMembers } from './model/errors.ts'
import { createServiceEvents } from './model/service-events.ts'
import { createState } from './model/state.ts'
import { createOperations } from './operations.ts'
import { refusedOperations } from './refused-operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createDeploymentAlarms } from './scheduler/deployment-alarms.ts'
import { createDeployments } from './scheduler/deployments.ts'
import { createScheduler } from './scheduler/scheduler.ts'
import { createServiceControl } from './service/control.ts'
import { createTaskSetControl } from './service/task-set-control.ts'
import { measureTasks } from './service/utilization.ts'
import { startingMs } from './task/health.ts'
import { provisioningMs } from './task/life.ts'
import { createRunTask } from './task/run-task.ts'
import { createTasks } from './task/tasks.ts'

export function createEcs(context: EmulatorContext, dependencies: EcsDependencies): Ecs {
  const state = createState(context)
  const endpoint = createTaskEndpoint()
  const tasks = createTasks(context, state, dependencies, endpoint)
  const { elbv2 } = dependencies
  const events = createServiceEvents(context, state)
  const alarms = createDeploymentAlarms(state, dependencies.cloudWatch)
  const deployments = createDeployments(context, state, events, alarms)
  const scheduler = createScheduler({ context, state, elbv2, tasks, events, alarms, deployments })
  const control = createServiceControl(context, state, deployments, scheduler)
  const runTask = createRunTask(context, state, tasks)
  let stopMeasuring = () => {}
  return {
    name: 'ecs',
    behaviours,
    resourceTypes: createResourceTypes(context, state, control),
    dataSourceTypes: createDataSourceTypes(state),
    api: {
      signingName: 'ecs',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(context, state, control, scheduler, { tasks, runTask }),
      refused: refusedOperations,
      missingMembers,
    },
    async start() {
      await dependencies.runtime.endLeftovers()
      await endpoint.start()
      dependencies.runtime.onMetadata(endpoint.accept)
      await tasks.closeLeftovers()
      scheduler.start()
      if (dependencies.cloudWatch) stopMeasuring = measureTasks(context, state, dependencies.cloudWatch)
    },
    async stop() {
      stopMeasuring()
      scheduler.stop()
      await tasks.shutDown()
      await dependencies.runtime.close()
      await endpoint.stop()
    },
    provisioningMs,
    startingMs,
    runTask: (input) => runTask(input).map(({ arn }) => arn),
    ...createTaskSetControl(context, state, scheduler),
  }
}
