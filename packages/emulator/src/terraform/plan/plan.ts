/**
 * Plans a stack: walks the blocks in the order of the graph, evaluates each with what is known, and compares it with
 * the state as it really looks. Everything that is wrong is collected before anything is thrown.
 */

import { createEvaluationContext } from '../config/evaluation-context.ts'
import { buildGraph } from '../config/graph.ts'
import { checkConditions, readVariables } from '../config/inputs.ts'
import { createProviders } from '../config/providers.ts'
import { readFolder } from '../config/read.ts'
import { evaluateJson } from '../expression/evaluate.ts'
import type { FunctionContext } from '../functions/arguments.ts'
import type { Configuration, ImportBlock } from '../model/configuration.ts'
import { collectDiagnostics, formatDiagnostic, TerraformError } from '../model/diagnostics.ts'
import type { Action, Change, Plan } from '../model/results.ts'
import { moveInstances } from '../state/moves.ts'
import type { State, StateInstance } from '../state/state.ts'
import type { Value } from '../type/resource-type.ts'
import type { TermObject } from '../value/term.ts'
import { hasUnknown, toValue } from '../value/term.ts'
import { specsOf } from './configure.ts'
import { planData } from './data.ts'
import { importInstances } from './imports.ts'
import { forbidden, planResource, refresh } from './resource.ts'
import type { InstancePlan, Session, Types } from './session.ts'

export interface Engine {
  readonly accountId: string
  readonly region: string
  readonly types: Types
  now(): number
  uuid(): string
}

export interface PlanOptions {
  readonly stack: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** Types that are accepted without being rehearsed. */
  readonly inert?: readonly string[]
  /** Plans to remove everything. */
  readonly destroy?: boolean
  /** False: trusts the state instead of looking at what is really there. */
  readonly refresh?: boolean
  /** Only looks for what is wrong with the folder. */
  readonly isCheck?: boolean
  readonly signal?: AbortSignal
}

/** A plan with all that an apply needs. */
export interface ExecutablePlan {
  readonly session: Session
  /** In the state, and no longer in the configuration. */
  readonly removals: readonly { readonly instance: StateInstance; readonly action: 'delete' | 'forget' }[]
  readonly moves: readonly { readonly from: string; readonly to: string }[]
  /** Brought into the state. */
  readonly imports: readonly ImportBlock[]
  readonly plan: Plan
}

/** Throws `TerraformError` with every diagnostic. */
export async function planStack(
  engine: Engine,
  state: State,
  folder: string,
  options: PlanOptions,
): Promise<ExecutablePlan> {
  const diagnostics = collectDiagnostics()
  const configuration = readFolder(folder, diagnostics)
  const variables = readVariables(configuration, options.variables ?? {}, diagnostics)
  const graph = buildGraph(configuration, diagnostics)
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  const { instances, moves } = moveInstances(state.instances.values(), configuration, diagnostics)
  const session: Session = {
    accountId: engine.accountId,
    configuration,
    graph,
    state,
    types: engine.types,
    inertTypes: new Set(options.inert),
    refresh: options.refresh ?? true,
    isCheck: options.isCheck ?? false,
    signal: options.signal ?? new AbortController().signal,
    diagnostics,
    createBeforeDestroy: creatingFirst(configuration, graph.dependencies),
    variables,
    provider: createProviders(configuration, engine.region, diagnostics),
    instances,
    plans: new Map(),
    dataValues: new Map(),
    deferred: new Set(),
    drift: new Set(),
    inert: new Set(),
  }
  const evaluation = worldOf(engine, session, options.stack, true)
  const imports = options.destroy ? [] : await importInstances(session, evaluation)
  const outputs = options.destroy ? {} : await planBlocks(session, evaluation)
  const removals = await planRemovals(session, options.destroy ?? false)
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  const changes = [
    ...imports.map(describeImport),
    ...changesOf(session),
    ...removals.map(describeRemoval),
    ...moves.map(describeMove),
  ]
  const warnings = diagnostics.all.map(formatDiagnostic)
  const { drift, inert } = session
  const plan: Plan = {
    stack: options.stack,
    folder: configuration.folder,
    changes,
    outputs,
    drift: [...drift],
    inert: [...inert],
    warnings,
  }
  return { session, removals, moves, imports, plan }
}

/** An evaluation context for a plan, where some values are unknown, or for an apply. */
export function worldOf(engine: Engine, session: Session, stack: string, planning: boolean) {
  const { configuration, variables } = session
  const functions: FunctionContext = {
    folder: configuration.folder,
    planning,
    now: engine.now,
    uuid: engine.uuid,
  }
  return createEvaluationContext({ configuration, variables, functions, workspace: stack })
}

async function planBlocks(
  session: Session,
  evaluation: ReturnType<typeof createEvaluationContext>,
): Promise<Record<string, Value>> {
  const { configuration, diagnostics, graph } = session
  for (const [name, variable] of configuration.variables) {
    await evaluation.breathe()
    checkConditions('validation', variable.validations, evaluation.scope(), `var.${name}`, diagnostics)
  }
  for (const address of graph.order) {
    const block = configuration.resources.get(address)
    if (block === undefined) continue
    await evaluation.breathe()
    await (block.mode === 'managed' ? planResource : planData)(session, evaluation, block)
  }
  for (const name of configuration.locals.keys()) {
    const address = `local.${name}`
    await evaluation.breathe()
    diagnostics.attempt({ address }, () => evaluateJson(`\${${address}}`, evaluation.scope()))
  }
  for (const [name, conditions] of configuration.checks) {
    await evaluation.breathe()
    checkConditions('assertion', conditions, evaluation.scope(), `check.${name}`, diagnostics)
  }
  const outputs: Record<string, Value> = {}
  for (const [name, output] of configuration.outputs) {
    const address = `output.${name}`
    await evaluation.breathe()
    checkConditions('precondition', output.preconditions, evaluation.scope(), address, diagnostics)
    const term = diagnostics.attempt({ address }, () => evaluateJson(output.value, evaluation.scope()))
    if (term !== undefined && !output.sensitive && !hasUnknown(term)) outputs[name] = toValue(term)
  }
  return outputs
}

