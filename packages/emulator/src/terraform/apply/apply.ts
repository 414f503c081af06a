/**
 * Applies a plan: turns it into steps, runs them, reports each, and writes the state after every one, so that the next
 * apply continues where one that was interrupted or failed has stopped.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Store } from '../../store.ts'
import type { EvaluationContext } from '../config/evaluation-context.ts'
import { expand } from '../config/expand.ts'
import {
  collectDiagnostics,
  type Diagnostic,
  ExpressionError,
  formatDiagnostic,
  TerraformError,
} from '../model/diagnostics.ts'
import type { Action, ApplyEvent, ApplyResult, Change } from '../model/results.ts'
import { summarize } from '../model/results.ts'
import { specsOf, toExpressionValue } from '../plan/configure.ts'
import { readInstance } from '../plan/data.ts'
import type { Engine, ExecutablePlan } from '../plan/plan.ts'
import { evaluateOutputs, worldOf } from '../plan/plan.ts'
import type { Session } from '../plan/session.ts'
import { instanceAddress } from '../state/state.ts'
import { toValue } from '../value/term.ts'
import { listDeletions, removeInstance } from './deletions.ts'
import { applyInstance, lifecycleRecord } from './instance.ts'
import { runSteps, type Step } from './schedule.ts'
import { applyId, orderSteps, readId } from './steps.ts'

export interface ApplyOptions {
  readonly stack: string
  readonly onProgress?: (event: ApplyEvent) => void
}

interface Work {
  readonly id: string
  /** False where it is only evaluated again, because a resource that it needs changes. */
  readonly isPlanned: boolean
  readonly address: string
  readonly action: Action
  run(): Promise<Change | undefined>
}

/** Throws `TerraformError` with what failed; what was done before stays done. */
export async function applyPlan(
  engine: Engine,
  store: Store,
  executable: ExecutablePlan,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { session } = executable
  const evaluation = worldOf(engine, session, options.stack, false)
  persistMoves(executable)
  persistImports(executable)
  persistRefreshed(session)
  const pending = pendingResources(session)
  declareKnown(session, evaluation)
  const plans = [...session.plans.values()].filter(
    (plan) => plan.action !== 'no-op' || pending.has(plan.block.address),
  )
  const reads = [...session.deferred].filter((address) => pending.has(address))
  const deletions = listDeletions(executable)
  const work: Work[] = [
    ...plans.map(
      (plan): Work => ({
        id: applyId(plan.address),
        isPlanned: plan.action !== 'no-op',
        address: plan.address,
        action: plan.action === 'no-op' ? 'update' : plan.action,
        run: () => applyInstance(store, session, evaluation, plan),
      }),
    ),
    ...reads.map(
      (address): Work => ({
        id: readId(address),
        isPlanned: false,
        address,
        action: 'read',
        run: () => readLate(session, evaluation, address),
      }),
    ),
    ...deletions.map(
      (deletion): Work => ({
        id: deletion.id,
        isPlanned: deletion.kind !== 'replaced',
        address: deletion.instance.address,
        action: 'delete',
        run: () => removeInstance(store, session, deletion),
      }),
    ),
  ]
  const begun: Change[] = executable.plan.changes.filter(
    ({ action }) => action === 'move' || action === 'import',
  )
  begun.push(...forget(executable))
  await execute(session, work, orderSteps(session.graph, plans, reads, deletions), begun, options)
  const changes = merged(begun)
  const { values, sensitive } = await evaluateOutputs(session, evaluation)
  if (session.diagnostics.hasErrors()) throw new TerraformError(session.diagnostics.all)
  const { folder } = session.configuration
  const outputs = Object.fromEntries(Object.entries(values).map(([name, term]) => [name, toValue(term)]))
  const kept = Object.entries(outputs).map(([name, value]) => [
    name,
    { value, sensitive: sensitive.includes(name) },
  ])
  session.state.stacks.put(options.stack, { stack: options.stack, folder, outputs: Object.fromEntries(kept) })
  options.onProgress?.({ type: 'summary', text: summarize(changes) })
  const warnings = session.diagnostics.all.map(formatDiagnostic)
  return { outputs, sensitiveOutputs: sensitive, changes, inert: [...session.inert], warnings }
}

async function execute(
  session: Session,
  work: readonly Work[],
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  changes: Change[],
  options: ApplyOptions,
): Promise<void> {
  let done = 0
  const begun = new Set<Work>()
  const report = (item: Work, state: 'started' | 'done' | 'failed', error?: string) => {
    const { address, action } = item
    options.onProgress?.({
      type: 'resource',
      address,
      action,
      state,
      done,
      total: work.length,
      ...(error ? { error } : {}),
    })
  }
  const steps = work.map(
    (item): Step => ({
      id: item.id,
      needs: needs.get(item.id) ?? new Set(),
      async run() {
        begun.add(item)
        report(item, 'started')
        try {
          const change = await item.run()
          done++
          if (change !== undefined) changes.push(change)
          report(item, 'done')
        } catch (error) {
          report(item, 'failed', error instanceof Error ? error.message : String(error))
          throw new TerraformError(diagnosticsOf(error, item.address), { cause: error })
        }
      },
    }),
  )
  const failures = await runSteps(steps, session.signal)
  const found = failures.flatMap((failure) => diagnosticsOf(failure, ''))
  if (found.length === 0 && session.signal.aborted) {
    const detail = `${done} of ${work.length} steps were done and are kept; apply again to go on.`
    found.push({ severity: 'error', summary: 'The apply was interrupted', detail })
  }
  if (found.length === 0) return
  const pending = work
    .filter((item) => !begun.has(item) && item.isPlanned)
    .map(({ address, action }) => ({ address, action }))
  throw new TerraformError(found, { unfinished: { changes: merged(changes), pending } })
}

