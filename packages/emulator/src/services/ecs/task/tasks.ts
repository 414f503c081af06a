/** The tasks of the emulator. Each runs on its own (`life.ts`); listeners are notified of every change of a task. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskEndpoint } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { ContainerChange, TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { runTask, type StopRequest } from './life.ts'
import {
  changesState,
  type LaunchRequest,
  newTask,
  pruneStopped,
  stoppedNow,
  withContainer,
} from './records.ts'
import { deregisterTarget } from './target.ts'
import { taskEventDetail } from './view.ts'

export type TaskChange = (task: TaskRecord, prior: TaskRecord | undefined) => void

export interface Tasks {
  launch(request: LaunchRequest): TaskRecord
  /** Asks a task to stop; does nothing for a task that stops already. */
  stop(taskId: string, request: StopRequest): void
  /** Resolves when the task is STOPPED. */
  stopped(taskId: string): Promise<void>
  onChange(listener: TaskChange): () => void
  /** Marks the tasks of an earlier emulator as stopped, and removes their files. */
  closeLeftovers(): Promise<void>
  /** Stops every task at once, because the emulator stops. */
  shutDown(): Promise<void>
}

interface RunningTask {
  readonly stop: AbortController
  request: StopRequest | undefined
  readonly stopped: Promise<void>
}

/** Wait between attempts to record how a task ended. */
const RECORD_RETRY_MS = 1_000

class StopRequested extends Error {}

export function createTasks(
  context: EmulatorContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
): Tasks {
  const running = new Map<string, RunningTask>()
  const listeners = new Set<TaskChange>()
  let shutdown = new AbortController()

  function change(id: string, update: Partial<TaskRecord>): TaskRecord {
    const prior = state.tasks.get(id)
    if (!prior) throw new Error(`task ${id} is not in the store`)
    const task = { ...prior, ...update, version: (prior.version ?? 1) + 1 }
    state.tasks.save(task)
    notify(task, prior)
    return task
  }

  function notify(task: TaskRecord, prior: TaskRecord | undefined): void {
    if (changesState(task, prior)) {
      const detail = taskEventDetail(state, task, context.clock.now())
      context.events.emit('aws.ecs', 'ECS Task State Change', detail, [task.arn])
    }
    for (const listener of listeners) listener(task, prior)
  }

  function updateContainer(id: string, name: string, update: ContainerChange): void {
    const containers = state.tasks.get(id)?.containers ?? []
    change(id, { containers: withContainer(containers, name, update, context.clock.now()) })
  }

  /**
   * Tries until the store takes it: a disk that is full may have space at any time, and a task that has ended but is not
   * STOPPED would keep its service from starting another.
   */
  async function recordEnd(id: string, stoppedReason: string): Promise<void> {
    const target = state.tasks.get(id)?.target
    const isOpen = () => (state.tasks.get(id)?.lastStatus ?? 'STOPPED') !== 'STOPPED'
    while (isOpen() && !shutdown.signal.aborted) {
      try {
        const failure = stoppedNow({ stopCode: 'TaskFailedToStart', stoppedReason })
        change(id, { ...failure, stoppedAt: context.clock.now() })
      } catch (error) {
        console.error(`the end of task ${id} could not be recorded:`, error)
        await context.clock.sleepReal(RECORD_RETRY_MS, shutdown.signal).catch(() => undefined)
      }
    }
    // It is registered still where the failure came before the task left its target group.
    if (target) await deregisterTarget(dependencies.elbv2, target)
  }

  function launch(request: LaunchRequest): TaskRecord {
    const task = newTask(context, state, request, (subnetId) => dependencies.zoneOf?.(subnetId))
    state.tasks.save(task)
    const stop = new AbortController()
    const stopped = Promise.withResolvers<void>()
    running.set(task.id, { stop, request: undefined, stopped: stopped.promise })
    notify(task, undefined)
    runTask({
      context,
      state,
      dependencies,
      endpoint,
      task,
      request,
      stopRequested: stop.signal,
      shutdown: shutdown.signal,
      stopRequest: () => running.get(task.id)?.request,
      change: (update) => change(task.id, update),
      updateContainer: (name, update) => updateContainer(task.id, name, update),
    })
      // `runTask` handles every failure of a task: an error here is a defect, or a store that cannot be written.
      .catch((error: unknown) => recordEnd(task.id, `internal error: ${error}`))
      .catch((error: unknown) => console.error(`task ${task.id} could not leave its target group:`, error))
      .finally(() => {
        running.delete(task.id)
        pruneStopped(state)
        stopped.resolve()
      })
    return task
  }

  return {
    launch,
    stop(taskId, request) {
      const entry = running.get(taskId)
      const task = state.tasks.get(taskId)
      if (!entry || !task || task.desiredStatus === 'STOPPED') return
      entry.request = request
      change(taskId, { desiredStatus: 'STOPPED' })
      entry.stop.abort(new StopRequested(request.stoppedReason))
    },
    stopped: async (taskId) => running.get(taskId)?.stopped,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async closeLeftovers() {
      await rm(join(context.stateDir, 'tasks'), { recursive: true, force: true })
      for (const task of state.tasks.values()) {
        if (task.lastStatus === 'STOPPED') continue
        if (task.target) deregisterTarget(dependencies.elbv2, task.target)
        change(task.id, {
          ...stoppedNow({ stopCode: 'TerminationNotice', stoppedReason: 'The emulator was stopped.' }),
          stoppedAt: context.clock.now(),
        })
      }
    },
    async shutDown() {
      shutdown.abort()
      const stopping = [...running.values()]
      for (const { stop } of stopping) stop.abort(new StopRequested('the emulator stops'))
      await Promise.all(stopping.map(({ stopped }) => stopped))
      shutdown = new AbortController()
    },
  }
}
