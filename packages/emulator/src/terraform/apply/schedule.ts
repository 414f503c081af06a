/**
 * Runs steps in the order of what they need, side by side where they are independent. At the first failure
 * nothing new starts; what runs is waited for.
 */
export interface Step {
  readonly id: string
  /** Ids of steps that must have finished before; others than those given are ignored. */
  readonly needs: ReadonlySet<string>
  run(): Promise<void>
}

/** Terraform's own limit: https://developer.hashicorp.com/terraform/cli/commands/apply#parallelism-n */
const PARALLELISM = 10

/** Resolves with the failures: none if every step ran. Steps that could not start are simply not run. */
export async function runSteps(steps: readonly Step[], signal: AbortSignal): Promise<unknown[]> {
  const waiting = new Map<string, number>()
  const dependents = new Map<string, Step[]>()
  const ids = new Set(steps.map((step) => step.id))
  const ready: Step[] = []
  for (const step of steps) {
    const needs = [...step.needs].filter((id) => ids.has(id) && id !== step.id)
    waiting.set(step.id, needs.length)
    if (needs.length === 0) ready.push(step)
    for (const id of needs) dependents.set(id, [...(dependents.get(id) ?? []), step])
  }
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  let finished = 0
  const start = async (step: Step) => {
    try {
      await step.run()
    } catch (error) {
      failures.push(error)
      return
    }
    finished++
    for (const dependent of dependents.get(step.id) ?? []) {
      const left = (waiting.get(dependent.id) ?? 0) - 1
      waiting.set(dependent.id, left)
      if (left === 0) ready.push(dependent)
    }
  }
  for (;;) {
    while (ready.length > 0 && running.size < PARALLELISM && failures.length === 0 && !signal.aborted) {
      const step = ready.shift()
      if (step === undefined) break
      const task = start(step).finally(() => running.delete(task))
      running.add(task)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  if (failures.length === 0 && !signal.aborted && finished < steps.length) {
    const stuck = steps.filter((step) => (waiting.get(step.id) ?? 0) > 0).map((step) => step.id)
    throw new Error(`Steps of an apply wait for each other: ${stuck.join(', ')}`)
  }
  return failures
}
