/**
 * Runs containers as processes of this machine: the application layers of the image, started by its command,
 * in a process group of their own. By design it runs neither the image's base nor its architecture, and gives a
 * task no file system of its own: tasks of one image share its unpacked root, and so must only write to mounts.
 *
 * What differs from a container is decided in `substitutions.ts`; this file only does it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EmulatorContext } from '../../service.ts'
import type { StoredImage } from '../../services/ecr/contract.ts'
import { createForwarders, type TaskForwarders } from '../network/name-forwarders.ts'
import { createTaskAddresses } from '../network/task-network.ts'
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
import { createCommands } from './container-commands.ts'
import { createFifoMaker } from './fifo-maker.ts'
import { reachesFirstProcess } from './first-process.ts'
import { createImageLayers, removePartial } from './image-layers.ts'
import { findJava, type JavaHome, javaMissing, javaVersion } from './java/find-java.ts'
import { createTrustStores } from './java/trust-store.ts'
import { openOutputPipes } from './output-pipes.ts'
import { endProcessGroup, identify, type ProcessIdentity, signalGroup } from './process-identity.ts'
import { isOriginal, processMark } from './process-mark.ts'
import { lowerPriority, restorePriority } from './processor-share.ts'
import {
  commandOf,
  isJava,
  mergedEnvironment,
  type ProcessPlan,
  replaceLoopback,
  substitute,
} from './substitutions.ts'

/** How long the end of a container waits for its last lines. */
const LAST_LINES_MS = 1_000

