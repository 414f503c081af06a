/** Plans one managed block: its instances, and for each what would happen to it and why. */

import type { EvaluationContext, InstanceKey } from '../config/evaluation-context.ts'
import { type Expansion, expand, LateExpression } from '../config/expand.ts'
import { checkConditions } from '../config/inputs.ts'
import { referencesIn, referencesOf } from '../expression/references.ts'
import { parseExpression } from '../hcl/expression.ts'
import type { ResourceBlock } from '../model/configuration.ts'
import type { StateInstance } from '../state/state.ts'
import { instanceAddress } from '../state/state.ts'
import type { AttributeSpecs, ResourceType } from '../type/resource-type.ts'
import type { TermObject } from '../value/term.ts'
import { differences } from './compare.ts'
import type { InstancePlace } from './configure.ts'
import {
  configure,
  configureInert,
  configureOver,
  placeholderAttributes,
  specsOf,
  toExpressionValue,
  toStateValue,
} from './configure.ts'
import { propose } from './propose.ts'
import type { InstancePlan, Session } from './session.ts'
import { applyContext } from './session.ts'

export async function planResource(
  session: Session,
  evaluation: EvaluationContext,
  block: ResourceBlock,
): Promise<void> {
  const { diagnostics } = session
  const specs = specsOf(session, block)
  if (specs === undefined && !acceptInert(session, block)) return evaluation.setUnknown(block.address)
  if (specs !== undefined) checkEphemeralUse(session, block, specs)
  const expansion = expansionOf(session, block, evaluation)
  if (expansion === undefined) return evaluation.setUnknown(block.address)
  evaluation.expand(block.address, expansion.repetition)
  for (const { key, scope } of expansion.instances) {
    await evaluation.breathe()
    const place: InstancePlace = { block, address: instanceAddress(block.address, key), scope }
    checkConditions(
      'precondition',
      block.lifecycle.preconditions,
      evaluation.scope(scope),
      place.address,
      diagnostics,
    )
    await planInstance(session, evaluation, place, key, specs)
  }
}

/** Undefined, with a diagnostic, where the instances cannot be known; a check leaves that to the plan. */
export function expansionOf(
  session: Session,
  block: ResourceBlock,
  evaluation: EvaluationContext,
): Expansion | undefined {
  return session.diagnostics.attempt({ address: block.address }, () => {
    try {
      return expand(block, evaluation)
    } catch (error) {
      if (session.isCheck && error instanceof LateExpression) return undefined
      throw error
    }
  })
}

/** False, with a diagnostic, for a type that is neither known nor accepted as inert. */
export function acceptInert(session: Session, block: ResourceBlock): boolean {
  if (session.inertTypes.has(block.type)) return true
  session.diagnostics.error(
    { address: block.address },
    `Unknown ${{ managed: 'resource', data: 'data source', ephemeral: 'ephemeral resource' }[block.mode]} type "${block.type}"`,
    `The emulator does not model it, and ignores nothing. To go on without rehearsing it: --inert ${block.type}`,
  )
  return false
}

/** https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral */
function checkEphemeralUse(session: Session, block: ResourceBlock, specs: AttributeSpecs): void {
  for (const [name, json] of Object.entries(block.body)) {
    const spec = specs[name]
    if (spec === undefined || spec.writeOnly || spec.block !== undefined) continue
    const source = referencesIn(json).find((reference) => session.graph.isEphemeral(reference.address))
    if (source === undefined) continue
    const detail = `${source.address} exists only while an apply runs: it may stand in write-only attributes, this one would be kept.`
    session.diagnostics.error(
      { address: block.address, attribute: name },
      'Ephemeral value in a kept attribute',
      detail,
    )
  }
}