/** Evaluates the outputs once everything is known. */
export async function evaluateOutputs(
  session: Session,
  evaluation: ReturnType<typeof createEvaluationContext>,
): Promise<{ values: TermObject; sensitive: string[] }> {
  const values: TermObject = {}
  const sensitive: string[] = []
  for (const [name, output] of session.configuration.outputs) {
    const address = `output.${name}`
    await evaluation.breathe()
    const term = session.diagnostics.attempt({ address }, () =>
      evaluateJson(output.value, evaluation.scope()),
    )
    if (term !== undefined) values[name] = term
    if (output.sensitive) sensitive.push(name)
  }
  await checkLate(session, evaluation)
  return { values, sensitive }
}

/** Conditions that could only be evaluated after the apply. What the plan reported is not reported again. */
async function checkLate(
  session: Session,
  evaluation: ReturnType<typeof createEvaluationContext>,
): Promise<void> {
  const { configuration, diagnostics } = session
  const late = collectDiagnostics()
  for (const [name, { preconditions }] of configuration.outputs) {
    await evaluation.breathe()
    checkConditions('precondition', preconditions, evaluation.scope(), `output.${name}`, late)
  }
  for (const [name, conditions] of configuration.checks) {
    await evaluation.breathe()
    checkConditions('assertion', conditions, evaluation.scope(), `check.${name}`, late)
  }
  const alreadyReported = new Set(diagnostics.all.map(formatDiagnostic))
  diagnostics.all.push(...late.all.filter((diagnostic) => !alreadyReported.has(formatDiagnostic(diagnostic))))
}

function creatingFirst(
  configuration: Configuration,
  dependencies: (address: string) => ReadonlySet<string>,
): Set<string> {
  const found = new Set<string>()
  const add = (address: string) => {
    if (found.has(address)) return
    found.add(address)
    for (const dependency of dependencies(address)) add(dependency)
  }
  for (const block of configuration.resources.values())
    if (block.lifecycle.createBeforeDestroy) add(block.address)
  return found
}

async function planRemovals(session: Session, destroy: boolean): Promise<ExecutablePlan['removals']> {
  const { configuration } = session
  const forgotten = new Set(
    configuration.removed.filter((block) => !block.destroy).map((block) => block.from),
  )
  const unwanted = [...session.instances.values()].filter(
    (instance) => destroy || !session.plans.has(instance.address),
  )
  const removals: { instance: StateInstance; action: 'delete' | 'forget' }[] = []
  for (const instance of unwanted) {
    const specs = specsOf(session, { mode: 'managed', type: instance.type })
    const present = await refresh(session, instance.address, specs)
    const isKept = present === undefined || (forgotten.has(instance.resource) && !destroy)
    removals.push({ instance: present ?? instance, action: isKept ? 'forget' : 'delete' })
    if (isKept) continue
    const isProtected = configuration.resources.get(instance.resource)?.lifecycle.preventDestroy ?? false
    if (isProtected) forbidden(session, instance.address, 'It is no longer wanted')
    if (!instance.inert && specs === undefined) unknownType(session, instance)
  }
  return removals
}

export function unknownType(session: Pick<Session, 'diagnostics'>, { address, type }: StateInstance): void {
  const detail = 'It is in the state, and the emulator no longer has a type that could delete it.'
  session.diagnostics.error({ address }, `Unknown resource type "${type}"`, detail)
}

function changesOf(session: Session): Change[] {
  const planned = [...session.plans.values()].flatMap((plan): Change[] => {
    if (plan.action === 'no-op') return []
    return [describeInstance({ ...plan, action: plan.action })]
  })
  const read = [...session.deferred].flatMap((address): Change[] =>
    address.startsWith('data.') ? [{ address, action: 'read' }] : [],
  )
  return [...planned, ...read]
}

/** What was or would be done to an instance, as it is reported to the user. */
export function describeInstance(
  plan: Pick<InstancePlan, 'address' | 'changed' | 'reason' | 'forcedBy' | 'createBeforeDestroy'> & {
    readonly action: Action
  },
): Change {
  const { address, action, changed, reason, forcedBy, createBeforeDestroy } = plan
  return {
    address,
    action,
    ...(changed.length > 0 ? { changed } : {}),
    ...(reason ? { reason } : {}),
    ...(forcedBy.length > 0 ? { forcedBy } : {}),
    ...(action === 'replace' && createBeforeDestroy ? { createBeforeDestroy } : {}),
  }
}

const describeRemoval = ({ instance, action }: ExecutablePlan['removals'][number]): Change => ({
  address: instance.address,
  action,
  reason:
    action === 'forget'
      ? 'it is gone, or a removed block says to leave it'
      : 'it is no longer in the configuration',
})

const describeMove = ({ from, to }: { from: string; to: string }): Change => ({
  address: to,
  action: 'move',
  reason: `it was ${from}`,
})

const describeImport = ({ to, id }: ImportBlock): Change => ({
  address: to,
  action: 'import',
  reason: `its id is ${id}`,
})