/** The deletion that belongs to a replacement is reported only where the replacement itself was not made. */
function merged(changes: readonly Change[]): Change[] {
  const replaced = new Set(changes.flatMap(({ action, address }) => (action === 'replace' ? [address] : [])))
  return changes.filter(({ action, address }) => action !== 'delete' || !replaced.has(address))
}

function diagnosticsOf(error: unknown, address: string): Diagnostic[] {
  if (error instanceof TerraformError) return [...error.diagnostics]
  const detail = detailOf(error)
  if (error instanceof ExpressionError)
    return [{ severity: 'error', address, summary: error.summary, detail }]
  return [{ severity: 'error', address, summary: 'It could not be applied', detail }]
}

/** The message, and the code by which AWS knows the error where it has one: `DuplicateTargetGroupName: …`. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return code === '' || error.message.includes(code) ? error.message : `${code}: ${error.message}`
}

/** Resources that change, and all that need one of them: their values must be evaluated again. */
function pendingResources({ configuration, deferred, graph, plans }: Session): Set<string> {
  const changing = new Set(
    [...plans.values()].filter((plan) => plan.action !== 'no-op').map((plan) => plan.block.address),
  )
  const pending = new Set<string>()
  for (const address of graph.order) {
    const isLate = deferred.has(address) && !address.startsWith('ephemeral.')
    const isDownstream = [...graph.dependencies(address)].some((dependency) => pending.has(dependency))
    if (changing.has(address) || isLate || isDownstream) pending.add(address)
  }
  // Ephemeral values are opened only for those who need them.
  for (const address of [...pending]) {
    for (const dependency of graph.dependencies(address)) {
      if (configuration.resources.get(dependency)?.mode === 'ephemeral') pending.add(dependency)
    }
  }
  return pending
}

/** What the plan knows already: instances that stay as they are, and data that was read. */
function declareKnown(session: Session, evaluation: EvaluationContext): void {
  for (const address of session.graph.order) {
    const block = session.configuration.resources.get(address)
    if (block === undefined || session.deferred.has(address)) continue
    const repetition = block.count != null ? 'count' : block.forEach != null ? 'for_each' : 'single'
    evaluation.expand(address, repetition)
  }
  for (const plan of session.plans.values()) {
    if (plan.prior === undefined || plan.action === 'create' || plan.action === 'replace') continue
    const value = toExpressionValue(plan.prior.attributes, specsOf(session, plan.block), plan.address)
    evaluation.set(plan.block.address, plan.key, value)
  }
  for (const [address, value] of session.dataValues) {
    const resource = address.replace(/\[.*$/s, '')
    const key = /\[(.*)\]$/s.exec(address)?.[1]
    evaluation.set(resource, key === undefined ? null : (JSON.parse(key) as string | number), value)
  }
}

async function readLate(
  session: Session,
  evaluation: EvaluationContext,
  address: string,
): Promise<Change | undefined> {
  const block = session.configuration.resources.get(address)
  if (block === undefined) throw new Error(`${address} lost its block between plan and apply`)
  await evaluation.breathe()
  const diagnostics = collectDiagnostics()
  const expansion = expand(block, evaluation)
  evaluation.expand(address, expansion.repetition)
  for (const { key, scope } of expansion.instances) {
    await evaluation.breathe()
    const place = { block, address: instanceAddress(address, key), scope }
    evaluation.set(address, key, await readInstance(session, evaluation, place, diagnostics))
  }
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  return block.mode === 'data' ? { address, action: 'read' } : undefined
}

function persistMoves({ session, moves }: ExecutablePlan): void {
  for (const { from, to } of moves) {
    const instance = session.instances.get(to)
    session.state.instances.delete(from)
    if (instance !== undefined) session.state.instances.put(to, instance)
  }
}

function persistImports({ session, imports }: ExecutablePlan): void {
  for (const { to } of imports) {
    const instance = session.instances.get(to)
    if (instance !== undefined) session.state.instances.put(to, instance)
  }
}

/**
 * What changed outside of Terraform and stays so (`ignore_changes`) is what the state says from now on; and what the
 * configuration says of an instance besides its attributes holds although nothing is done to it.
 */
function persistRefreshed(session: Session): void {
  for (const [address, plan] of session.plans) {
    const { action, prior } = plan
    if (action !== 'no-op' || prior === undefined) continue
    const present = { ...prior, ...lifecycleRecord(session, plan) }
    if (session.drift.has(address) || !isDeepStrictEqual(present, prior))
      session.state.instances.put(address, present)
  }
}

function forget({ removals, session }: ExecutablePlan): Change[] {
  return removals.flatMap(({ instance, action }): Change[] => {
    if (action !== 'forget') return []
    session.state.instances.delete(instance.address)
    return [{ address: instance.address, action }]
  })
}
