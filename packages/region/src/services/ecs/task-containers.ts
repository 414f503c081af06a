/**
 * The containers of one task while it lives: started in the order that `dependsOn` asks for, checked for health
 * by their own commands, ended with SIGTERM, `stopTimeout` and SIGKILL.
 */
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Container, ContainerDefinition } from '@aws-sdk/client-ecs'
import type { ContainerExit, RunningContainer, TaskNetwork } from '../../runtime/index.ts'
import type { RegionContext } from '../../service.ts'
import type { EcsDependencies } from './index.ts'
import type { TaskDefinitionRecord, TaskRecord } from './model.ts'
import { containerEnvironment, containerMounts, findImage, logOutput, TaskStartError } from './task-start.ts'

/** 30 s where the definition is silent. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html */
const STOP_TIMEOUT_SECONDS = 30

export interface TaskContainers {
  /** Starts all of them; rejects with a `TaskStartError` that says which could not. */
  start(signal: AbortSignal): Promise<void>
  /** To be called once the task serves: until then its processes give way to others. */
  settle(): void
  /** Resolves when an essential container has ended. */
  readonly essentialExited: Promise<void>
  /** Ends all of them; no container gets longer than `limitMs`. */
  stop(limitMs?: number): Promise<void>
}

export interface ContainersOptions {
  readonly context: RegionContext
  readonly dependencies: EcsDependencies
  readonly definition: TaskDefinitionRecord
  readonly task: TaskRecord
  readonly network: TaskNetwork
  readonly token: string
  readonly platformEnvironment: Readonly<Record<string, string>>
  /** Called with what became known of a container. */
  update(name: string, change: Partial<Container>): void
}

interface Entry {
  readonly definition: ContainerDefinition
  running?: RunningContainer
  exit?: ContainerExit
  readonly exited: PromiseWithResolvers<ContainerExit>
  readonly healthy: PromiseWithResolvers<void>
}

