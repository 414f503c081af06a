/**
 * Runs tasks as containers of an engine: Docker, Podman, and what speaks their API. A container that only waits holds the
 * network namespace of a task, as ECS's own does, and the task's containers share it. The engine is looked for when the
 * first task needs it.
 *
 * What a container gets beyond its definition is in `creation.ts`; how it reaches the emulator in `names.ts` and `relay/`.
 */
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import type { EmulatorContext } from '../../service.ts'
import { collectLines } from '../task/output-lines.ts'
import { createStartLimiter, hasStarted } from '../task/start-limiter.ts'
import type {
  ContainerExit,
  ContainerSpec,
  RemovableRuntime,
  RunningContainer,
  TaskNetwork,
  TaskSpec,
} from '../task/task-runtime.ts'
import { creationOf } from './creation.ts'
import {
  attachOutput,
  createContainer,
  execute,
  inspect,
  removeContainer,
  signalContainer,
  waitForExit,
} from './engine/containers.ts'
import { EngineError } from './engine/engine-error.ts'
import { separateOutput } from './engine/output-frames.ts'
import { removeLeftovers } from './leftovers.ts'
import type { ContainerDoors } from './names.ts'
import { openPlace, type Place } from './place.ts'
import type { AttachedTask } from './task-namespace.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
/** 128 and the number of SIGKILL. */
const killedCode = 137
const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage'