export function createProcessRuntime(
  context: Pick<EmulatorContext, 'stateDir' | 'store' | 'names' | 'authority'>,
): RemovableRuntime {
  const imagesDir = join(context.stateDir, 'images')
  mkdirSync(imagesDir, { recursive: true })
  removePartial(imagesDir)
  const pipesDir = join(context.stateDir, 'pipes')
  rmSync(pipesDir, { recursive: true, force: true })
  mkdirSync(pipesDir)
  const fifoMaker = createFifoMaker()
  const layers = createImageLayers(imagesDir)
  /** Digests of the images that containers run, once for each. */
  const inUse: string[] = []
  const nextAddress = createTaskAddresses()
  const processes = context.store.collection<ProcessIdentity>('runtime.processes')
  const forwarders = new Map<string, TaskForwarders>()
  const taskMemory = new Map<string, number>()
  const trustStores = createTrustStores(context.authority, join(context.stateDir, 'java'))
  const starts = createStartLimiter()

  async function attach({ taskId, memoryMiB }: TaskSpec): Promise<TaskNetwork> {
    const address = await nextAddress()
    const taskForwarders = createForwarders(context.names)
    forwarders.set(taskId, taskForwarders)
    if (memoryMiB !== undefined) taskMemory.set(taskId, memoryMiB)
    return {
      address: address.address,
      metadata: 'loopback',
      localPort: address.localPort,
      async release() {
        forwarders.delete(taskId)
        taskMemory.delete(taskId)
        if (forwarders.size === 0) fifoMaker.rest()
        await Promise.all([taskForwarders.close(), address.release()])
      },
    }
  }

  async function plan(spec: ContainerSpec): Promise<{ plan: ProcessPlan; port: number | undefined }> {
    const environment = mergedEnvironment(spec.image.config, spec.environment)
    const taskForwarders = forwarders.get(spec.taskId)
    if (!taskForwarders) throw new Error(`task ${spec.taskId} is not attached to the network`)
    const port =
      spec.containerPort === undefined ? undefined : await spec.network.localPort(spec.containerPort)
    const root = await layers.unpack(spec.image)
    const toRun = substitute({
      ...spec,
      image: spec.image.config,
      root,
      environment,
      address: spec.network.address,
      port,
      java: await javaOf(spec),
      names: await taskForwarders.reach(Object.values(environment)),
      certificateFile: context.authority.certificateFile,
      hostEnvironment: process.env,
    })
    return { port, plan: { ...toRun, env: { ...toRun.env, ...processMark(context.stateDir, 'task') } } }
  }

  async function javaOf(spec: ContainerSpec) {
    if (!isJava(commandOf({ ...spec, image: spec.image.config })[0])) return undefined
    const java = javaFor(spec.image)
    const memoryMiB = spec.memoryMiB ?? taskMemory.get(spec.taskId)
    return { ...java, trustStore: await trustStores.of(java), memoryMiB }
  }

  async function start(spec: ContainerSpec): Promise<RunningContainer> {
    const { digest } = spec.image
    const releaseImage = () => void inUse.splice(inUse.indexOf(digest), 1)
    inUse.push(digest)
    try {
      const { plan: toRun, port } = await plan(spec)
      const serves = Promise.withResolvers<void>()
      const container = await starts.run(
        () => startNow(spec, toRun, port, serves.resolve),
        ({ exited }) => hasStarted(serves.promise, exited),
        spec.signal,
      )
      container.exited.then(releaseImage, releaseImage)
      return container
    } catch (error) {
      releaseImage()
      throw error
    }
  }

  async function spawnWithOutput({ file, args, cwd, env }: ProcessPlan) {
    const pipes = await openOutputPipes(pipesDir, fifoMaker)
    const stdio = ['ignore' as const, ...(pipes?.writers ?? (['pipe', 'pipe'] as const))]
    try {
      const child = spawn(file, args, { cwd, env, detached: true, stdio })
      const streams = pipes?.readers ?? [child.stdout, child.stderr]
      return { child, streams: streams.filter((stream) => stream !== null) }
    } finally {
      pipes?.release()
    }
  }

  async function startNow(
    spec: ContainerSpec,
    toRun: ProcessPlan,
    port: number | undefined,
    onServing: () => void,
  ): Promise<RunningContainer> {
    const { child, streams } = await spawnWithOutput(toRun)
    if (child.pid !== undefined) lowerPriority(child.pid)
    const key = `${spec.taskId}/${spec.name}`
    const toTask = (command: readonly string[]) =>
      command.map((part) => replaceLoopback(part, spec.network.address, spec.containerPort, port))
    // Before anything is awaited, so that the process is recorded from its first moment on.
    const identity = child.pid === undefined ? undefined : identify(child.pid)
    if (identity) processes.put(key, identity)
    const [exited, closed] = [exitOf(child), Promise.all(streams.map(closeOf))]
    const commands = createCommands(toRun)
    const pid = await startedPid(child, toRun.file)
    collectLines(streams, spec.onOutput)
    return {
      pid,
      address: spec.network.address,
      port,
      exited: exited.then(async (exit) => {
        // A container ends with its first process, whatever else runs in it.
        signalGroup(pid, 'SIGKILL')
        commands.end()
        processes.delete(key)
        // Its last lines may still be in the pipe; a process that left the group may hold it open.
        await Promise.race([closed, sleep(LAST_LINES_MS, undefined, { ref: false })])
        return exit
      }),
      signal(signal) {
        if (signal === 'SIGKILL') signalGroup(pid, signal)
        else if (reachesFirstProcess(pid, signal)) child.kill(signal)
      },
      run: (command, timeoutMs) => commands.run(toTask(command), timeoutMs),
      markStarted() {
        restorePriority(pid)
        onServing()
      },
    }
  }

  async function endLeftovers(): Promise<void> {
    for (const [key, identity] of processes.entries()) {
      // A copy of a directory names the original's processes.
      if (isOriginal(context.stateDir)) endProcessGroup(identity)
      processes.delete(key)
    }
  }

  return {
    attach,
    async prepare(image) {
      // Before anything is unpacked: what is missing is said at once.
      if (isJava(commandOf({ image: image.config })[0])) javaFor(image)
      await layers.unpack(image)
    },
    start,
    endLeftovers,
    onMetadata: () => undefined,
    close: async () => undefined,
    removeImagesExcept: (isKept) => layers.removeExcept((digest) => inUse.includes(digest) || isKept(digest)),
  }
}

/** Throws where this machine has no Java of the image's version. */
function javaFor(image: StoredImage): JavaHome {
  const version = javaVersion(image)
  const java = findJava(version)
  if (!java) throw javaMissing(version)
  return java
}

function startedPid(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot run ${file}: ${cause.message}`, { cause })))
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid)
    })
  })
}

function exitOf(child: ChildProcess): Promise<ContainerExit> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
}

/** Resolves when the stream has been read to its end. */
function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()))
}
