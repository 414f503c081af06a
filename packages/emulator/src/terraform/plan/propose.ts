/**
 * What a resource is to become: the configuration, completed by defaults, by what the service computed before,
 * and by unknown values for what it will compute. `ignore_changes` takes effect on the configuration, as in
 * Terraform, so that an ignored attribute keeps its value through a replacement as well.
 */

import { parseExpression } from '../hcl/expression.ts'
import type { Node } from '../hcl/syntax.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { AttributeSpec, AttributeSpecs } from '../type/resource-type.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, UNKNOWN } from '../value/term.ts'
import { same } from './compare.ts'

/** `prior` is undefined where the resource is created. */
export function propose(
  config: TermObject,
  prior: TermObject | undefined,
  specs: AttributeSpecs,
): TermObject {
  const proposed: TermObject = {}
  for (const [name, spec] of Object.entries(specs)) {
    proposed[name] = proposeAttribute(
      config[name],
      prior === undefined ? undefined : (prior[name] ?? null),
      spec,
    )
  }
  return proposed
}

function proposeAttribute(configured: Term | undefined, prior: Term | undefined, spec: AttributeSpec): Term {
  if (configured === undefined || configured === null) {
    if (spec.default !== undefined) return spec.default
    if (spec.kind === 'computed' || spec.computed) return prior === undefined ? UNKNOWN : prior
    return spec.block === undefined ? null : []
  }
  if (!Array.isArray(configured)) return configured
  const before = Array.isArray(prior) ? prior : []
  if (spec.block === undefined) return spec.set && same(configured, before, spec) ? before : configured
  const nested = spec.block
  const items = configured.map((item, index) => {
    if (!isObject(item)) return item
    const match = spec.set ? before.find((other) => agrees(item, other, nested)) : before[index]
    return propose(item, isObject(match) ? match : undefined, nested)
  })
  return spec.set && same(items, before, spec) ? before : items
}

/** True if an earlier block has everything that is configured now. */
function agrees(item: TermObject, other: Term, nested: AttributeSpecs): boolean {
  return (
    isObject(other) &&
    Object.entries(item).every(([name, term]) => same(term, other[name] ?? null, nested[name]))
  )
}

/** The configuration with ignored attributes replaced by what the state holds. */
export function ignoreChanges(
  config: TermObject,
  prior: TermObject,
  ignored: 'all' | readonly string[],
  specs: AttributeSpecs,
  place: { address: string },
  diagnostics: Diagnostics,
): TermObject {
  if (ignored === 'all') {
    const settable = Object.entries(prior).filter(
      ([name]) => specs[name] !== undefined && specs[name]?.kind !== 'computed',
    )
    return withoutNulls({ ...pickWriteOnly(config, specs), ...Object.fromEntries(settable) })
  }
  let result = config
  for (const path of ignored) {
    const steps = diagnostics.attempt(place, () => pathSteps(parseExpression(path)))
    if (steps === undefined) continue
    if (specs[String(steps[0])] === undefined) {
      diagnostics.error(
        place,
        `ignore_changes names an unknown attribute "${path}"`,
        'Remove it, or correct its spelling.',
      )
    } else result = withoutNulls(replaceAt(result, prior, steps) as TermObject)
  }
  return result
}

function pickWriteOnly(config: TermObject, specs: AttributeSpecs): TermObject {
  return Object.fromEntries(Object.entries(config).filter(([name]) => specs[name]?.writeOnly))
}

function pathSteps(node: Node): (string | number)[] {
  if (node.kind === 'reference') return node.address.split('.')
  if (node.kind === 'attribute') return [...pathSteps(node.of), node.name]
  if (node.kind === 'index' && node.key.kind === 'literal') {
    const key = node.key.value
    return [...pathSteps(node.of), typeof key === 'number' ? key : String(key)]
  }
  return []
}

function replaceAt(config: Term, prior: Term, steps: readonly (string | number)[]): Term {
  const [step, ...rest] = steps
  if (step === undefined) return prior
  if (typeof step === 'number') {
    if (!Array.isArray(config) || !Array.isArray(prior)) return config
    if (config[step] === undefined || prior[step] === undefined) return config
    return config.map((item, index) => (index === step ? replaceAt(item, prior[index] ?? null, rest) : item))
  }
  if (!isObject(prior)) return config
  const own = isObject(config) ? config : {}
  return { ...own, [step]: replaceAt(own[step] ?? null, prior[step] ?? null, rest) }
}

function withoutNulls(object: TermObject): TermObject {
  const clean = (term: Term): Term => {
    if (Array.isArray(term)) return term.map(clean)
    return isObject(term) ? withoutNulls(term) : term
  }
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, term]) => (term === null ? [] : [[name, clean(term)]])),
  )
}