export function createContainerRuntime(
  context: Pick<EmulatorContext, 'stateDir' | 'authority'>,
  doors: ContainerDoors,
): RemovableRuntime {
  const directory = join(context.stateDir, 'container')
  const starts = createStartLimiter()
  const tasks = new Map<string, AttachedTask>()
  let serveMetadata: (socket: Duplex) => void = (socket) => void socket.destroy()
  let opening: Promise<Place> | undefined
  let serial = 0

  /** Engine, network and relay: opened by the first task, and again where that failed. */
  function place(): Promise<Place> {
    if (opening) return opening
    const attempt = openPlace({ context, directory, doors, serveMetadata: (socket) => serveMetadata(socket) })
    opening = attempt
    attempt.catch(() => {
      opening = undefined
    })
    return attempt
  }

  async function attach(task: TaskSpec): Promise<TaskNetwork> {
    const { namespaces } = await place()
    const attached = await namespaces.attach(task)
    tasks.set(task.taskId, attached)
    return {
      address: attached.address,
      metadata: 'link-local',
      localPort: async (containerPort) => attached.ports.get(containerPort) ?? containerPort,
      async release() {
        tasks.delete(task.taskId)
        await attached.release()
      },
    }
  }

  async function start(spec: ContainerSpec): Promise<RunningContainer> {
    const serves = Promise.withResolvers<void>()
    return starts.run(
      () => startNow(spec, serves.resolve),
      ({ exited }) => hasStarted(serves.promise, exited),
      spec.signal,
    )
  }

  async function startNow(spec: ContainerSpec, onServing: () => void): Promise<RunningContainer> {
    const { engine, images, naming, trust } = await place()
    const task = tasks.get(spec.taskId)
    if (!task) throw new Error(`task ${spec.taskId} is not attached to the network`)
    const imageName = await images.load(spec.image)
    await openMounts(spec, join(context.stateDir, 'tasks'))
    const body = creationOf({
      spec,
      task: task.spec,
      imageName,
      pauseId: task.pauseId,
      hostname: task.hostname,
      hostsFile: task.hostsFile,
      trust,
      naming,
      engine,
    })
    const name = `${naming.prefix}-${spec.taskId}-${spec.name}-${++serial}`
    const id = await inEcsWords('CannotCreateContainerError', createContainer(engine, name, body))
    try {
      // Podman prepares the container here, and finds what it cannot run.
      const connection = await inEcsWords('CannotStartContainerError', attachOutput(engine, id))
      const streams = separateOutput(connection)
      const closed = Promise.all(streams.map(closeOf))
      collectLines(streams, spec.onOutput)
      await inEcsWords('CannotStartContainerError', engine.client.call('POST', `/containers/${id}/start`))
      const ended = exitOf(id, closed)
      let killed = false
      const exited = ended.then(({ code, outOfMemory: reported }): ContainerExit => {
        // Not every engine says so; nothing else ends a container that way.
        const exhausted = reported || (code === killedCode && !killed && isLimited(spec, task))
        return { code, signal: null, ...(exhausted ? { reason: outOfMemory } : {}) }
      })
      const { State } = await inspect(engine, id).catch(() => ({ State: { Pid: 0 } }))
      const port =
        spec.containerPort === undefined ? undefined : await spec.network.localPort(spec.containerPort)
      return {
        pid: engine.isLocal ? (State.Pid ?? 0) : 0,
        address: spec.network.address,
        port,
        exited,
        signal(signal) {
          if (signal === 'SIGKILL') killed = true
          // One that has ended needs none.
          signalContainer(engine, id, signal).catch(() => undefined)
        },
        run: (command, timeoutMs) => execute(engine, id, command, timeoutMs).catch(notRun),
        markStarted: onServing,
      }
    } catch (error) {
      await removeContainer(engine, id).catch(() => undefined)
      throw error
    }
  }

  /** The container is removed before its exit is known, so that the next one finds what it used free. */
  async function exitOf(
    id: string,
    closed: Promise<unknown>,
  ): Promise<{ code: number; outOfMemory: boolean }> {
    const { engine } = await place()
    // Its output ends with it, and to wait costs some engines a look every moment.
    await closed
    const code = await waitForExit(engine, id)
    const { State } = await inspect(engine, id).catch(() => ({ State: {} as { OOMKilled?: boolean } }))
    await removeContainer(engine, id).catch(() => undefined)
    return { code, outOfMemory: State.OOMKilled === true }
  }

  return {
    attach,
    async prepare(image) {
      await (await place()).images.load(image)
    },
    start,
    onMetadata(serve) {
      serveMetadata = serve
    },
    async endLeftovers() {
      await removeLeftovers(context.stateDir)
      await rm(directory, { recursive: true, force: true })
      await mkdir(directory, { recursive: true, mode: 0o755 })
    },
    async close() {
      const opened = await opening?.catch(() => undefined)
      opening = undefined
      await opened?.close()
    },
    async removeImagesExcept(isKept) {
      const opened = await opening?.catch(() => undefined)
      await opened?.images.removeExcept(isKept)
    },
  }
}

/**
 * The directories were made for the emulator's user alone. A volume belongs to root on Fargate, and others may read it; what
 * an access point of a file system says of users is not enforced, so every user of a container may write there.
 */
async function openMounts({ mounts }: ContainerSpec, taskVolumes: string): Promise<void> {
  for (const { directory } of mounts)
    await chmod(directory, directory.startsWith(taskVolumes) ? 0o755 : 0o777)
}

const isLimited = (spec: ContainerSpec, task: AttachedTask) =>
  (spec.memoryMiB ?? task.spec.memoryMiB) !== undefined

/** What the engine says, under the name that ECS has for such a failure. */
async function inEcsWords<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause
    throw new Error(`${name}: Error response from daemon: ${cause.message}${fixOf(cause.message)}`, { cause })
  }
}

/** What of this machine an engine lacks, and how it comes there. */
function fixOf(message: string): string {
  if (!/container-init binary not found|docker-init/.test(message)) return ''
  return ' — initProcessEnabled needs an init program: sudo apt-get install catatonit'
}

/** A command that the container does not have fails, as in a shell; so does one in a container that has ended. */
function notRun(error: unknown): number | null {
  const text = error instanceof Error ? error.message : String(error)
  return /not found|no such file|executable file/i.test(text) ? 127 : null
}

/** Resolves when the stream has been read to its end. */
function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()))
}
