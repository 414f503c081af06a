/**
 * The order in which the containers of a task start, by `dependsOn`, and stop, in reverse.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_dependson
 */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'
import type { ContainerExit } from '../../../runtime/index.ts'
import { TaskStartError } from './start-error.ts'

/** The points in a container's life that other containers wait for. */
export interface Milestones {
  readonly definition: ContainerDefinition
  /** Rejects when the container could not start. */
  readonly started: Promise<void>
  readonly healthy: Promise<void>
  readonly exited: Promise<ContainerExit>
}

/** Resolves when all conditions of the container are met; rejects when one of them cannot be met any more. */
export async function dependenciesMet(
  container: ContainerDefinition,
  all: readonly Milestones[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const waits = new AbortController()
  try {
    await Promise.all(
      (container.dependsOn ?? []).map(async ({ containerName, condition }) => {
        const other = all.find(({ definition }) => definition.name === containerName)
        if (other) {
          await conditionMet(container, other, condition, clock, AbortSignal.any([signal, waits.signal]))
        }
      }),
    )
  } finally {
    waits.abort()
  }
}

async function conditionMet(
  container: ContainerDefinition,
  other: Milestones,
  condition: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const dependency = `container ordering dependency [${other.definition.name}] for target [${container.name}]`
  const unresolved = (what: string) =>
    new TaskStartError(`dependency graph: failed to resolve ${dependency} as dependency ${what}.`)
  await other.started.catch(() => {
    throw unresolved('did not start')
  })
  if (condition === 'START') return
  const timeout = other.definition.startTimeout
  // The timeout applies to the dependency's own code, so it is not compressed.
  const overdue =
    timeout === undefined
      ? new Promise<never>(() => undefined)
      : clock.sleepReal(timeout * 1000, signal).then(
          () => Promise.reject(new TaskStartError(`dependency graph: ${dependency} has timed out.`)),
          () => new Promise<never>(() => undefined),
        )
  if (condition === 'HEALTHY') {
    const exitedFirst = other.exited.then((exit) =>
      Promise.reject(unresolved(`exited with code ${exit.code}`)),
    )
    exitedFirst.catch(() => undefined)
    await Promise.race([other.healthy, exitedFirst, overdue])
    return
  }
  const exit = await Promise.race([other.exited, overdue])
  if (condition === 'SUCCESS' && exit.code !== 0) {
    throw unresolved(`did not exit successfully (code ${exit.code ?? exit.signal})`)
  }
}

/** The containers that depend on this one: they stop before it does. */
export function dependentsOf<T extends { readonly definition: ContainerDefinition }>(
  container: ContainerDefinition,
  all: readonly T[],
): T[] {
  return all.filter(({ definition }) =>
    definition.dependsOn?.some(({ containerName }) => containerName === container.name),
  )
}

/** Throws where containers wait for each other. */
export function rejectDependencyCycles(containers: readonly ContainerDefinition[]): void {
  const visit = (container: ContainerDefinition, path: readonly ContainerDefinition[]) => {
    if (path.includes(container)) throw new TaskStartError('container dependencies form a circle')
    for (const { containerName } of container.dependsOn ?? []) {
      const other = containers.find(({ name }) => name === containerName)
      if (other) visit(other, [...path, container])
    }
  }
  for (const container of containers) visit(container, [])
}