export function createTaskContainers(options: ContainersOptions): TaskContainers {
  const { context, dependencies, definition, task } = options
  const essentialExited = Promise.withResolvers<void>()
  const endings: (() => void)[] = []
  const entries = definition.input.containerDefinitions.map(
    (container): Entry => ({
      definition: container,
      exited: Promise.withResolvers(),
      healthy: Promise.withResolvers(),
    }),
  )

  async function startOne(entry: Entry): Promise<void> {
    const container = entry.definition
    const name = container.name ?? ''
    const image = findImage(dependencies, container.image ?? '')
    options.update(name, { imageDigest: image.digest })
    const override = task.overrides.containerOverrides?.find((candidate) => candidate.name === name)
    const command = override?.command ?? container.command
    const output = logOutput(dependencies, container, task.id, context.clock.now)
    const running = await dependencies.runtime
      .start({
        taskId: task.id,
        name,
        network: options.network,
        image,
        ...(container.entryPoint ? { entryPoint: container.entryPoint } : {}),
        ...(command ? { command } : {}),
        ...(container.workingDirectory ? { workingDirectory: container.workingDirectory } : {}),
        environment: containerEnvironment(dependencies, container, task),
        containerPort: container.portMappings?.[0]?.containerPort,
        mounts: containerMounts(
          dependencies,
          definition,
          container,
          join(context.stateDir, 'tasks', task.id),
        ),
        platformEnvironment: options.platformEnvironment,
        onOutput: (lines) => output?.(lines),
      })
      .catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new TaskStartError(`CannotStartContainerError: ${message}`, { cause })
      })
    entry.running = running
    options.update(name, { lastStatus: 'RUNNING', runtimeId: `${task.id}-${running.pid}` })
    running.exited.then((exit) => onExit(entry, exit))
    if (container.healthCheck) watchHealth(entry, running)
  }

  function onExit(entry: Entry, exit: ContainerExit): void {
    entry.exit = exit
    options.update(entry.definition.name ?? '', { lastStatus: 'STOPPED', exitCode: exitCode(exit) })
    entry.exited.resolve(exit)
    if (entry.definition.essential !== false) essentialExited.resolve()
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html */
  function watchHealth(entry: Entry, running: RunningContainer): void {
    const check = entry.definition.healthCheck
    const command = healthCommand(check?.command ?? [])
    const startedAt = context.clock.now()
    // Races the application's start, so it is not compressed.
    const startPeriod = (check?.startPeriod ?? 0) * 1000
    let failures = 0
    const end = context.clock.everyAws((check?.interval ?? 30) * 1000, async () => {
      if (entry.exit) return
      const code = await running.run(command, (check?.timeout ?? 5) * 1000)
      if (entry.exit) return
      if (code === 0) {
        failures = 0
        entry.healthy.resolve()
        options.update(entry.definition.name ?? '', { healthStatus: 'HEALTHY' })
      } else if (context.clock.now() - startedAt >= startPeriod && ++failures >= (check?.retries ?? 3)) {
        options.update(entry.definition.name ?? '', { healthStatus: 'UNHEALTHY' })
      }
    })
    endings.push(end)
  }

  async function dependencyMet(entry: Entry): Promise<void> {
    for (const { containerName, condition } of entry.definition.dependsOn ?? []) {
      const other = entries.find(({ definition }) => definition.name === containerName)
      if (!other) continue
      if (condition === 'HEALTHY') await Promise.race([other.healthy.promise, other.exited.promise])
      if (condition === 'COMPLETE' || condition === 'SUCCESS') {
        const exit = await other.exited.promise
        if (condition === 'SUCCESS' && exit.code !== 0) {
          throw new TaskStartError(
            `dependency container ${containerName} exited with code ${exitCode(exit)} before ${entry.definition.name} could start`,
          )
        }
      }
    }
  }

  return {
    essentialExited: essentialExited.promise,
    async start(signal) {
      const aborted = new Promise<never>((_, reject) => {
        if (signal.aborted) reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      aborted.catch(() => undefined)
      for (const entry of inStartOrder(entries)) {
        await Promise.race([dependencyMet(entry), aborted])
        await startOne(entry)
        signal.throwIfAborted()
      }
    },
    settle() {
      for (const { running, exit } of entries) if (!exit) running?.settle()
    },
    async stop(limitMs = Number.POSITIVE_INFINITY) {
      for (const end of endings) end()
      await Promise.all(entries.map((entry) => stopOne(context, entry, limitMs)))
    },
  }
}

/** SIGTERM to the container's first process, SIGKILL to all of it when `stopTimeout` is over (never compressed). */
async function stopOne(context: RegionContext, entry: Entry, limitMs: number): Promise<void> {
  const { running } = entry
  if (!running || entry.exit) return
  running.signal('SIGTERM')
  const done = new AbortController()
  const timeoutMs = (entry.definition.stopTimeout ?? STOP_TIMEOUT_SECONDS) * 1000
  const overdue = context.clock.sleepReal(Math.min(timeoutMs, limitMs), done.signal).then(
    () => running.signal('SIGKILL'),
    () => undefined,
  )
  await entry.exited.promise
  done.abort()
  await overdue
}

/** Containers after those that they depend on. */
function inStartOrder(entries: readonly Entry[]): Entry[] {
  const ordered: Entry[] = []
  const visit = (entry: Entry, path: readonly Entry[]) => {
    if (ordered.includes(entry)) return
    if (path.includes(entry)) throw new TaskStartError('container dependencies form a circle')
    for (const { containerName } of entry.definition.dependsOn ?? []) {
      const other = entries.find(({ definition }) => definition.name === containerName)
      if (other) visit(other, [...path, entry])
    }
    ordered.push(entry)
  }
  for (const entry of entries) visit(entry, [])
  return ordered
}

function healthCommand(command: readonly string[]): string[] {
  const [kind, ...rest] = command
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : kind === 'CMD' ? rest : [...command]
}

/** A process that a signal ended has 128 + its number, as a shell has it: 137 after SIGKILL. */
function exitCode(exit: ContainerExit): number {
  return exit.code ?? 128 + (exit.signal ? constants.signals[exit.signal] : 0)
}
