/**
 * The tasks of the emulator: each lives on its own (`task-life.ts`), and whoever listens is told of every change of
 * any of them.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskEndpoint } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { ContainerChange, TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { liveTask, type StopRequest } from './life.ts'
import {
  changesState,
  type LaunchRequest,
  newTask,
  pruneStopped,
  stoppedNow,
  withContainer,
} from './records.ts'
import { taskEventDetail } from './view.ts'

export type TaskChange = (task: TaskRecord, prior: TaskRecord | undefined) => void

export interface Tasks {
  launch(request: LaunchRequest): TaskRecord
  /** Asks a task to end; does nothing when it is ending already. */
  stop(taskId: string, request: StopRequest): void
  /** Resolves when the task is STOPPED. */
  stopped(taskId: string): Promise<void>
  onChange(listener: TaskChange): () => void
  /** Marks what an earlier emulator left as stopped, and removes the files of its tasks. */
  closeLeftovers(): Promise<void>
  /** Ends every task at once, because the emulator stops. */
  shutDown(): Promise<void>
}

interface Life {
  readonly stop: AbortController
  request: StopRequest | undefined
  readonly ended: Promise<void>
}

class Stopping extends Error {}

export function createTasks(
  context: EmulatorContext,
  state: EcsState,
  dependencies: EcsDependencies,
  endpoint: TaskEndpoint,
): Tasks {
  const lives = new Map<string, Life>()
  const listeners = new Set<TaskChange>()
  let shutdown = new AbortController()

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

  function updateContainer(id: string, name: string, update: ContainerChange): void {
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
    liveTask({
      context,
      state,
      dependencies,
      endpoint,
      task,
      request,
      asked: stop.signal,
      shutdown: shutdown.signal,
      stopRequest: () => lives.get(task.id)?.request,
      change: (update) => change(task.id, update),
      updateContainer: (name, update) => updateContainer(task.id, name, update),
    })
      .catch((error: unknown) => {
        // The state machine handles every failure of a task; what arrives here is a defect of the emulator.
        const stoppedReason = `internal error: ${error}`
        change(task.id, {
          ...stoppedNow({ stopCode: 'TaskFailedToStart', stoppedReason }),
          stoppedAt: context.clock.now(),
        })
      })
      .finally(() => {
        lives.delete(task.id)
        pruneStopped(state)
        ended.resolve()
      })
    return task
  }

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
          dependencies.elbv2.deregisterTarget(targetGroupArn, target).catch(() => undefined)
        }
        change(task.id, {
          ...stoppedNow({ stopCode: 'TerminationNotice', stoppedReason: 'The emulator was stopped.' }),
          stoppedAt: context.clock.now(),
        })
      }
    },
    async shutDown() {
      shutdown.abort()
      const ending = [...lives.values()]
      for (const life of ending) life.stop.abort(new Stopping('the emulator stops'))
      await Promise.all(ending.map((life) => life.ended))
      shutdown = new AbortController()
    },
  }
}
