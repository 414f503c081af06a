/**
 * The life of one task: PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING →
 * DEPROVISIONING → STOPPED, each step written to the store before the next begins. A task that its service stops
 * is deregistered first, and is only sent SIGTERM once the load balancer says `unused`.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskEndpoint } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import { createTaskContainers, EssentialExit, type TaskContainers } from '../container/containers.ts'
import { imagePins } from '../container/image-pins.ts'
import { TaskStartError } from '../container/start-error.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { ContainerChange, TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { answerTask } from './metadata-endpoint.ts'
import type { LaunchRequest } from './records.ts'
import { registerTarget, targetOf } from './target.ts'

/** What Fargate takes for the network interface and the micro VM, for placement, and for clearing away. */
const PROVISIONING_MS = 12_000
const PENDING_MS = 10_000
/** From a task's creation to the start of its containers, in AWS time. */
export const provisioningMs = PROVISIONING_MS + PENDING_MS
const DEPROVISIONING_MS = 8_000
/** What a task gets between SIGTERM and SIGKILL when the whole emulator stops. */
const SHUTDOWN_LIMIT_MS = 2_000

export interface StopRequest {
  readonly stopCode: NonNullable<TaskRecord['stopCode']>
  readonly stoppedReason: string
  /** Deregister and wait before SIGTERM, as a service does; false for StopTask, which does not wait. */
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
  /** Aborted when somebody asks the task to end. */
  readonly asked: AbortSignal
  /** Aborted when the whole emulator stops: nothing is waited for any more. */
  readonly shutdown: AbortSignal
  /** With what it was asked to end; undefined while nobody has, and when the emulator stops. */
  stopRequest(): StopRequest | undefined
  change(update: Partial<TaskRecord>): TaskRecord
  updateContainer(name: string, update: ContainerChange): void
}

const essentialExit: Failure = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
}
const emulatorStopped: Failure = { stopCode: 'TerminationNotice', stoppedReason: 'The emulator was stopped.' }

/** Resolves when the task is STOPPED; whatever happens, what it held has been given back by then. */
export async function liveTask(options: LifeOptions): Promise<void> {
  const { context, state, task, shutdown, change } = options
  const held = new AsyncDisposableStack()
  held.defer(() => rm(join(context.stateDir, 'tasks', task.id), { recursive: true, force: true }))
  try {
    const { containers, failure } = await run(options, held)
    await end(options, failure, containers)
  } finally {
    await held.disposeAsync()
  }
  if (!shutdown.aborted) await context.clock.sleepAws(DEPROVISIONING_MS)
  const { containers = [] } = state.tasks.get(task.id) ?? {}
  change({
    // Those that never started are stopped too.
    containers: containers.map((container) => ({ ...container, lastStatus: 'STOPPED' })),
    lastStatus: 'STOPPED',
    stoppedAt: context.clock.now(),
  })
}

/** From its creation until it ends by itself, fails to start, or is asked to end: what is `held` has to be let go. */
async function run(
  { context, state, dependencies, endpoint, task, request, asked, ...options }: LifeOptions,
  held: AsyncDisposableStack,
): Promise<{ containers: TaskContainers | undefined; failure: Failure | undefined }> {
  const { change, updateContainer, shutdown } = options
  const wait = (ms: number) => context.clock.sleepAws(request.resumed ? 0 : ms, asked)
  const pins = imagePins(state, request.definition, request.taskSetId)
  let containers: TaskContainers | undefined
  let failure: Failure | undefined
  try {
    const network = await dependencies.runtime.attach(task.id)
    held.defer(() => network.release())
    await wait(PROVISIONING_MS)
    change({ lastStatus: 'PENDING', address: network.address, connectivityAt: context.clock.now() })
    await wait(PENDING_MS)
    change({ lastStatus: 'ACTIVATING' })
    const answering = answerTask(context, state, dependencies, endpoint, task)
    held.defer(() => answering.end())
    const made = createTaskContainers({
      context,
      dependencies,
      definition: request.definition,
      task,
      network,
      platformEnvironment: answering.variables,
      pinned: pins.reference,
      update(name, update) {
        if (update.imageDigest !== undefined) pins.found(name, update.imageDigest)
        updateContainer(name, update)
      },
      updateTask: change,
    })
    containers = made
    held.defer(() => made.stop(stopLimitMs(shutdown)))
    await made.start(asked)
    const target = await targetOf(request.loadBalancer, network)
    // In one, so that no target is registered of which no task knows.
    context.store.transaction(() => {
      if (target) registerTarget(dependencies, target)
      change({ lastStatus: 'RUNNING', startedAt: context.clock.now(), ...(target ? { target } : {}) })
    })
    const ending = new AbortController()
    settleWhenWell(dependencies, made, target, ending.signal)
    await Promise.race([made.essentialExited, aborted(asked)])
    ending.abort()
    if (!asked.aborted) failure = essentialExit
  } catch (error) {
    if (error instanceof EssentialExit) failure = essentialExit
    else if (!asked.aborted) {
      const reason = error instanceof Error ? error.message : String(error)
      const stoppedReason = error instanceof TaskStartError ? reason : `InternalError: ${reason}`
      failure = { stopCode: 'TaskFailedToStart', stoppedReason }
    }
  }
  return { containers, failure }
}

/** Everything between the decision to end a task and its last process. */
async function end(
  { context, dependencies, shutdown, stopRequest, change }: LifeOptions,
  failure: Failure | undefined,
  containers: TaskContainers | undefined,
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
    // Also when the emulator stops, though nobody waits then: a target that stayed registered would be an
    // unhealthy one after the next start, for ever.
    const { targetGroupArn, ...target } = task.target
    const unused = dependencies.elbv2.deregisterTarget(targetGroupArn, target).catch(() => undefined)
    if (!failure && !shutdown.aborted && request?.drainFirst) {
      await Promise.race([unused, containers?.essentialExited, aborted(shutdown)])
    }
  }
  change({ lastStatus: 'STOPPING' })
  await containers?.stop(stopLimitMs(shutdown))
  change({
    lastStatus: 'DEPROVISIONING',
    ...(containers ? { executionStoppedAt: context.clock.now() } : {}),
  })
}

const stopLimitMs = (shutdown: AbortSignal) => (shutdown.aborted ? SHUTDOWN_LIMIT_MS : undefined)

/** A task that nobody checks has started when it runs. */
function settleWhenWell(
  dependencies: EcsDependencies,
  containers: TaskContainers,
  target: TaskRecord['target'],
  signal: AbortSignal,
): void {
  if (!target) {
    containers.settle()
    return
  }
  dependencies.elbv2.targetHealthy(target.targetGroupArn, target, signal).then(
    () => containers.settle(),
    () => undefined,
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
