/**
 * The service scheduler: brings each task set to the number of tasks that it should have, replaces what fails
 * its checks or ends, and says when a set is steady. It runs after every change and never waits itself: tasks
 * live on their own, and report.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
import type { RegionContext } from '../../service.ts'
import type { EcsDependencies } from './index.ts'
import {
  backOffMs,
  circuitBreakerThreshold,
  computedDesiredCount,
  isLive,
  isPending,
  isRunning,
  rollingStep,
  type ServiceRecord,
  type TaskRecord,
  type TaskSetRecord,
} from './model.ts'
import { createServiceEvents } from './service-events.ts'
import type { EcsState } from './state.ts'
import { serviceKey } from './state.ts'
import type { Tasks } from './tasks.ts'

export interface Scheduler {
  /** Has the service looked at soon. */
  kick(service: ServiceRecord): void
  /** Resolves when the task set is steady; rejects with the signal's reason. */
  steady(taskSetId: string, signal: AbortSignal): Promise<void>
  /** Resolves when the task set has drained and is gone; rejects with the signal's reason. */
  gone(taskSetId: string, signal?: AbortSignal): Promise<void>
  /** Takes the services up again. */
  start(): void
  stop(): void
}

export interface SchedulerHooks {
  /** The circuit breaker asks for the last deployment that completed. */
  rollBack(service: ServiceRecord, failed: TaskSetRecord): void
}

