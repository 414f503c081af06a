/**
 * The containers of one running task. They start together as far as `dependsOn` allows, their own commands check
 * their health, and they stop in reverse order: stop signal, `stopTimeout`, SIGKILL.
 */
import { once } from 'node:events'
import { constants } from 'node:os'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerExit, RunningContainer } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import { watchHealth } from './health.ts'
import { dependenciesMet, dependentsOf, rejectDependencyCycles } from './order.ts'
import {
  type ContainersOptions,
  type PreparedContainer,
  type PreparedSpec,
  prepareContainers,
} from './preparation.ts'
import { restarts } from './restarts.ts'
import { cannotStart } from './start-error.ts'

/** The default is 30 s. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html */
const STOP_TIMEOUT_SECONDS = 30

/** The agent's exit code of a container that did not start because of its dependencies: 128 + SIGTERM. */
const NEVER_STARTED_CODE = 143

export interface TaskContainers {
  /**
   * Starts all containers. Rejects with a `TaskStartError` where an essential one cannot start, or with an
   * `EssentialExit` where one exits before all have started.
   */
  start(signal: AbortSignal): Promise<void>
  /** Call it when the task has started: until then its processes have a low priority. */
  markStarted(): void
  /** Resolves when an essential container has exited. */
  readonly essentialExited: Promise<void>
  /** Stops all containers; none gets longer than `limitMs`. */
  stop(limitMs?: number): Promise<void>
}

export class EssentialExit extends Error {}

interface Entry {
  readonly definition: ContainerDefinition
  readonly name: string
  running?: RunningContainer
  exit?: ContainerExit
  /** Defined while its health is checked. */
  endChecks?: () => void
  stopSignal: NodeJS.Signals
  restarts: number
  readonly startedUp: PromiseWithResolvers<void>
  readonly exitedWith: PromiseWithResolvers<ContainerExit>
  readonly becameHealthy: PromiseWithResolvers<void>
  readonly started: Promise<void>
  readonly exited: Promise<ContainerExit>
  readonly healthy: Promise<void>
}

