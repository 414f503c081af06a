/** Destroys a stack from its state alone: dependents first, then what they depended on. */
import type { Store } from '../../store.ts'
import { buildGraph } from '../config/graph.ts'
import { readDocuments } from '../config/read.ts'
import { collectDiagnostics, TerraformError } from '../model/diagnostics.ts'
import type { ApplyEvent, ApplyResult } from '../model/results.ts'
import { type Engine, type ExecutablePlan, unknownType } from '../plan/plan.ts'
import { forbidden } from '../plan/resource.ts'
import type { Session } from '../plan/session.ts'
import { openState, type StateInstance } from '../state/state.ts'
import { applyPlan } from './apply.ts'

export interface DestroyOptions {
  readonly onProgress?: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

/** Throws `TerraformError` if an instance is protected, or cannot be deleted; what was deleted before stays deleted. */
export async function destroyStack(
  engine: Engine,
  store: Store,
  stack: string,
  options: DestroyOptions,
): Promise<ApplyResult> {
  const state = openState(store, stack)
  const diagnostics = collectDiagnostics()
  const configuration = readDocuments(state.stacks.get(stack)?.folder ?? '.', [], diagnostics)
  const instances = new Map(state.instances.values().map((instance) => [instance.address, instance]))
  const session: Session = {
    accountId: engine.accountId,
    configuration,
    graph: buildGraph(configuration, diagnostics),
    state,
    types: engine.types,
    inertTypes: new Set(),
    refresh: false,
    isCheck: false,
    signal: options.signal ?? new AbortController().signal,
    diagnostics,
    createBeforeDestroy: new Set(),
    variables: {},
    provider: () => ({ region: engine.region, defaultTags: {} }),
    instances,
    plans: new Map(),
    dataValues: new Map(),
    deferred: new Set(),
    drift: new Set(),
    inert: new Set(),
  }
  for (const instance of instances.values()) checkDeletable(session, instance)
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  const removals = [...instances.values()].map((instance) => ({ instance, action: 'delete' as const }))
  const plan = {
    stack,
    folder: configuration.folder,
    changes: [],
    outputs: {},
    drift: [],
    inert: [],
    warnings: [],
  }
  const executable: ExecutablePlan = { session, removals, moves: [], imports: [], plan }
  const result = await applyPlan(engine, store, executable, { stack, ...options })
  state.stacks.delete(stack)
  return result
}

function checkDeletable(session: Session, instance: StateInstance): void {
  if (instance.preventDestroy) forbidden(session, instance.address, 'The stack is to be destroyed')
  if (instance.inert || session.types.resources.has(instance.type)) return
  unknownType(session, instance)
}
