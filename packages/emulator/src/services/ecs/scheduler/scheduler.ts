/**
 * The service scheduler: brings each task set to the number of tasks that it should have, replaces what fails
 * its checks or ends, and says when a set is steady. It runs after every change and never waits itself: tasks
 * live on their own, and report.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import {
  computedDesiredCount,
  isLive,
  type ServiceRecord,
  type TaskRecord,
  type TaskSetRecord,
} from '../model/model.ts'
import { createServiceEvents } from '../model/service-events.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'
import { countsInMs, isHealthy } from '../task/health.ts'
import { protectedUntil } from '../task/protection.ts'
import type { Tasks } from '../task/tasks.ts'
import type { DeploymentAlarms } from './deployment-alarms.ts'
import { createFailedDeployments, type FailureHooks } from './failed-deployments.ts'
import { createFailedTasks } from './failed-tasks.ts'
import { createRollouts } from './rollouts.ts'
import { type Fleet, replacementStep, rollingStep, type Step } from './service-plan.ts'
import { createServiceTasks, surplus } from './service-tasks.ts'
import { isEnding, isSteady } from './task-set-records.ts'
import { createUnhealthyTasks } from './unhealthy-tasks.ts'
import { createWaiters } from './waiters.ts'

const STUCK =
  'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
  'Update the minimumHealthyPercent or maximumPercent value and try again.'

export interface Scheduler {
  /** Has the service looked at soon. */
  kick(service: ServiceRecord): void
  /** Resolves when the task set is steady; rejects with the signal's reason. */
  steady(taskSetId: string, signal: AbortSignal): Promise<void>
  /** Resolves when the task set is steady, or on its way out, and so never will be. */
  settled(taskSetId: string, signal: AbortSignal): Promise<'steady' | 'ending'>
  /** Resolves when the task set has drained and is gone; rejects with the signal's reason. */
  gone(taskSetId: string, signal?: AbortSignal): Promise<void>
  /** Takes the services up again. */
  start(): void
  stop(): void
}

