/**
 * From a block to the attributes of one instance: the body evaluated, the provider's region and default tags
 * added (AWS provider's documentation, default_tags), and back: what the rest of the
 * folder sees of an instance, and what a type is given.
 */
import { evaluateBody } from '../config/body.ts'
import type { EvaluationContext, InstanceScope } from '../config/evaluation-context.ts'
import type { ProviderSettings } from '../config/providers.ts'
import { completeSpecs } from '../config/specs.ts'
import { evaluateJson } from '../expression/evaluate.ts'
import type { ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { AttributeSpecs, Attributes } from '../type/resource-type.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, Placeholder, toValue, UNKNOWN, Unknown } from '../value/term.ts'
import { ignoreChanges } from './propose.ts'
import type { Session } from './session.ts'

/** Attributes that the type declares, and those that every type has; undefined for a type that is not rehearsed. */
export function specsOf(
  session: Pick<Session, 'types'>,
  block: Pick<ResourceBlock, 'mode' | 'type'>,
): AttributeSpecs | undefined {
  const { resources, dataSources, ephemerals } = session.types
  const table = { managed: resources, data: dataSources, ephemeral: ephemerals }[block.mode]
  const type = table.get(block.type)
  return type === undefined ? undefined : completeSpecs(block.type, type.attributes, block.mode)
}

export interface InstancePlace {
  readonly block: ResourceBlock
  readonly address: string
  readonly scope: InstanceScope
}

/** The configured attributes of an instance. Problems go into `diagnostics`. */
export function configure(
  session: Session,
  evaluation: EvaluationContext,
  place: InstancePlace,
  specs: AttributeSpecs,
  diagnostics: Diagnostics,
): TermObject {
  const { block, address } = place
  const config = evaluateBody(
    block.body,
    specs,
    evaluation.scope(place.scope),
    { address, path: '' },
    diagnostics,
  )
  const provider = session.provider(block, evaluation)
  if (specs.region !== undefined && block.type.startsWith('aws_')) config.region ??= provider.region
  if (specs.tags_all !== undefined && block.mode === 'managed') {
    config.tags_all = allTags(config, provider)
  }
  return config
}

const allTags = ({ tags = {} }: TermObject, { defaultTags }: ProviderSettings): Term =>
  isObject(tags) ? { ...defaultTags, ...tags } : UNKNOWN

/** The same over the existing instance: what `ignore_changes` names stays, and `tags_all` follows the tags that stay. */
export function configureOver(
  session: Session,
  evaluation: EvaluationContext,
  place: Pick<InstancePlace, 'block' | 'address'>,
  configured: TermObject,
  prior: TermObject,
  specs: AttributeSpecs,
  diagnostics: Diagnostics,
): TermObject {
  const { block, address } = place
  const { ignoreChanges: ignored } = block.lifecycle
  const config = ignoreChanges(configured, prior, ignored, specs, { address }, diagnostics)
  if (config.tags_all === undefined || ignored === 'all' || ignored.includes('tags_all')) return config
  return { ...config, tags_all: allTags(config, session.provider(block, evaluation)) }
}

/** The configured attributes of an instance whose type is not rehearsed. */
export function configureInert(
  evaluation: EvaluationContext,
  place: InstancePlace,
  diagnostics: Diagnostics,
): TermObject {
  const config = diagnostics.attempt({ address: place.address }, () =>
    evaluateJson(place.block.body, evaluation.scope(place.scope)),
  )
  return isObject(config) ? config : {}
}

/** Attributes under which an instance that is not rehearsed is known. */
export function placeholderAttributes(address: string, config: TermObject): TermObject {
  return { id: `${address}.id`, arn: `${address}.arn`, ...config }
}

/** What expressions see: every attribute of the type, write-only ones as null. */
export function toExpressionValue(
  attributes: TermObject,
  specs: AttributeSpecs | undefined,
  address: string,
): Term {
  if (specs === undefined) return new Placeholder(address, attributes)
  return completeTerm(attributes, specs)
}

function completeTerm(attributes: TermObject, specs: AttributeSpecs): TermObject {
  const complete: TermObject = { ...attributes }
  for (const [name, spec] of Object.entries(specs)) {
    const term = attributes[name] ?? null
    const nested = spec.block
    if (spec.writeOnly) complete[name] = null
    else if (nested === undefined) complete[name] = term
    else if (Array.isArray(term))
      complete[name] = term.map((item) => (isObject(item) ? completeTerm(item, nested) : item))
    else complete[name] = term ?? []
  }
  return complete
}

/**
 * What a type gets: plain data. Null is what the configuration does not set; what the type must compute is left
 * out, and so are write-only values that are not set.
 */
export function toProviderInput(proposed: TermObject, specs: AttributeSpecs): Attributes {
  const entries = Object.entries(proposed).filter(
    ([name, term]) => !(term instanceof Unknown) && !(term === null && specs[name]?.writeOnly),
  )
  return Object.fromEntries(entries.map(([name, term]) => [name, toValue(term)]))
}

/** What the state keeps: write-only values are left out. */
export function toStateValue(attributes: Attributes, specs: AttributeSpecs): Attributes {
  const entries = Object.entries(attributes).flatMap(([name, value]): [string, Attributes[string]][] => {
    const spec = specs[name]
    if (spec?.writeOnly || value === undefined) return []
    const nested = spec?.block
    if (nested === undefined || !Array.isArray(value)) return [[name, value]]
    return [[name, value.map((item) => (isObject(item) ? toStateValue(item as Attributes, nested) : item))]]
  })
  return Object.fromEntries(entries)
}
