/**
 * The life of a task: PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING →
 * DEPROVISIONING → STOPPED, each step written to the store before the next begins. A task that its service stops
 * is deregistered first, and is only sent SIGTERM once the load balancer says `unused`.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container } from '@aws-sdk/client-ecs'
import type { TaskEndpoint, TaskNetwork } from '../../runtime/index.ts'
import type { RegionContext } from '../../service.ts'
import { imagePins } from './image-pins.ts'
import type { EcsDependencies } from './index.ts'
import type { TaskRecord } from './model.ts'
import type { EcsState } from './state.ts'
import { answerTask, type TaskAnswering } from './task-answers.ts'
import { createTaskContainers, EssentialExit, type TaskContainers } from './task-containers.ts'
import {
  changesState,
  type LaunchRequest,
  newTask,
  pruneStopped,
  stoppedNow,
  withContainer,
} from './task-records.ts'
import { TaskStartError } from './task-start-error.ts'
import { registerTarget, targetOf } from './task-target.ts'
import { taskEventDetail } from './task-view.ts'

/** What Fargate takes for the network interface and the micro VM, for placement, and for clearing away. */
const PROVISIONING_MS = 12_000
const PENDING_MS = 10_000
/** From a task's creation to the start of its containers, in AWS time. */
export const provisioningMs = PROVISIONING_MS + PENDING_MS
const DEPROVISIONING_MS = 8_000
/** What a task gets between SIGTERM and SIGKILL when the whole region stops. */
const SHUTDOWN_LIMIT_MS = 2_000

export interface StopRequest {
  readonly stopCode: NonNullable<TaskRecord['stopCode']>
  readonly stoppedReason: string
  /** Deregister and wait before SIGTERM, as a service does; false for StopTask, which does not wait. */
  readonly drainFirst: boolean
}

export type TaskChange = (task: TaskRecord, prior: TaskRecord | undefined) => void

export interface Tasks {
  launch(request: LaunchRequest): TaskRecord
  /** Asks a task to end; does nothing when it is ending already. */
  stop(taskId: string, request: StopRequest): void
  /** Resolves when the task is STOPPED. */
  stopped(taskId: string): Promise<void>
  onChange(listener: TaskChange): () => void
  /** Marks what an earlier region left as stopped, and removes the files of its tasks. */
  closeLeftovers(): Promise<void>
  /** Ends every task at once, because the region stops. */
  shutDown(): Promise<void>
}

interface Life {
  readonly stop: AbortController
  request: StopRequest | undefined
  readonly ended: Promise<void>
}

class Stopping extends Error {}

const essentialExit = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
} as const