async function planInstance(
  session: Session,
  evaluation: EvaluationContext,
  place: InstancePlace,
  key: InstanceKey,
  specs: AttributeSpecs | undefined,
) {
  const { block, address } = place
  const prior = await refresh(session, address, specs)
  const add = (
    plan: Pick<InstancePlan, 'action' | 'changed' | 'reason'> & Partial<InstancePlan>,
    attributes: TermObject,
  ) => {
    const createBeforeDestroy = session.createBeforeDestroy.has(block.address)
    session.plans.set(address, { block, key, address, prior, createBeforeDestroy, forcedBy: [], ...plan })
    const self = toExpressionValue(attributes, specs, address)
    evaluation.set(block.address, key, self)
    // On what is known by now: the apply does not evaluate again what does not change.
    if (specs === undefined) return
    const { postconditions } = block.lifecycle
    const scope = evaluation.scope({ ...place.scope, self })
    checkConditions('postcondition', postconditions, scope, address, session.diagnostics)
  }
  if (specs === undefined) {
    session.inert.add(address)
    const attributes = placeholderAttributes(address, configureInert(evaluation, place, session.diagnostics))
    return add(
      { action: prior === undefined ? 'create' : 'no-op', changed: [], reason: 'not rehearsed' },
      attributes,
    )
  }
  const configured = configure(session, evaluation, place, specs, session.diagnostics)
  if (prior === undefined) {
    const wasDeleted = session.state.instances.has(address) && session.drift.has(address)
    return add(
      { action: 'create', changed: [], reason: wasDeleted ? 'it is gone' : undefined },
      propose(configured, undefined, specs),
    )
  }
  const config = configureOver(
    session,
    evaluation,
    place,
    configured,
    prior.attributes,
    specs,
    session.diagnostics,
  )
  const proposed = propose(config, prior.attributes, specs)
  const found = differences(proposed, prior.attributes, specs)
  const changed = found.map((difference) => difference.path)
  const replacement = replacementOf(session, block, found, session.types.resources.get(block.type))
  if (replacement !== undefined) {
    if (block.lifecycle.preventDestroy) forbidden(session, address, replacement.reason)
    return add({ action: 'replace', changed, ...replacement }, propose(config, undefined, specs))
  }
  add(
    { action: changed.length > 0 ? 'update' : 'no-op', changed, reason: undefined },
    changed.length > 0 ? proposed : prior.attributes,
  )
}

function replacementOf(
  session: Session,
  block: ResourceBlock,
  found: readonly { path: string; forceNew: boolean }[],
  type: ResourceType | undefined,
): (Pick<InstancePlan, 'forcedBy'> & { readonly reason: string }) | undefined {
  const forcedBy = found
    .filter((difference) => difference.forceNew || type?.update === undefined)
    .map((difference) => difference.path)
  if (forcedBy.length > 0)
    return {
      forcedBy,
      reason: `${forcedBy.join(', ')} ${forcedBy.length > 1 ? 'force' : 'forces'} replacement`,
    }
  const trigger = block.lifecycle.replaceTriggeredBy.find((text) => isTriggered(session, text))
  return trigger === undefined ? undefined : { forcedBy, reason: `replaced because ${trigger} changes` }
}

/** A resource that is updated or replaced triggers; an attribute does if it is among what changes. */
function isTriggered(session: Session, text: string): boolean {
  const [reference] = referencesOf(parseExpression(text))
  if (reference === undefined) return false
  const attribute = text.slice(reference.address.length).replace(/^(\[[^\]]*\])?\./, '')
  const named = /^\[[^\]]*\]/.exec(text.slice(reference.address.length))?.[0] ?? ''
  return [...session.plans.values()].some((plan) => {
    if (plan.block.address !== reference.address || (plan.action !== 'update' && plan.action !== 'replace'))
      return false
    if (named !== '' && plan.address !== reference.address + named) return false
    return (
      attribute === '' ||
      attribute.startsWith('[') ||
      plan.action === 'replace' ||
      plan.changed.some((path) => path.startsWith(attribute))
    )
  })
}

export function forbidden(session: Pick<Session, 'diagnostics'>, address: string, why: string): void {
  const detail = `${why}, and lifecycle.prevent_destroy protects it. Remove the protection, or the change.`
  session.diagnostics.error({ address }, 'The plan would destroy it', detail)
}

/** The instance as it looks now; remembers what changed or went away outside of Terraform. */
export async function refresh(
  session: Session,
  address: string,
  specs: AttributeSpecs | undefined,
): Promise<StateInstance | undefined> {
  const stored = session.instances.get(address)
  const type = stored === undefined ? undefined : session.types.resources.get(stored.type)
  if (stored === undefined || specs === undefined || type?.read === undefined || !session.refresh)
    return stored
  try {
    const attributes = await type.read(stored.attributes, applyContext(session, address, stored.region))
    if (attributes === undefined) {
      session.drift.add(address)
      session.instances.delete(address)
      return undefined
    }
    const refreshed = { ...stored, attributes: toStateValue({ ...stored.attributes, ...attributes }, specs) }
    if (differences(refreshed.attributes, stored.attributes, specs).length > 0) session.drift.add(address)
    session.instances.set(address, refreshed)
    return refreshed
  } catch (error) {
    session.diagnostics.error(
      { address },
      'It cannot be read',
      error instanceof Error ? error.message : String(error),
    )
    return stored
  }
}
