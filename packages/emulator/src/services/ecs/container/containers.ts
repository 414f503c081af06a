/**
 * The containers of one task while it lives: started together as far as `dependsOn` lets them, checked for health
 * by their own commands, ended in the reverse order with their stop signal, `stopTimeout` and SIGKILL.
 */
import { constants } from 'node:os'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerExit, RunningContainer } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import { watchHealth } from './health.ts'
import { dependenciesMet, dependentsOf, refuseCircles } from './order.ts'
import {
  type ContainersOptions,
  type PreparedContainer,
  type PreparedSpec,
  prepareContainers,
} from './preparation.ts'
import { restarts } from './restarts.ts'
import { TaskStartError } from './start-error.ts'

/** 30 s where the definition is silent. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html */
const STOP_TIMEOUT_SECONDS = 30

/** What the agent reports of a container that it never started because of its dependencies: 128 + SIGTERM. */
const NEVER_STARTED_CODE = 143

export interface TaskContainers {
  /**
   * Starts all of them; rejects with a `TaskStartError` that says which essential one could not, or with an
   * `EssentialExit` where one ended before all had started.
   */
  start(signal: AbortSignal): Promise<void>
  /** To be called once the task serves: until then its processes give way to others. */
  settle(): void
  /** Resolves when an essential container has ended. */
  readonly essentialExited: Promise<void>
  /** Ends all of them; no container gets longer than `limitMs`. */
  stop(limitMs?: number): Promise<void>
}

export class EssentialExit extends Error {}

interface Entry {
  readonly definition: ContainerDefinition
  readonly name: string
  running?: RunningContainer
  exit?: ContainerExit
  /** Set while its health is checked. */
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
  let settled = false

  async function startOne(entry: Entry, prepared: PreparedContainer): Promise<void> {
    await Promise.race([
      dependenciesMet(entry.definition, entries, context.clock, ended.signal),
      rejectedBy(ended.signal),
    ])
    if (prepared.failure) throw prepared.failure
    entry.stopSignal = prepared.stopSignal
    await begin(entry, prepared.spec)
    entry.startedUp.resolve()
  }

  /** Starts its first process, or the next one where it is restarted. */
  async function begin(entry: Entry, spec: PreparedSpec): Promise<void> {
    const running = await dependencies.runtime
      .start({
        ...spec,
        network: options.network,
        platformEnvironment: options.platformEnvironment(entry.name),
        signal: ended.signal,
      })
      .catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new TaskStartError(`CannotStartContainerError: ${message}`, { cause })
      })
    entry.running = running
    const startedAt = context.clock.now()
    options.update(entry.name, { lastStatus: 'RUNNING', runtimeId: `${options.task.id}-${running.pid}` })
    running.exited.then((exit) => {
      const ranMs = context.clock.now() - startedAt
      const again = !ended.signal.aborted && restarts(entry.definition, exitCode(exit), ranMs, context.clock)
      if (again) starts.push(restart(entry, spec, exit))
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

  /** The task goes on meanwhile; only where the container cannot start again it has ended. */
  async function restart(entry: Entry, spec: PreparedSpec, exit: ContainerExit): Promise<void> {
    entry.endChecks?.()
    entry.restarts += 1
    options.update(entry.name, { healthStatus: 'UNKNOWN', restarts: entry.restarts })
    try {
      await begin(entry, spec)
      if (settled) entry.running?.markStarted()
    } catch {
      onExit(entry, exit)
    }
  }

  function onExit(entry: Entry, exit: ContainerExit): void {
    entry.exit = exit
    entry.endChecks?.()
    options.update(entry.name, { lastStatus: 'STOPPED', exitCode: exitCode(exit) })
    entry.exitedWith.resolve(exit)
    if (isEssential(entry)) essentialExited.resolve()
  }

  /** A container that cannot start ends its task only if it is essential. */
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
      refuseCircles(definition.input.containerDefinitions)
      const prepared = await prepareContainers(options)
      signal.throwIfAborted()
      starts = entries.map((entry, index) => {
        const container = prepared[index]
        if (!container) throw new Error(`container ${entry.name} has not been prepared`)
        return startOne(entry, container).catch((error) => onFailure(entry, error))
      })
      // A job's only container may have ended before anyone looked; it has started all the same.
      const exitedEarly = essentialExited.promise.then(() =>
        entries.every(({ running }) => running) ? undefined : Promise.reject(new EssentialExit()),
      )
      await Promise.race([Promise.all(starts), exitedEarly, rejectedBy(signal)])
    },
    settle() {
      settled = true
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
  // Whether anybody waits for it depends on the definition.
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
 * Ends a container once those that depend on it have ended: its stop signal to the first process, SIGKILL to all
 * of it when `stopTimeout` is over (never compressed).
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

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** A process that a signal ended has 128 + its number, as a shell has it: 137 after SIGKILL. */
function exitCode(exit: ContainerExit): number {
  return exit.code ?? 128 + (exit.signal ? constants.signals[exit.signal] : 0)
}
