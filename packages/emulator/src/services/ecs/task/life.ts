/**
 * The life of one task: PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING →
 * DEPROVISIONING → STOPPED. Each status is stored before the next step. A task that its service stops is
 * deregistered first; it gets SIGTERM when the load balancer reports `unused`.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskEndpoint } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import { createTaskContainers, EssentialExit, type TaskContainers } from '../container/containers.ts'
import { type ImagePins, imagePins } from '../container/image-pins.ts'
import { cannotStart, TaskStartError } from '../container/start-error.ts'
import { taskSpec } from '../container/task-spec.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { ContainerChange, TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { serveMetadata } from './metadata-endpoint.ts'
import type { LaunchRequest } from './records.ts'
import { deregisterTarget, type OpenTarget, registerTarget, targetHealthy, targetOf } from './target.ts'

/** AWS time that Fargate needs for the network interface and the micro VM, for placement, and for the removal. */
const PROVISIONING_MS = 12_000
const PENDING_MS = 10_000
/** From a task's creation to the start of its containers, in AWS time. */
export const provisioningMs = PROVISIONING_MS + PENDING_MS
const DEPROVISIONING_MS = 8_000
/** The time between SIGTERM and SIGKILL when the emulator stops. */
const SHUTDOWN_LIMIT_MS = 2_000

export interface StopRequest {
  readonly stopCode: NonNullable<TaskRecord['stopCode']>
  readonly stoppedReason: string
  /** Whether the target drains before SIGTERM: a service waits for that, StopTask does not. */
  readonly drainFirst: boolean
}

type Failure = Omit<StopRequest, 'drainFirst'>

export interface LifeOptions {
  readonly context: EmulatorContext
  readonly state: EcsState
  readonly dependencies: EcsDependencies
  readonly endpoint: TaskEndpoint
  readonly task: TaskRecord
  readonly request: LaunchRequest
  /** Aborted when the task must stop. */
  readonly stopRequested: AbortSignal
  /** Aborted when the emulator stops: the task waits for nothing any more. */
  readonly shutdown: AbortSignal
  /** Undefined while no one has asked the task to stop, and when the emulator stops. */
  stopRequest(): StopRequest | undefined
  change(update: Partial<TaskRecord>): TaskRecord
  updateContainer(name: string, update: ContainerChange): void
}

const essentialExit: Failure = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
}
const emulatorStopped: Failure = { stopCode: 'TerminationNotice', stoppedReason: 'The emulator was stopped.' }

/** Resolves when the task is STOPPED and its resources are released, after any failure too. */
export async function runTask(options: LifeOptions): Promise<void> {
  const { context, state, task, shutdown, change } = options
  const resources = new AsyncDisposableStack()
  resources.defer(() => rm(join(context.stateDir, 'tasks', task.id), { recursive: true, force: true }))
  try {
    await stop(options, await serve(options, resources))
  } finally {
    await resources.disposeAsync()
  }
  if (!shutdown.aborted) await context.clock.sleepAws(DEPROVISIONING_MS)
  const { containers = [] } = state.tasks.get(task.id) ?? {}
  change({
    // Containers that never started are stopped too.
    containers: containers.map((container) => ({ ...container, lastStatus: 'STOPPED' })),
    lastStatus: 'STOPPED',
    stoppedAt: context.clock.now(),
  })
}

interface Served {
  readonly containers: TaskContainers | undefined
  readonly failure: Failure | undefined
  readonly target: OpenTarget | undefined
}

