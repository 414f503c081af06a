/**
 * The Terraform engine: evaluates a synthesized folder (`cdk.tf.json`, Terraform's JSON syntax) and applies it to
 * the emulator's resource types, as Terraform would apply it to AWS: plan, dependency order, changes in place and
 * replacements, life-cycle rules, state, destroy.
 *
 * By design: no modules, provisioners, HCL files, providers other than `aws` and `terraform_data`; the
 * backend is accepted and not used. Quirks: numbers are doubles; sensitivity is not tracked through expressions;
 * attributes have no types, so that "80" and 80 count as equal.
 */
import { randomUUID } from 'node:crypto'
import type { Store } from '../store.ts'
import { applyPlan } from './apply/apply.ts'
import { destroyStack } from './apply/destroy.ts'
import { type CheckedStack, type CheckOptions, checkStacks } from './check.ts'
import { TerraformError } from './model/diagnostics.ts'
import type { ApplyEvent, ApplyResult, Plan } from './model/results.ts'
import { type Engine, type PlanOptions, planStack } from './plan/plan.ts'
import { openStacks, openState } from './state/state.ts'
import type { Attributes, DataSourceType, EphemeralType, ResourceType, Value } from './type/resource-type.ts'
import { terraformData } from './type/terraform-data.ts'

export interface TerraformOptions {
  readonly store: Store
  readonly accountId: string
  /** The region where the provider names none. */
  readonly region: string
  readonly types: {
    readonly resources: readonly ResourceType[]
    readonly dataSources: readonly DataSourceType[]
    readonly ephemerals: readonly EphemeralType[]
  }
  /** For `timestamp()`; the wall clock by default. */
  readonly now?: () => number
}

export interface ApplyOptions extends PlanOptions {
  /** Called at the start and the end of every step. */
  readonly onProgress?: (event: ApplyEvent) => void
}

export interface StackResource {
  readonly stack: string
  readonly address: string
  readonly type: string
  readonly attributes: Attributes
}

export interface Terraform {
  /** Throws `TerraformError` with all that is wrong with the stacks, as far as it shows without applying anything. */
  check(stacks: readonly CheckedStack[], options?: CheckOptions): Promise<void>
  /** What an apply would change. Throws `TerraformError` with every diagnostic. */
  plan(folder: string, options: PlanOptions): Promise<Plan>
  /** Plans and applies. Throws `TerraformError`; what was done before a failure is kept, and the next apply continues. */
  apply(folder: string, options: ApplyOptions): Promise<ApplyResult>
  /** Deletes what the state of the stack holds, dependents first; needs no folder. */
  destroy(stack: string, options?: Pick<ApplyOptions, 'onProgress' | 'signal'>): Promise<ApplyResult>
  /** The instances of one stack, or of all. */
  resources(stack?: string): StackResource[]
  outputs(stack: string): Readonly<Record<string, Value>>
}

/** Throws if two services claim the same type. */
export function createTerraform(options: TerraformOptions): Terraform {
  const { store, types } = options
  const engine: Engine = {
    accountId: options.accountId,
    region: options.region,
    types: {
      resources: byType([terraformData(randomUUID), ...types.resources]),
      dataSources: byType(types.dataSources),
      ephemerals: byType(types.ephemerals),
    },
    now: options.now ?? Date.now,
    uuid: randomUUID,
  }
  const running = new Set<string>()
  /** The state of a stack is locked while it changes, as with any backend. */
  const exclusively = async <T>(stack: string, work: () => Promise<T>): Promise<T> => {
    if (running.has(stack)) {
      const detail = 'Another apply or destroy of this stack is running. Wait for it to end.'
      throw new TerraformError([{ severity: 'error', summary: `The state of "${stack}" is locked`, detail }])
    }
    running.add(stack)
    try {
      return await work()
    } finally {
      running.delete(stack)
    }
  }
  const resourcesOf = (stack: string) =>
    openState(store, stack)
      .instances.values()
      .map(({ address, type, attributes }) => ({ stack, address, type, attributes }))
  return {
    check: (stacks, check = {}) => checkStacks(engine, stacks, check),
    plan: async (folder, plan) => (await planStack(engine, openState(store, plan.stack), folder, plan)).plan,
    apply: (folder, apply) =>
      exclusively(apply.stack, async () => {
        const state = openState(store, apply.stack)
        // Known from the start, so that an interrupted first apply can be found and destroyed.
        if (!state.stacks.has(apply.stack))
          state.stacks.put(apply.stack, { stack: apply.stack, folder, outputs: {} })
        const executable = await planStack(engine, state, folder, apply)
        const result = await applyPlan(engine, store, executable, apply)
        if (apply.destroy) state.stacks.delete(apply.stack)
        return result
      }),
    destroy: (stack, destroy = {}) => exclusively(stack, () => destroyStack(engine, store, stack, destroy)),
    resources: (stack) =>
      (stack === undefined
        ? openStacks(store)
            .values()
            .map((record) => record.stack)
        : [stack]
      ).flatMap(resourcesOf),
    outputs: (stack) => {
      const outputs = Object.entries(openStacks(store).get(stack)?.outputs ?? {})
      return Object.fromEntries(outputs.map(([name, { value }]) => [name, value]))
    },
  }
}

function byType<T extends { readonly type: string }>(types: readonly T[]): Map<string, T> {
  const table = new Map<string, T>()
  for (const type of types) {
    if (table.has(type.type)) throw new Error(`Two services claim the type ${type.type}`)
    table.set(type.type, type)
  }
  return table
}

export type { CheckedStack } from './check.ts'
export { type Diagnostic, TerraformError } from './model/diagnostics.ts'
export type { Action, ApplyEvent, ApplyResult, Change, Plan, Unfinished } from './model/results.ts'
export { summarize } from './model/results.ts'
export type { PlanOptions } from './plan/plan.ts'