export function createScheduler(
  context: RegionContext,
  state: EcsState,
  dependencies: EcsDependencies,
  tasks: Tasks,
  hooks: SchedulerHooks,
): Scheduler {
  const events = createServiceEvents(context, state)
  const kicked = new Set<string>()
  const waiters = new Set<() => void>()
  const timers = new Map<string, AbortController>()
  const retryAt = new Map<string, number>()
  let stopped = false
  let resuming = false

  function kick(service: Pick<ServiceRecord, 'clusterName' | 'name'>): void {
    const key = serviceKey(service.clusterName, service.name)
    if (stopped || kicked.has(key)) return
    kicked.add(key)
    setImmediate(() => {
      kicked.delete(key)
      const current = state.services.get(key)
      if (current && !stopped) reconcile(current)
      for (const wake of waiters) wake()
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
      stopTasks(service, taskSet, order.slice(0, live.length - desired))
    }
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
      primaryHealthy: primaryLive.filter(isHealthy).length,
      earlier: earlierLive.length,
      earlierHealthy: earlierLive.filter(isHealthy).length,
    })
    if (step.start > 0 && primary.rolloutState !== 'FAILED') startTasks(service, primary, step.start)
    if (primaryLive.length > service.desiredCount) scale(service, primary, service.desiredCount)
    const unhealthyFirst = [...earlierLive].sort((a, b) => Number(isHealthy(a)) - Number(isHealthy(b)))
    for (const task of unhealthyFirst.slice(0, step.stopEarlier)) {
      const taskSet = earlier.find(({ id }) => id === task.taskSetId)
      if (taskSet) stopTasks(service, taskSet, [task])
    }
  }

  function startTasks(service: ServiceRecord, taskSet: TaskSetRecord, count: number): void {
    const wait = (retryAt.get(taskSet.id) ?? 0) - context.clock.now()
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
      const reason = unhealthyReason(task)
      if (reason === undefined) continue
      const graceEnds = (task.startedAt ?? 0) + context.clock.toReal(service.gracePeriodSeconds * 1000)
      const left = graceEnds - context.clock.now()
      if (left > 0) {
        later(`${task.id}/grace`, service, left)
        continue
      }
      events.add(service, taskSet, `${reason.event}`)
      countFailure(taskSet.id, false)
      tasks.stop(task.id, {
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: reason.stoppedReason,
        drainFirst: true,
      })
    }
  }

  function unhealthyReason(task: TaskRecord): { event: string; stoppedReason: string } | undefined {
    if (task.containers.some(({ healthStatus }) => healthStatus === 'UNHEALTHY')) {
      return {
        event: `(task ${task.id}) failed container health checks.`,
        stoppedReason: 'Task failed container health checks',
      }
    }
    if (!task.target) return undefined
    const { targetGroupArn, ...target } = task.target
    const health = dependencies.loadBalancing.targetHealth(targetGroupArn, target)
    if (health?.state !== 'unhealthy') return undefined
    return {
      event:
        `(port ${target.port}) is unhealthy in (target-group ${targetGroupArn}) due to ` +
        `(reason ${health.description ?? health.reason ?? 'Health checks failed'})`,
      stoppedReason: `Task failed ELB health checks in (target-group ${targetGroupArn})`,
    }
  }

  function isHealthy(task: TaskRecord): boolean {
    if (!isRunning(task)) return false
    const checked = state.findTaskDefinition(task.taskDefinitionArn)?.input.containerDefinitions ?? []
    for (const { name, healthCheck } of checked) {
      const container = task.containers.find((candidate) => candidate.name === name)
      if (healthCheck && container?.healthStatus !== 'HEALTHY') return false
    }
    if (!task.target) return true
    const { targetGroupArn, ...target } = task.target
    const health = dependencies.loadBalancing.targetHealth(targetGroupArn, target)
    // A target group that no rule forwards to is not checked, and so holds nothing up.
    return health?.state === 'healthy' || health?.state === 'unused'
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
    const steady = live.length === wanted && live.every(isHealthy)
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

  /** Only tasks that never reached RUNNING make the scheduler wait before it tries again. */
  function countFailure(taskSetId: string, neverRan: boolean): void {
    const taskSet = state.taskSets.get(taskSetId)
    const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    if (!taskSet || !service) return
    const failedStarts = neverRan ? taskSet.failedStarts + 1 : taskSet.failedStarts
    const failed = { ...taskSet, failedStarts, failedTasks: taskSet.failedTasks + 1 }
    if (neverRan) {
      retryAt.set(taskSetId, context.clock.now() + context.clock.toReal(backOffMs(failedStarts)))
      if (failedStarts >= 3)
        events.add(service, taskSet, 'is unable to consistently start tasks successfully.')
    }
    const breaks =
      service.controller === 'ECS' &&
      service.circuitBreaker.enable &&
      taskSet.rolloutState === 'IN_PROGRESS' &&
      failed.failedTasks >= circuitBreakerThreshold(service.desiredCount)
    state.taskSets.put(taskSetId, breaks ? { ...failed, rolloutState: 'FAILED' } : failed)
    if (!breaks) return
    events.deployment(service, taskSet, 'SERVICE_DEPLOYMENT_FAILED')
    events.add(service, taskSet, `(deployment ${taskSet.id}) deployment failed: tasks failed to start.`)
    if (service.circuitBreaker.rollback) hooks.rollBack(service, failed)
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
    if (unasked && task.stopCode === 'TaskFailedToStart') countFailure(task.taskSetId, true)
    if (unasked && task.stopCode === 'EssentialContainerExited') countFailure(task.taskSetId, false)
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

  /** Resolves as soon as `done` holds; asked again after every look at a service. */
  function until(done: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settleWith = (act: () => void) => {
        waiters.delete(check)
        signal?.removeEventListener('abort', onAbort)
        act()
      }
      const check = () => {
        if (done()) settleWith(resolve)
      }
      const onAbort = () => settleWith(() => reject(signal?.reason))
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      waiters.add(check)
      check()
    })
  }

  const ends: (() => void)[] = []
  return {
    kick,
    steady: (taskSetId, signal) =>
      until(() => {
        const taskSet = state.taskSets.get(taskSetId)
        const service = taskSet && state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
        if (!taskSet || !service) return false
        const live = state.tasksOf(taskSet).filter(isLive)
        return live.length === computedDesiredCount(service, taskSet) && live.every(isHealthy)
      }, signal),
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

/** Counts as DescribeTaskSets gives them. */
export function taskCounts(
  state: EcsState,
  taskSet: TaskSetRecord,
): { runningCount: number; pendingCount: number } {
  const members = state.tasksOf(taskSet)
  return { runningCount: members.filter(isRunning).length, pendingCount: members.filter(isPending).length }
}