/** From PROVISIONING until the task exits, fails to start, or must stop. `resources` must be released afterwards. */
async function serve(
  { context, state, dependencies, endpoint, task, request, stopRequested, ...options }: LifeOptions,
  resources: AsyncDisposableStack,
): Promise<Served> {
  const { change, updateContainer, shutdown } = options
  const wait = (ms: number) => context.clock.sleepAws(request.resumed ? 0 : ms, stopRequested)
  const pins = imagePins(state, request.definition, request.taskSetId)
  let containers: TaskContainers | undefined
  let failure: Failure | undefined
  try {
    const network = await dependencies.runtime
      .attach(taskSpec(dependencies, request.definition, task, pins))
      .catch((cause: unknown) => {
        throw cannotStart(cause)
      })
    resources.defer(() => network.release())
    await wait(PROVISIONING_MS)
    change({ lastStatus: 'PENDING', address: network.address, connectivityAt: context.clock.now() })
    await wait(PENDING_MS)
    change({ lastStatus: 'ACTIVATING' })
    const metadata = serveMetadata(context, state, dependencies, endpoint, { task, network })
    resources.defer(() => metadata.close())
    const created = createTaskContainers({
      context,
      dependencies,
      definition: request.definition,
      task,
      network,
      platformEnvironment: metadata.variables,
      pinned: pins.reference,
      update(name, update) {
        if (update.imageDigest !== undefined) pins.pin(name, update.imageDigest)
        updateContainer(name, update)
      },
      updateTask: change,
    })
    containers = created
    resources.defer(() => created.stop(stopLimitMs(shutdown)))
    await created.start(stopRequested)
    const target = await targetOf(request.loadBalancer, network, trafficImage(dependencies, request, pins))
    if (target) resources.defer(() => target.close())
    // One transaction: there is no registered target without a task.
    context.store.transaction(() => {
      if (target) registerTarget(dependencies.elbv2, target.record)
      change({
        lastStatus: 'RUNNING',
        startedAt: context.clock.now(),
        ...(target ? { target: target.record } : {}),
      })
    })
    const ended = new AbortController()
    markStartedWhenHealthy(dependencies, created, target?.record, ended.signal)
    if (!stopRequested.aborted) await Promise.race([created.essentialExited, once(stopRequested, 'abort')])
    ended.abort()
    if (!stopRequested.aborted) failure = essentialExit
    return { containers, failure, target }
  } catch (error) {
    if (error instanceof EssentialExit) failure = essentialExit
    else if (!stopRequested.aborted) {
      const reason = error instanceof Error ? error.message : String(error)
      const stoppedReason = error instanceof TaskStartError ? reason : `InternalError: ${reason}`
      failure = { stopCode: 'TaskFailedToStart', stoppedReason }
    }
  }
  return { containers, failure, target: undefined }
}

/** From the decision to stop the task to the end of its last process. */
async function stop(
  { context, dependencies, shutdown, stopRequest, change }: LifeOptions,
  { failure, containers, target }: Served,
): Promise<void> {
  const request = stopRequest()
  const { stopCode, stoppedReason } = failure ?? request ?? emulatorStopped
  const task = change({
    lastStatus: 'DEACTIVATING',
    desiredStatus: 'STOPPED',
    stopCode,
    stoppedReason,
    stoppingAt: context.clock.now(),
  })
  if (task.target) {
    // Also when the emulator stops, without waiting: a target that stayed registered would be unhealthy after the
    // next start, for ever.
    const drained = deregisterTarget(dependencies.elbv2, task.target)
    if (!failure && !shutdown.aborted && request?.drainFirst) {
      // The signal outlives the task, so the listener must be removed.
      const waits = new AbortController()
      const interrupted = once(shutdown, 'abort', { signal: waits.signal }).catch(() => undefined)
      await Promise.race([drained, containers?.essentialExited, interrupted])
      waits.abort()
    }
  }
  change({ lastStatus: 'STOPPING' })
  target?.signalled()
  await containers?.stop(stopLimitMs(shutdown))
  change({
    lastStatus: 'DEPROVISIONING',
    ...(containers ? { executionStoppedAt: context.clock.now() } : {}),
  })
}

/** The image of the container that the load balancer sends to. */
function trafficImage({ ecr }: EcsDependencies, request: LaunchRequest, pins: Pick<ImagePins, 'reference'>) {
  const name = request.loadBalancer?.containerName
  const { containerDefinitions } = request.definition.input
  const container = containerDefinitions.find((candidate) => candidate.name === name)
  return ecr.image(pins.reference(container?.name ?? '', container?.image ?? ''))
}

const stopLimitMs = (shutdown: AbortSignal) => (shutdown.aborted ? SHUTDOWN_LIMIT_MS : undefined)

/** A task without a target has started when it runs. */
function markStartedWhenHealthy(
  dependencies: EcsDependencies,
  containers: TaskContainers,
  target: TaskRecord['target'],
  signal: AbortSignal,
): void {
  if (!target) {
    containers.markStarted()
    return
  }
  targetHealthy(dependencies.elbv2, target, signal).then(
    () => containers.markStarted(),
    () => undefined,
  )
}