export function createScheduler(
  context: EmulatorContext,
  state: EcsState,
  dependencies: EcsDependencies,
  tasks: Tasks,
  alarms: DeploymentAlarms,
  hooks: FailureHooks,
): Scheduler {
  const events = createServiceEvents(context, state)
  const failedDeployments = createFailedDeployments(context, state, events, hooks)
  const failedTasks = createFailedTasks(context, state, events, failedDeployments)
  const unhealthy = createUnhealthyTasks(context, state, dependencies.elbv2, events, failedTasks)
  const fleet = createServiceTasks(state, tasks, events, failedTasks)
  const kicked = new Set<string>()
  const { until, wake } = createWaiters()
  const timers = new Map<string, AbortController>()
  let stopped = false
  let resuming = false
  const well = (task: TaskRecord) => isHealthy(state, dependencies.elbv2, task)
  const rollouts = createRollouts({ context, state, events, alarms, well, again: kick })

  function kick(service: Pick<ServiceRecord, 'clusterName' | 'name'>): void {
    const key = serviceKey(service.clusterName, service.name)
    if (stopped || kicked.has(key)) return
    kicked.add(key)
    setImmediate(() => {
      kicked.delete(key)
      const current = state.services.get(key)
      if (current && !stopped) reconcile(current)
      wake()
    })
  }

  function reconcile(given: ServiceRecord): void {
    const service = failByAlarms(given)
    const sets = state.taskSetsOf(service)
    for (const taskSet of sets) {
      unhealthy.look(service, taskSet, (subject, waitMs) => later(subject, service, waitMs))
    }
    if (service.controller === 'CODE_DEPLOY') {
      for (const taskSet of sets) maintain(service, taskSet, computedDesiredCount(service, taskSet))
    } else {
      roll(service, sets)
    }
    for (const taskSet of sets) {
      rollouts.settle(service, taskSet, (waitMs) => later(`${taskSet.id}/bake`, service, waitMs))
    }
    if (service.status === 'DRAINING' && state.taskSetsOf(service).length === 0) {
      state.services.put(serviceKey(service.clusterName, service.name), { ...service, status: 'INACTIVE' })
    }
  }

  /** The service as it is afterwards: it may be on its way back. */
  function failByAlarms(service: ServiceRecord): ServiceRecord {
    const primary = state.taskSetsOf(service).find(({ status }) => status === 'PRIMARY')
    const triggered = primary ? alarms.triggered(primary) : []
    if (!primary || triggered.length === 0) return service
    failedDeployments.byAlarms(service, primary, triggered)
    return state.services.get(serviceKey(service.clusterName, service.name)) ?? service
  }

  function fleetOf(service: ServiceRecord, taskSet: TaskSetRecord): Fleet & { live: TaskRecord[] } {
    const live = state.tasksOf(taskSet).filter(isLive)
    const unfit = live.filter((task) => unhealthy.reason(task) !== undefined).length
    return { live, fit: live.length - unfit, unhealthy: unfit, healthy: live.filter(counts(service)).length }
  }

  /** Healthy, and for long enough to count. */
  const counts = (service: ServiceRecord) => (task: TaskRecord) => {
    if (!well(task) || unhealthy.reason(task) !== undefined) return false
    const left = service.controller === 'ECS' ? countsInMs(state, context.clock, task) : 0
    if (left > 0) later(`${task.id}/counts`, service, left)
    return left === 0
  }

  /** Brings a task set that has no other beside it to `desired` tasks. */
  function maintain(service: ServiceRecord, taskSet: TaskSetRecord, desired: number): void {
    const fleet = fleetOf(service, taskSet)
    carryOut(service, taskSet, fleet.live, replacementStep(desired, fleet, service))
  }

  function carryOut(service: ServiceRecord, taskSet: TaskSetRecord, live: TaskRecord[], step: Step): void {
    const isUnfit = (task: TaskRecord) => unhealthy.reason(task) !== undefined
    const unfit = live.filter(isUnfit).slice(0, step.stopUnhealthy)
    const fit = live.filter((task) => !isUnfit(task))
    fleet.stop(service, taskSet, unfit, unhealthy.reason)
    fleet.stop(service, taskSet, surplus(mayStop(service, fit), step.stopFit))
    if (taskSet.rolloutState === 'FAILED') return
    const wait = (waitMs: number) => later(`${taskSet.id}/back-off`, service, waitMs)
    fleet.start(service, taskSet, step.start, wait, resuming)
  }

  /** Without those that are protected from scale-in; the service is looked at again when the first is no more. */
  function mayStop(service: ServiceRecord, candidates: readonly TaskRecord[]): TaskRecord[] {
    if (service.status !== 'ACTIVE') return [...candidates]
    return candidates.filter((task) => {
      const end = protectedUntil(context, task)
      if (end !== undefined) later(`${task.id}/protected/${end}`, service, end - context.clock.now())
      return end === undefined
    })
  }

  function roll(service: ServiceRecord, sets: readonly TaskSetRecord[]): void {
    const primary = sets.find((taskSet) => taskSet.status === 'PRIMARY')
    if (!primary || service.status !== 'ACTIVE' || service.desiredCount === 0) {
      for (const taskSet of sets) maintain(service, taskSet, 0)
      return
    }
    const earlier = sets
      .filter((taskSet) => taskSet !== primary)
      .map((taskSet) => ({ taskSet, live: state.tasksOf(taskSet).filter(isLive) }))
    const own = fleetOf(service, primary)
    const old = earlier.flatMap(({ live }) => live)
    const step = rollingStep(
      service.desiredCount,
      own,
      { all: old.length, healthy: old.filter(counts(service)).length },
      service,
    )
    if (step.blocked) events.add(service, primary, STUCK)
    carryOut(service, primary, own.live, step)
    const unhealthyFirst = [...old].sort((a, b) => Number(well(a)) - Number(well(b)))
    const victims = new Set(mayStop(service, unhealthyFirst).slice(0, step.stopEarlier))
    for (const { taskSet, live } of earlier) {
      const ofSet = live.filter((task) => victims.has(task))
      fleet.stop(service, taskSet, ofSet, unhealthy.reason)
    }
  }

  /** Looks at the service again after a while; one timer per subject. */
  function later(subject: string, service: ServiceRecord, realMs: number): void {
    if (timers.has(subject)) return
    const timer = new AbortController()
    timers.set(subject, timer)
    context.clock.sleepReal(realMs, timer.signal).then(
      () => {
        timers.delete(subject)
        kick(service)
      },
      () => undefined,
    )
  }

  function onTask(task: TaskRecord, prior: TaskRecord | undefined): void {
    if (!task.taskSetId || task.serviceName === undefined) return
    if (task.lastStatus === 'RUNNING' && prior?.lastStatus === 'ACTIVATING') onRunning(task)
    const failed = task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited'
    // Only those that never ran make the scheduler wait before it tries again.
    if (prior && isLive(prior) && !isLive(task) && failed)
      failedTasks.count(task.taskSetId, task.startedAt === undefined)
    kick({ clusterName: task.clusterName, name: task.serviceName })
  }

  function onRunning(task: TaskRecord): void {
    const taskSet = state.taskSets.get(task.taskSetId ?? '')
    const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    if (!taskSet || !service) return
    if (taskSet.failedStarts > 0) state.taskSets.put(taskSet.id, { ...taskSet, failedStarts: 0 })
    if (task.target)
      events.add(service, taskSet, `registered 1 targets in (target-group ${task.target.targetGroupArn})`)
  }

  const ends: (() => void)[] = []
  return {
    kick,
    steady: (taskSetId, signal) => until(() => isSteady(state, dependencies.elbv2, taskSetId), signal),
    async settled(taskSetId, signal) {
      const ending = () => isEnding(state, taskSetId)
      await until(() => ending() || isSteady(state, dependencies.elbv2, taskSetId), signal)
      return ending() ? 'ending' : 'steady'
    },
    gone: (taskSetId, signal) => until(() => !state.taskSets.has(taskSetId), signal),
    start() {
      stopped = false
      ends.push(tasks.onChange(onTask))
      ends.push(
        dependencies.elbv2.onTargetHealth((targetGroupArn, target) => {
          const task = state.taskAt(targetGroupArn, target)
          if (task?.serviceName !== undefined) kick({ clusterName: task.clusterName, name: task.serviceName })
        }),
      )
      ends.push(alarms.onAlarm(kick))
      resuming = true
      for (const service of state.services.values()) if (service.status !== 'INACTIVE') reconcile(service)
      resuming = false
    },
    stop() {
      stopped = true
      for (const end of ends.splice(0)) end()
      for (const timer of timers.values()) timer.abort()
      timers.clear()
    },
  }
}
