/**
 * The service scheduler: reconciles each service after every change of it, of its tasks, of their health and of its
 * alarms. It observes (`observation.ts`), decides (`decide.ts`) and applies (`apply.ts`). It waits for nothing: tasks
 * run on their own and report their changes, and a timer brings a service back when time alone changes the decision.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { isLive, type ServiceRecord, type TaskRecord } from '../model/model.ts'
import type { ServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import { isHealthy } from '../task/health.ts'
import type { Tasks } from '../task/tasks.ts'
import type { Action } from './actions.ts'
import { applyAction } from './apply.ts'
import { decide } from './decide.ts'
import type { DeploymentAlarms } from './deployment-alarms.ts'
import type { Deployments } from './deployments.ts'
import { failTask } from './failed-tasks.ts'
import { createObservation } from './observation.ts'
import { createServiceTasks } from './service-tasks.ts'
import { isSteady } from './stability.ts'
import { createWaiters } from './waiters.ts'

export interface Scheduler {
  /** Reconciles the service in the next turn of the event loop, once for any number of calls. */
  enqueue(service: Pick<ServiceRecord, 'clusterName' | 'name'>): void
  /** Resolves when the task set is steady; rejects with the signal's reason. */
  waitUntilSteady(taskSetId: string, signal: AbortSignal): Promise<void>
  /** Resolves when the task set is steady, or drains or is deleted and so never will be. */
  waitUntilSteadyOrEnding(taskSetId: string, signal: AbortSignal): Promise<'steady' | 'ending'>
  /** Resolves when the task set has drained and is deleted; rejects with the signal's reason. */
  waitUntilDeleted(taskSetId: string, signal?: AbortSignal): Promise<void>
  /** Reconciles all services, and from then on after every change. */
  start(): void
  stop(): void
}

export interface SchedulerDependencies {
  readonly context: EmulatorContext
  readonly state: EcsState
  readonly elbv2: Elbv2
  readonly tasks: Tasks
  readonly events: ServiceEvents
  readonly alarms: DeploymentAlarms
  readonly deployments: Deployments
}

export function createScheduler(dependencies: SchedulerDependencies): Scheduler {
  const { context, state, elbv2, tasks, events, alarms, deployments } = dependencies
  const serviceTasks = createServiceTasks(state, tasks, events)
  const observation = createObservation(context, state, elbv2, alarms)
  const waiters = createWaiters()
  const enqueued = new Set<string>()
  const rechecks = new Map<string, AbortController>()
  let stopped = false

  function enqueue({ clusterName, name }: Pick<ServiceRecord, 'clusterName' | 'name'>): void {
    const key = serviceKey(clusterName, name)
    if (stopped || enqueued.has(key)) return
    enqueued.add(key)
    setImmediate(() => {
      enqueued.delete(key)
      const service = state.services.get(key)
      if (service && !stopped) reconcile(service)
      waiters.wake()
    })
  }

  function reconcile(service: ServiceRecord, resumed = false): void {
    const { actions, recheckAfterMs } = decide(service, observation.of(service), context.clock.now())
    apply(service, actions, resumed)
    scheduleReconcile(service, recheckAfterMs)
  }

  function apply(service: ServiceRecord, actions: readonly Action[], resumed = false): void {
    for (const action of actions)
      applyAction({ context, state, events, deployments, serviceTasks }, service, action, resumed)
  }

  /** One timer for a service: the last decision knows of everything that it waits for. */
  function scheduleReconcile(service: ServiceRecord, afterMs: number | undefined): void {
    const key = serviceKey(service.clusterName, service.name)
    rechecks.get(key)?.abort()
    rechecks.delete(key)
    if (afterMs === undefined) return
    if (afterMs === 0) {
      enqueue(service)
      return
    }
    const timer = new AbortController()
    rechecks.set(key, timer)
    context.clock.sleepReal(afterMs, timer.signal).then(
      () => enqueue(service),
      () => undefined,
    )
  }

  function onTaskChange(task: TaskRecord, prior: TaskRecord | undefined): void {
    const taskSet = state.taskSets.get(task.taskSetId ?? '')
    const service = state.serviceOf(taskSet)
    if (taskSet && service) {
      if (task.lastStatus === 'RUNNING' && prior?.lastStatus === 'ACTIVATING') {
        if (taskSet.failedStarts > 0) state.saveTaskSet({ ...taskSet, failedStarts: 0 })
        if (task.target)
          events.add(service, taskSet, `registered 1 targets in (target-group ${task.target.targetGroupArn})`)
      }
      const failed = task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited'
      if (prior && isLive(prior) && !isLive(task) && failed)
        apply(service, failTask(service, taskSet, task.startedAt === undefined).actions)
    }
    enqueueServiceOf(task)
  }

  function enqueueServiceOf(task: TaskRecord | undefined): void {
    if (task?.serviceName !== undefined) enqueue({ clusterName: task.clusterName, name: task.serviceName })
  }

  function isSteadyNow(taskSetId: string): boolean {
    const taskSet = state.taskSets.get(taskSetId)
    const service = state.serviceOf(taskSet)
    if (!taskSet || !service) return false
    const live = state.tasksOf(taskSet).filter(isLive)
    const allHealthy = live.every((task) => isHealthy(state, elbv2, task))
    return isSteady(service, taskSet, { live: live.length, allHealthy })
  }

  function isEnding(taskSetId: string): boolean {
    const taskSet = state.taskSets.get(taskSetId)
    return !taskSet || taskSet.status === 'DRAINING' || state.serviceOf(taskSet)?.status !== 'ACTIVE'
  }

  const unsubscribes: (() => void)[] = []
  return {
    enqueue,
    waitUntilSteady: (taskSetId, signal) => waiters.until(() => isSteadyNow(taskSetId), signal),
    async waitUntilSteadyOrEnding(taskSetId, signal) {
      await waiters.until(() => isEnding(taskSetId) || isSteadyNow(taskSetId), signal)
      return isEnding(taskSetId) ? 'ending' : 'steady'
    },
    waitUntilDeleted: (taskSetId, signal) => waiters.until(() => !state.taskSets.has(taskSetId), signal),
    start() {
      stopped = false
      unsubscribes.push(
        tasks.onChange(onTaskChange),
        elbv2.onTargetHealth((targetGroupArn, target) =>
          enqueueServiceOf(state.tasks.atTarget(targetGroupArn, target)),
        ),
        alarms.onAlarm(enqueue),
      )
      for (const service of state.services.values())
        if (service.status !== 'INACTIVE') reconcile(service, true)
    },
    stop() {
      stopped = true
      for (const unsubscribe of unsubscribes.splice(0)) unsubscribe()
      for (const timer of rechecks.values()) timer.abort()
      rechecks.clear()
    },
  }
}
