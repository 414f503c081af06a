/**
 * Data sources are read while planning where their configuration is known and nothing that they must wait for
 * changes; otherwise the apply reads them. Ephemeral values are opened by the apply only.
 */

import type { EvaluationContext } from '../config/evaluation-context.ts'
import { checkConditions } from '../config/inputs.ts'
import { referencesOf } from '../expression/references.ts'
import { parseExpression } from '../hcl/expression.ts'
import type { ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import { instanceAddress } from '../state/state.ts'
import type { AttributeSpecs } from '../type/resource-type.ts'
import type { Term, TermObject } from '../value/term.ts'
import { hasUnknown } from '../value/term.ts'
import type { InstancePlace } from './configure.ts'
import {
  configure,
  configureInert,
  placeholderAttributes,
  specsOf,
  toExpressionValue,
  toProviderInput,
} from './configure.ts'
import { propose } from './propose.ts'
import { acceptInert, expansionOf } from './resource.ts'
import type { InstancePlan, Session } from './session.ts'
import { applyContext } from './session.ts'

export async function planData(
  session: Session,
  evaluation: EvaluationContext,
  block: ResourceBlock,
): Promise<void> {
  const { diagnostics } = session
  const specs = specsOf(session, block)
  if (specs === undefined && !acceptInert(session, block)) return evaluation.setUnknown(block.address)
  const expansion = expansionOf(session, block, evaluation)
  if (expansion === undefined) return evaluation.setUnknown(block.address)
  evaluation.expand(block.address, expansion.repetition)
  let deferred = session.isCheck || block.mode === 'ephemeral' || waits(session, block)
  for (const { key, scope } of expansion.instances) {
    await evaluation.breathe()
    const place = { block, address: instanceAddress(block.address, key), scope }
    const config = specs && configure(session, evaluation, place, specs, diagnostics)
    if (config !== undefined && hasUnknown(config)) deferred = true
    if (deferred || diagnostics.hasErrors()) continue
    const value = await readInstance(session, evaluation, place, diagnostics)
    session.dataValues.set(place.address, value)
    evaluation.set(block.address, key, value)
  }
  if (!deferred) return
  session.deferred.add(block.address)
  evaluation.setUnknown(block.address)
}

/** For what it depends on by name, and for all that this needs. */
function waits({ deferred, graph, plans }: Session, block: ResourceBlock): boolean {
  const named = block.dependsOn.flatMap((text) => referencesOf(parseExpression(text))).map((to) => to.address)
  const awaited = new Set(named.flatMap((address) => [address, ...graph.ancestors(address)]))
  const isChanging = ({ action, block: { address } }: InstancePlan) =>
    action !== 'no-op' && awaited.has(address)
  return [...awaited].some((address) => deferred.has(address)) || [...plans.values()].some(isChanging)
}

/** Reads a data source, or opens an ephemeral value. What goes wrong becomes a diagnostic. */
export async function readInstance(
  session: Session,
  evaluation: EvaluationContext,
  place: InstancePlace,
  diagnostics: Diagnostics,
): Promise<Term> {
  const { block, address, scope } = place
  const specs = specsOf(session, block)
  checkConditions(
    'precondition',
    block.lifecycle.preconditions,
    evaluation.scope(scope),
    address,
    diagnostics,
  )
  if (specs === undefined) {
    session.inert.add(address)
    return toExpressionValue(
      placeholderAttributes(address, configureInert(evaluation, place, diagnostics)),
      undefined,
      address,
    )
  }
  const config = propose(configure(session, evaluation, place, specs, diagnostics), undefined, specs)
  if (diagnostics.hasErrors()) return {}
  const value = await ask(session, place, config, specs, diagnostics)
  const self = { ...scope, self: value }
  checkConditions(
    'postcondition',
    block.lifecycle.postconditions,
    evaluation.scope(self),
    address,
    diagnostics,
  )
  return value
}

async function ask(
  session: Session,
  place: InstancePlace,
  config: TermObject,
  specs: AttributeSpecs,
  diagnostics: Diagnostics,
): Promise<Term> {
  const { block, address } = place
  const context = applyContext(session, address, String(config.region ?? ''))
  try {
    const attributes = toProviderInput(config, specs)
    const found =
      block.mode === 'ephemeral'
        ? await session.types.ephemerals.get(block.type)?.open(attributes, context)
        : await session.types.dataSources.get(block.type)?.read(attributes, context)
    return toExpressionValue({ ...attributes, ...found }, specs, address)
  } catch (error) {
    diagnostics.error(
      { address },
      'It cannot be read',
      error instanceof Error ? error.message : String(error),
    )
    return {}
  }
}