export function createTasks(
  context: RegionContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
): Tasks {
  const lives = new Map<string, Life>()
  const listeners = new Set<TaskChange>()
  let shuttingDown = false

  function change(id: string, update: Partial<TaskRecord>): TaskRecord {
    const prior = state.tasks.get(id)
    if (!prior) throw new Error(`task ${id} is not in the store`)
    const task = { ...prior, ...update, version: (prior.version ?? 1) + 1 }
    state.tasks.put(id, task)
    announce(task, prior)
    return task
  }

  function announce(task: TaskRecord, prior: TaskRecord | undefined): void {
    if (changesState(task, prior)) {
      const detail = taskEventDetail(state, task, context.clock.now())
      context.events.emit('aws.ecs', 'ECS Task State Change', detail, [task.arn])
    }
    for (const listener of listeners) listener(task, prior)
  }

  function updateContainer(id: string, name: string, update: Partial<Container>): void {
    const containers = state.tasks.get(id)?.containers ?? []
    change(id, { containers: withContainer(containers, name, update, context.clock.now()) })
  }

  function launch(request: LaunchRequest): TaskRecord {
    const task = newTask(context, state, request, (subnetId) => dependencies.zoneOf?.(subnetId))
    state.tasks.put(task.id, task)
    const stop = new AbortController()
    const ended = Promise.withResolvers<void>()
    lives.set(task.id, { stop, request: undefined, ended: ended.promise })
    announce(task, undefined)
    live(task, request, stop.signal)
      .catch((error: unknown) => {
        // The state machine handles every failure of a task; what arrives here is a defect of the region.
        change(
          task.id,
          stoppedNow({ stopCode: 'TaskFailedToStart', stoppedReason: `internal error: ${error}` }),
        )
      })
      .finally(() => {
        lives.delete(task.id)
        pruneStopped(state)
        ended.resolve()
      })
    return task
  }

  async function live(task: TaskRecord, request: LaunchRequest, signal: AbortSignal): Promise<void> {
    const { id } = task
    const wait = (ms: number) => context.clock.sleepAws(request.resumed ? 0 : ms, signal)
    const pins = imagePins(state, request.definition, request.taskSetId)
    let network: TaskNetwork | undefined
    let containers: TaskContainers | undefined
    let answering: TaskAnswering | undefined
    let failure: { stopCode: NonNullable<TaskRecord['stopCode']>; stoppedReason: string } | undefined
    try {
      network = await dependencies.runtime.attach(id)
      await wait(PROVISIONING_MS)
      change(id, { lastStatus: 'PENDING', address: network.address, connectivityAt: context.clock.now() })
      await wait(PENDING_MS)
      change(id, { lastStatus: 'ACTIVATING' })
      answering = answerTask(context, state, dependencies, endpoint, task)
      containers = createTaskContainers({
        context,
        dependencies,
        definition: request.definition,
        task,
        network,
        platformEnvironment: answering.variables,
        pinned: pins.reference,
        update(name, update) {
          if (update.imageDigest !== undefined) pins.found(name, update.imageDigest)
          updateContainer(id, name, update)
        },
        updateTask: (update) => change(id, update),
      })
      await containers.start(signal)
      const target = await targetOf(request.loadBalancer, network)
      // In one, so that no target is registered of which no task knows.
      context.store.transaction(() => {
        if (target) registerTarget(dependencies, target)
        change(id, { lastStatus: 'RUNNING', startedAt: context.clock.now(), ...(target ? { target } : {}) })
      })
      const ending = new AbortController()
      settleWhenWell(containers, target, ending.signal)
      await Promise.race([containers.essentialExited, aborted(signal)])
      ending.abort()
      if (!signal.aborted) failure = essentialExit
    } catch (error) {
      if (error instanceof EssentialExit) failure = essentialExit
      else if (!signal.aborted) {
        const stoppedReason = error instanceof Error ? error.message : String(error)
        failure = { stopCode: 'TaskFailedToStart', stoppedReason }
        if (!(error instanceof TaskStartError)) failure.stoppedReason = `InternalError: ${stoppedReason}`
      }
    }
    await end(id, failure, containers)
    answering?.end()
    await network?.release()
    await rm(join(context.stateDir, 'tasks', id), { recursive: true, force: true })
    if (!shuttingDown) await context.clock.sleepAws(DEPROVISIONING_MS)
    const { containers: last = [] } = state.tasks.get(id) ?? {}
    change(id, {
      // Those that never started are stopped too.
      containers: last.map((container) => ({ ...container, lastStatus: 'STOPPED' })),
      lastStatus: 'STOPPED',
      stoppedAt: context.clock.now(),
    })
  }

  /** A task that nobody checks has started when it runs. */
  function settleWhenWell(
    containers: TaskContainers,
    target: NonNullable<TaskRecord['target']> | undefined,
    signal: AbortSignal,
  ): void {
    if (!target) {
      containers.settle()
      return
    }
    dependencies.loadBalancing.targetHealthy(target.targetGroupArn, target, signal).then(
      () => containers.settle(),
      () => undefined,
    )
  }

  /** Everything between the decision to end a task and its last process. */
  async function end(
    id: string,
    failure: { stopCode: NonNullable<TaskRecord['stopCode']>; stoppedReason: string } | undefined,
    containers: TaskContainers | undefined,
  ): Promise<void> {
    const request = lives.get(id)?.request
    const reason = failure ??
      request ?? { stopCode: 'TerminationNotice' as const, stoppedReason: 'The region was stopped.' }
    const task = change(id, {
      lastStatus: 'DEACTIVATING',
      desiredStatus: 'STOPPED',
      stopCode: reason.stopCode,
      stoppedReason: reason.stoppedReason,
      stoppingAt: context.clock.now(),
    })
    if (task.target) {
      // Also when the region stops, though nobody waits then: a target that stayed registered would be an
      // unhealthy one after the next start, for ever.
      const { targetGroupArn, ...target } = task.target
      const unused = dependencies.loadBalancing
        .deregisterTarget(targetGroupArn, target)
        .catch(() => undefined)
      if (!failure && !shuttingDown && request?.drainFirst) {
        await Promise.race([unused, containers?.essentialExited, shutDownAsked.promise])
      }
    }
    change(id, { lastStatus: 'STOPPING' })
    await containers?.stop(shuttingDown ? SHUTDOWN_LIMIT_MS : undefined)
    change(id, {
      lastStatus: 'DEPROVISIONING',
      ...(containers ? { executionStoppedAt: context.clock.now() } : {}),
    })
  }

  const shutDownAsked = Promise.withResolvers<void>()

  return {
    launch,
    stop(taskId, request) {
      const life = lives.get(taskId)
      const task = state.tasks.get(taskId)
      if (!life || !task || task.desiredStatus === 'STOPPED') return
      life.request = request
      change(taskId, { desiredStatus: 'STOPPED' })
      life.stop.abort(new Stopping(request.stoppedReason))
    },
    stopped: async (taskId) => lives.get(taskId)?.ended,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async closeLeftovers() {
      await rm(join(context.stateDir, 'tasks'), { recursive: true, force: true })
      for (const task of state.tasks.values()) {
        if (task.lastStatus === 'STOPPED') continue
        if (task.target) {
          const { targetGroupArn, ...target } = task.target
          dependencies.loadBalancing.deregisterTarget(targetGroupArn, target).catch(() => undefined)
        }
        change(task.id, {
          ...stoppedNow({ stopCode: 'TerminationNotice', stoppedReason: 'The region was stopped.' }),
          stoppedAt: context.clock.now(),
        })
      }
    },
    async shutDown() {
      shuttingDown = true
      shutDownAsked.resolve()
      const ending = [...lives.values()]
      for (const life of ending) life.stop.abort(new Stopping('the region stops'))
      await Promise.all(ending.map((life) => life.ended))
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
