/**
 * The service scheduler: brings each task set to the number of tasks that it should have, replaces what fails
 * its checks or ends, and says when a set is steady. It runs after every change and never waits itself: tasks
 * live on their own, and report.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
import type { RegionContext } from '../../service.ts'
import { createFailures, type FailureHooks } from './failures.ts'
import type { EcsDependencies } from './index.ts'
import {
  computedDesiredCount,
  isLive,
  isRunning,
  rollingStep,
  type ServiceRecord,
  type TaskRecord,
  type TaskSetRecord,
} from './model.ts'
import { createServiceEvents } from './service-events.ts'
import type { EcsState } from './state.ts'
import { serviceKey } from './state.ts'
import { graceMs, hasAnswered, isHealthy, unhealthyReason } from './task-health.ts'
import { protectedUntil } from './task-protection.ts'
import { isEnding, isSteady } from './task-set-records.ts'
import type { Tasks } from './tasks.ts'
import { createWaiters } from './waiters.ts'

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
  context: RegionContext,
  state: EcsState,
  dependencies: EcsDependencies,
  tasks: Tasks,
  hooks: FailureHooks,
): Scheduler {
  const events = createServiceEvents(context, state)
  const failures = createFailures(context, state, events, hooks)
  const kicked = new Set<string>()
  const { until, wake } = createWaiters()
  const timers = new Map<string, AbortController>()
  let stopped = false
  let resuming = false
  const well = (task: TaskRecord) => isHealthy(state, dependencies.loadBalancing, task)

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

  function reconcile(service: ServiceRecord): void {
    const sets = state.taskSetsOf(service)
    for (const taskSet of sets) replaceUnhealthy(service, taskSet)
    if (service.controller === 'CODE_DEPLOY') {
      for (const taskSet of sets) scale(service, taskSet, computedDesiredCount(service, taskSet))
    } else {
      roll(service, sets)
    }
    for (const taskSet of sets) settle(service, taskSet)
    if (service.status === 'DRAINING' && state.taskSetsOf(service).length === 0) {
      state.services.put(serviceKey(service.clusterName, service.name), { ...service, status: 'INACTIVE' })
    }
  }

  /** Starts or stops tasks of the set until it has `desired`. */
  function scale(service: ServiceRecord, taskSet: TaskSetRecord, desired: number): void {
    const live = state.tasksOf(taskSet).filter(isLive)
    if (live.length < desired) startTasks(service, taskSet, desired - live.length)
    if (live.length > desired) {
      // Those that do not run yet are no loss; among the others the newest goes first.
      const order = [...live].sort(
        (a, b) => Number(isRunning(a)) - Number(isRunning(b)) || b.createdAt - a.createdAt,
      )
      stopTasks(service, taskSet, mayStop(service, order).slice(0, live.length - desired))
    }
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
    const earlier = sets.filter((taskSet) => taskSet !== primary)
    if (!primary || service.status !== 'ACTIVE' || service.desiredCount === 0) {
      for (const taskSet of sets) scale(service, taskSet, 0)
      return
    }
    const primaryLive = state.tasksOf(primary).filter(isLive)
    const earlierLive = earlier.flatMap((taskSet) => state.tasksOf(taskSet).filter(isLive))
    const step = rollingStep({
      ...service,
      primary: primaryLive.length,
      primaryHealthy: primaryLive.filter(well).length,
      earlier: earlierLive.length,
      earlierHealthy: earlierLive.filter(well).length,
    })
    if (step.start > 0 && primary.rolloutState !== 'FAILED') startTasks(service, primary, step.start)
    if (primaryLive.length > service.desiredCount) scale(service, primary, service.desiredCount)
    const unhealthyFirst = [...earlierLive].sort((a, b) => Number(well(a)) - Number(well(b)))
    for (const task of mayStop(service, unhealthyFirst).slice(0, step.stopEarlier)) {
      const taskSet = earlier.find(({ id }) => id === task.taskSetId)
      if (taskSet) stopTasks(service, taskSet, [task])
    }
  }

  function startTasks(service: ServiceRecord, taskSet: TaskSetRecord, count: number): void {
    const wait = failures.waitMs(taskSet.id)
    if (wait > 0) {
      later(`${taskSet.id}/back-off`, service, wait)
      return
    }
    const definition = state.findTaskDefinition(taskSet.taskDefinitionArn)
    if (!definition) return
    const started = Array.from({ length: count }, () =>
      tasks.launch({
        definition,
        clusterName: service.clusterName,
        serviceName: service.name,
        taskSetId: taskSet.id,
        group: `service:${service.name}`,
        startedBy: taskSet.id,
        launchType: service.launchType ?? 'FARGATE',
        overrides: {},
        network: taskSet.network ?? service.network,
        tags: service.propagateTags === 'SERVICE' ? service.tags : [],
        loadBalancer: taskSet.loadBalancer,
        resumed: resuming,
      }),
    )
    events.add(
      service,
      taskSet,
      `has started ${count} tasks: ${started.map((task) => `(task ${task.id})`).join(' ')}.`,
    )
  }

  function stopTasks(service: ServiceRecord, taskSet: TaskSetRecord, victims: readonly TaskRecord[]): void {
    if (victims.length === 0) return
    if (taskSet.loadBalancer)
      events.add(service, taskSet, `has begun draining connections on ${victims.length} tasks.`)
    for (const task of victims) {
      tasks.stop(task.id, {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: `Scaling activity initiated by (deployment ${taskSet.id})`,
        drainFirst: true,
      })
    }
    events.add(
      service,
      taskSet,
      `has stopped ${victims.length} running tasks: ${victims.map((task) => `(task ${task.id})`).join(' ')}.`,
    )
  }

  /** Checks count from the end of the grace period, which begins when the task runs. */
  function replaceUnhealthy(service: ServiceRecord, taskSet: TaskSetRecord): void {
    for (const task of state.tasksOf(taskSet).filter(isRunning)) {
      const answered = hasAnswered(dependencies.loadBalancing, task)
      if (answered && !task.answered) state.tasks.put(task.id, { ...task, answered })
      const reason = unhealthyReason(dependencies.loadBalancing, task)
      if (reason === undefined) continue
      const graceEnds = (task.startedAt ?? 0) + graceMs(context.clock, service.gracePeriodSeconds, answered)
      const left = graceEnds - context.clock.now()
      if (left > 0) {
        later(`${task.id}/grace/${answered}`, service, left)
        continue
      }
      events.add(service, taskSet, `${reason.event}`)
      failures.count(taskSet.id, false)
      tasks.stop(task.id, {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: reason.stoppedReason,
        drainFirst: true,
      })
    }
  }

  /** Says what the set has become: steady or not, completed, failed, gone. */
  function settle(service: ServiceRecord, before: TaskSetRecord): void {
    const taskSet = state.taskSets.get(before.id)
    if (!taskSet) return
    const members = state.tasksOf(taskSet)
    const live = members.filter(isLive)
    const ended = members.every((task) => task.lastStatus === 'STOPPED')
    const replaced = service.controller === 'ECS' && taskSet.status !== 'PRIMARY' && live.length === 0
    if ((taskSet.status === 'DRAINING' || service.status !== 'ACTIVE' || replaced) && ended) {
      state.taskSets.delete(taskSet.id)
      return
    }
    const wanted =
      service.controller === 'ECS' && taskSet.status !== 'PRIMARY'
        ? 0
        : computedDesiredCount(service, taskSet)
    const steady = live.length === wanted && live.every(well)
    const stabilityStatus = steady ? 'STEADY_STATE' : 'STABILIZING'
    if (stabilityStatus === taskSet.stabilityStatus) return
    const now = context.clock.now()
    const completes = steady && service.controller === 'ECS' && taskSet.rolloutState === 'IN_PROGRESS'
    state.taskSets.put(taskSet.id, {
      ...taskSet,
      stabilityStatus,
      stabilityStatusAt: now,
      updatedAt: now,
      ...(steady ? { failedTasks: 0 } : {}),
      ...(completes ? { rolloutState: 'COMPLETED' as const } : {}),
    })
    if (completes) events.deployment(service, taskSet, 'SERVICE_DEPLOYMENT_COMPLETED')
    if (steady) events.add(service, taskSet, 'has reached a steady state.')
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
    const unasked = prior && isLive(prior) && !isLive(task)
    if (unasked && task.stopCode === 'TaskFailedToStart') failures.count(task.taskSetId, true)
    if (unasked && task.stopCode === 'EssentialContainerExited') failures.count(task.taskSetId, false)
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
    steady: (taskSetId, signal) =>
      until(() => isSteady(state, dependencies.loadBalancing, taskSetId), signal),
    async settled(taskSetId, signal) {
      const ending = () => isEnding(state, taskSetId)
      await until(() => ending() || isSteady(state, dependencies.loadBalancing, taskSetId), signal)
      return ending() ? 'ending' : 'steady'
    },
    gone: (taskSetId, signal) => until(() => !state.taskSets.has(taskSetId), signal),
    start() {
      stopped = false
      ends.push(tasks.onChange(onTask))
      ends.push(
        dependencies.loadBalancing.onTargetHealth((targetGroupArn, target) => {
          const task = state.tasks
            .values()
            .find(
              (candidate) =>
                candidate.target?.targetGroupArn === targetGroupArn &&
                candidate.target.id === target.id &&
                candidate.target.port === target.port,
            )
          if (task?.serviceName !== undefined) kick({ clusterName: task.clusterName, name: task.serviceName })
        }),
      )
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
