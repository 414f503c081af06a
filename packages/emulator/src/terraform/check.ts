/**
 * Looks at all stacks of a platform before any of them is applied: unknown types and attributes, broken references,
 * values that cannot be. A stack that is applied later needs what an earlier one makes, so nothing is read here, and
 * what only a plan can know counts as unknown. What a service itself refuses shows only while applying.
 */
import { openStore } from '../store.ts'
import { type Diagnostic, TerraformError } from './model/diagnostics.ts'
import { type Engine, type PlanOptions, planStack } from './plan/plan.ts'
import { openState } from './state/state.ts'

export interface CheckedStack {
  readonly name: string
  readonly folder: string
  readonly variables?: PlanOptions['variables']
}

export type CheckOptions = Pick<PlanOptions, 'inert'>

/** Throws `TerraformError` with the diagnostics of all stacks, each with its stack. */
export async function checkStacks(
  engine: Engine,
  stacks: readonly CheckedStack[],
  options: CheckOptions,
): Promise<void> {
  const found: Diagnostic[] = []
  for (const { name, folder, variables } of stacks) {
    const store = openStore(':memory:')
    try {
      await planStack(engine, openState(store, name), folder, {
        ...options,
        ...(variables ? { variables } : {}),
        stack: name,
        isCheck: true,
      })
    } catch (error) {
      if (!(error instanceof TerraformError)) throw error
      found.push(...error.diagnostics.map((diagnostic) => ({ stack: name, ...diagnostic })))
    } finally {
      store.close()
    }
  }
  if (found.some(({ severity }) => severity === 'error')) throw new TerraformError(found)
}