export function createTaskContainers(options: ContainersOptions): TaskContainers {
  const { context, dependencies, definition } = options
  const essentialExited = Promise.withResolvers<void>()
  const ended = new AbortController()
  const entries = definition.input.containerDefinitions.map(newEntry)
  let starts: Promise<void>[] = []
  let started = false

  async function startOne(entry: Entry, prepared: PreparedContainer): Promise<void> {
    ended.signal.throwIfAborted()
    const met = dependenciesMet(entry.definition, entries, context.clock, ended.signal)
    await Promise.race([met, once(ended.signal, 'abort')])
    ended.signal.throwIfAborted()
    if (prepared.failure) throw prepared.failure
    entry.stopSignal = prepared.stopSignal
    await begin(entry, prepared.spec)
    entry.startedUp.resolve()
  }

  /** Starts the first process of the container, or the next one after a restart. */
  async function begin(entry: Entry, spec: PreparedSpec): Promise<void> {
    const running = await dependencies.runtime
      .start({
        ...spec,
        network: options.network,
        platformEnvironment: options.platformEnvironment(entry.name),
        signal: ended.signal,
      })
      .catch((cause: unknown) => {
        throw cannotStart(cause)
      })
    entry.running = running
    const startedAt = context.clock.now()
    options.update(entry.name, { lastStatus: 'RUNNING', runtimeId: `${options.task.id}-${running.pid}` })
    running.exited.then((exit) => {
      const ranMs = context.clock.now() - startedAt
      const restarted =
        !ended.signal.aborted && restarts(entry.definition, exitCode(exit), ranMs, context.clock)
      if (restarted) starts.push(restart(entry, spec, exit))
      else onExit(entry, exit)
    })
    const check = entry.definition.healthCheck
    if (!check) return
    entry.endChecks = watchHealth(context.clock, {
      check,
      run: running.run,
      report(healthStatus) {
        if (entry.exit) return
        if (healthStatus === 'HEALTHY') entry.becameHealthy.resolve()
        options.update(entry.name, { healthStatus })
      },
    })
  }

  /** The task keeps running during a restart. The container exits only if it cannot start again. */
  async function restart(entry: Entry, spec: PreparedSpec, exit: ContainerExit): Promise<void> {
    entry.endChecks?.()
    entry.restarts += 1
    options.update(entry.name, { healthStatus: 'UNKNOWN', restarts: entry.restarts })
    try {
      await begin(entry, spec)
      if (started) entry.running?.markStarted()
    } catch {
      onExit(entry, exit)
    }
  }

  function onExit(entry: Entry, exit: ContainerExit): void {
    entry.exit = exit
    entry.endChecks?.()
    options.update(entry.name, {
      lastStatus: 'STOPPED',
      exitCode: exitCode(exit),
      ...(exit.reason === undefined ? {} : { reason: exit.reason }),
    })
    entry.exitedWith.resolve(exit)
    if (isEssential(entry)) essentialExited.resolve()
  }

  /** A container that cannot start stops its task only if it is essential. */
  function onFailure(entry: Entry, error: unknown): void {
    entry.startedUp.reject(error)
    if (ended.signal.aborted) return
    const reason = error instanceof Error ? error.message : String(error)
    const unmet = reason.startsWith('dependency graph:')
    options.update(entry.name, {
      lastStatus: 'STOPPED',
      reason,
      ...(unmet ? { exitCode: NEVER_STARTED_CODE } : {}),
    })
    if (isEssential(entry)) throw error
  }

  return {
    essentialExited: essentialExited.promise,
    async start(signal) {
      rejectDependencyCycles(definition.input.containerDefinitions)
      const prepared = await prepareContainers(options)
      signal.throwIfAborted()
      starts = entries.map((entry, index) => {
        const container = prepared[index]
        if (!container) throw new Error(`container ${entry.name} has not been prepared`)
        return startOne(entry, container).catch((error) => onFailure(entry, error))
      })
      // The only container of a job may have exited already: it has started all the same.
      const exitedEarly = essentialExited.promise.then(() =>
        entries.every(({ running }) => running) ? undefined : Promise.reject(new EssentialExit()),
      )
      await Promise.race([Promise.all(starts), exitedEarly, once(signal, 'abort')])
      signal.throwIfAborted()
    },
    markStarted() {
      started = true
      for (const { running, exit } of entries) if (!exit) running?.markStarted()
    },
    async stop(limitMs = Number.POSITIVE_INFINITY) {
      ended.abort(new Error('the task ends'))
      for (const { endChecks } of entries) endChecks?.()
      await Promise.allSettled(starts)
      await Promise.all(entries.map((entry) => stopOne(context, entry, entries, limitMs)))
    },
  }
}

function newEntry(definition: ContainerDefinition): Entry {
  const startedUp = Promise.withResolvers<void>()
  const exitedWith = Promise.withResolvers<ContainerExit>()
  const becameHealthy = Promise.withResolvers<void>()
  // Another container waits for it only where the definition says so.
  startedUp.promise.catch(() => undefined)
  return {
    definition,
    name: definition.name ?? '',
    stopSignal: 'SIGTERM',
    restarts: 0,
    startedUp,
    exitedWith,
    becameHealthy,
    started: startedUp.promise,
    exited: exitedWith.promise,
    healthy: becameHealthy.promise,
  }
}

const isEssential = ({ definition }: Entry): boolean => definition.essential !== false

/**
 * Stops a container after those that depend on it: the stop signal for the first process, SIGKILL for all processes
 * after `stopTimeout` (never compressed).
 */
async function stopOne(
  context: EmulatorContext,
  entry: Entry,
  all: readonly Entry[],
  limitMs: number,
): Promise<void> {
  const { running } = entry
  if (!running || entry.exit) return
  const dependents = dependentsOf(entry.definition, all).filter((other) => other.running)
  await Promise.race([Promise.all(dependents.map(({ exited }) => exited)), entry.exited])
  if (entry.exit) return
  running.signal(entry.stopSignal)
  const done = new AbortController()
  const timeoutMs = (entry.definition.stopTimeout ?? STOP_TIMEOUT_SECONDS) * 1000
  const overdue = context.clock.sleepReal(Math.min(timeoutMs, limitMs), done.signal).then(
    () => running.signal('SIGKILL'),
    () => undefined,
  )
  await entry.exited
  done.abort()
  await overdue
}

/** After a signal the exit code is 128 and the number of the signal, as in a shell: 137 after SIGKILL. */
function exitCode(exit: ContainerExit): number {
  return exit.code ?? 128 + (exit.signal ? constants.signals[exit.signal] : 0)
}
