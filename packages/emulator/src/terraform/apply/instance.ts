/**
 * Makes, changes or replaces one instance, with everything known by now. The state is written in the same
 * transaction as what a synchronous type writes, so that neither is there without the other.
 */
import { randomBytes } from 'node:crypto'
import type { Store } from '../../store.ts'
import type { EvaluationContext, InstanceScope } from '../config/evaluation-context.ts'
import { expand } from '../config/expand.ts'
import { checkConditions } from '../config/inputs.ts'
import { collectDiagnostics, TerraformError } from '../model/diagnostics.ts'
import type { Change } from '../model/results.ts'
import { differences } from '../plan/compare.ts'
import {
  configure,
  configureInert,
  configureOver,
  placeholderAttributes,
  specsOf,
  toExpressionValue,
  toProviderInput,
  toStateValue,
} from '../plan/configure.ts'
import { describeInstance } from '../plan/plan.ts'
import { propose } from '../plan/propose.ts'
import type { InstancePlan, Session } from '../plan/session.ts'
import { applyContext } from '../plan/session.ts'
import type { StateInstance } from '../state/state.ts'
import type { AttributeSpecs, Attributes, ResourceType } from '../type/resource-type.ts'

/** What was done; undefined when, with everything known, there is nothing to do. */
export async function applyInstance(
  store: Store,
  session: Session,
  evaluation: EvaluationContext,
  plan: InstancePlan,
): Promise<Change | undefined> {
  const { block, key, address } = plan
  await evaluation.breathe()
  const diagnostics = collectDiagnostics()
  const scope = instanceScope(plan, evaluation)
  const place = { block, address, scope }
  const specs = specsOf(session, block)
  checkConditions(
    'precondition',
    block.lifecycle.preconditions,
    evaluation.scope(scope),
    address,
    diagnostics,
  )
  if (specs === undefined) {
    const attributes = toProviderInput(
      placeholderAttributes(address, configureInert(evaluation, place, diagnostics)),
      {},
    )
    keep(session, plan, { attributes, region: '', inert: true }, leftBehind(plan))
    evaluation.set(block.address, key, toExpressionValue(attributes, undefined, address))
    return plan.action === 'no-op' ? undefined : describe(plan)
  }
  const config = configure(session, evaluation, place, specs, diagnostics)
  const prior = plan.prior?.attributes
  const ignored = prior && configureOver(session, evaluation, place, config, prior, specs, diagnostics)
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  const type = session.types.resources.get(block.type)
  if (type === undefined) throw new Error(`${block.type} lost its type between plan and apply`)
  const isNew =
    prior === undefined || ignored === undefined || plan.action === 'create' || plan.action === 'replace'
  const proposed = propose(ignored ?? config, isNew ? undefined : prior, specs)
  const region = String(config.region ?? '')
  const context = applyContext(session, address, region)
  const given = toProviderInput(proposed, specs)
  let deposed = leftBehind(plan)
  // What a type does not mention stays as it was asked for.
  const write = (attributes: Attributes) => {
    const part = { attributes: toStateValue({ ...given, ...attributes }, specs), region, inert: false }
    keep(session, plan, part, deposed)
    deposed = []
  }
  let { changed } = plan
  if (isNew) {
    await written(store, () => type.create({ ...given }, context, write), write)
  } else {
    changed = checkedChanges(plan, proposed, prior, specs, type)
    if (changed.length === 0) {
      write(prior)
      evaluation.set(block.address, key, toExpressionValue(prior, specs, address))
      return undefined
    }
    const { update } = type
    if (update !== undefined) await written(store, () => update({ ...given }, prior, context), write)
  }
  const attributes = session.state.instances.get(address)?.attributes ?? {}
  const self = toExpressionValue(attributes, specs, address)
  evaluation.set(block.address, key, self)
  checkConditions(
    'postcondition',
    block.lifecycle.postconditions,
    evaluation.scope({ ...scope, self }),
    address,
    diagnostics,
  )
  if (diagnostics.hasErrors()) throw new TerraformError(diagnostics.all)
  return describe({
    ...plan,
    changed,
    ...(plan.action === 'no-op' ? { reason: 'what it needs has changed' } : {}),
  })
}

/** What changes in place now; a replacement that the plan did not announce is refused. */
function checkedChanges(
  plan: InstancePlan,
  proposed: Attributes | Parameters<typeof differences>[0],
  prior: Attributes,
  specs: AttributeSpecs,
  type: ResourceType,
): string[] {
  const found = differences(proposed, prior, specs)
  const forcing = found.find((difference) => difference.forceNew || type.update === undefined)
  if (forcing === undefined) return found.map((difference) => difference.path)
  throw new TerraformError([
    {
      severity: 'error',
      address: plan.address,
      attribute: forcing.path,
      summary: 'It must be replaced, which was not planned',
      detail: 'What it refers to changed only while applying. Apply again: the next plan knows.',
    },
  ])
}

/** Runs the type's work and writes the state; both in one transaction as far as the work is synchronous. */
async function written(
  store: Store,
  work: () => Attributes | Promise<Attributes>,
  write: (attributes: Attributes) => void,
): Promise<void> {
  const result = store.transaction(() => {
    const attributes = work()
    if (!(attributes instanceof Promise)) write(attributes)
    return attributes
  })
  if (result instanceof Promise) write(await result)
}

/** Its predecessor, where that goes only after it. */
function leftBehind({ action, createBeforeDestroy, prior }: InstancePlan): StateInstance['deposed'] {
  const isReplacedFirst = action === 'replace' && createBeforeDestroy && prior !== undefined
  return isReplacedFirst ? [{ key: randomBytes(4).toString('hex'), attributes: prior.attributes }] : []
}

function keep(
  session: Session,
  plan: InstancePlan,
  part: Pick<StateInstance, 'attributes' | 'region' | 'inert'>,
  left: StateInstance['deposed'],
): void {
  const { block, key, address } = plan
  session.state.instances.put(address, {
    address,
    resource: block.address,
    type: block.type,
    key,
    ...part,
    ...lifecycleRecord(session, plan),
    deposed: [...(session.state.instances.get(address)?.deposed ?? []), ...left],
  })
}

/** What the state keeps of the configuration, for a destroy that has none. */
export function lifecycleRecord(
  { graph }: Session,
  { block, createBeforeDestroy }: InstancePlan,
): Pick<StateInstance, 'dependencies' | 'createBeforeDestroy' | 'preventDestroy'> {
  const dependencies = [...graph.ancestors(block.address)].filter((other) => !other.startsWith('ephemeral.'))
  return { dependencies, createBeforeDestroy, preventDestroy: block.lifecycle.preventDestroy }
}

/** `each.value` may have been unknown in the plan: it is evaluated again. */
function instanceScope(plan: InstancePlan, evaluation: EvaluationContext): InstanceScope {
  if (plan.key === null) return {}
  return expand(plan.block, evaluation).instances.find((instance) => instance.key === plan.key)?.scope ?? {}
}

const describe = (plan: InstancePlan): Change =>
  describeInstance({ ...plan, action: plan.action === 'no-op' ? 'update' : plan.action })
