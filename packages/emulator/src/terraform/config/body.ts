/**
 * Evaluates a block's body against the attributes that its type declares. Nested blocks become arrays of objects
 * however they were written, `dynamic` blocks are unrolled, and an attribute that the type does not know stops
 * the plan: nothing is silently ignored.
 */

import type { Scope } from '../expression/evaluate.ts'
import { bind, evaluateJson } from '../expression/evaluate.ts'
import type { JsonObject } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { AttributeSpec, AttributeSpecs } from '../type/resource-type.ts'
import { entriesOf } from '../value/access.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, SetTerm, UNKNOWN, Unknown } from '../value/term.ts'
import { blocks, isJsonObject } from './json-blocks.ts'

interface Place {
  readonly address: string
  /** Path of the block inside of the resource, empty at the top. */
  readonly path: string
}

/** The configured attributes: null where the configuration is silent, blocks as arrays. */
export function evaluateBody(
  body: JsonObject,
  specs: AttributeSpecs,
  scope: Scope,
  place: Place,
  diagnostics: Diagnostics,
): TermObject {
  const result: TermObject = {}
  for (const [name, json] of Object.entries(body)) {
    if (name === '//' || name === 'dynamic') continue
    const at = { address: place.address, attribute: place.path + name }
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) {
      const known = Object.keys(specs).sort().join(', ')
      diagnostics.error(
        at,
        'Unknown attribute',
        `The emulator's type does not know it, and ignores nothing. It knows: ${known}.`,
      )
    } else if (spec.kind === 'computed' && json !== null) {
      diagnostics.error(
        at,
        'Attribute cannot be set',
        'Only the service sets it: remove it from the configuration.',
      )
    } else {
      const term = diagnostics.attempt(at, () =>
        evaluateAttribute(json, spec, scope, { ...place, path: at.attribute }, diagnostics),
      )
      if (term !== undefined && term !== null) result[name] = term
    }
  }
  for (const dynamic of blocks(body.dynamic)) {
    for (const [name, declared] of Object.entries(dynamic)) {
      const at = { address: place.address, attribute: place.path + name }
      const spec = specs[name]
      if (spec?.block === undefined) {
        diagnostics.error(at, 'Unknown block', `The emulator's type has no block "${name}".`)
        continue
      }
      const unrolled = diagnostics.attempt(at, () =>
        evaluateDynamic(name, declared, spec, scope, { ...place, path: at.attribute }, diagnostics),
      )
      const written = result[name]
      if (unrolled !== undefined)
        result[name] =
          Array.isArray(written) && Array.isArray(unrolled) ? [...written, ...unrolled] : unrolled
    }
  }
  checkCounts(result, specs, place, diagnostics)
  return result
}

function checkCounts(
  result: TermObject,
  specs: AttributeSpecs,
  place: Place,
  diagnostics: Diagnostics,
): void {
  for (const [name, term] of Object.entries(result)) {
    const most = specs[name]?.maxItems
    if (most === undefined || !Array.isArray(term) || term.length <= most) continue
    const at = { address: place.address, attribute: place.path + name }
    diagnostics.error(at, 'Too many blocks', `There are ${term.length}, and the provider takes ${most}.`)
  }
}

function evaluateAttribute(
  json: unknown,
  spec: AttributeSpec,
  scope: Scope,
  place: Place,
  diagnostics: Diagnostics,
): Term {
  if (spec.block === undefined) {
    const term = evaluateJson(json, scope)
    return term instanceof SetTerm ? [...term.items] : term
  }
  const nested = spec.block
  // Written out, each block is evaluated on its own, so that errors say where; an expression is taken as a whole.
  if (isJsonObject(json) || (Array.isArray(json) && json.every(isJsonObject))) {
    const written = Array.isArray(json) ? json : [json]
    return written.map((item, index) =>
      evaluateBody(item, nested, scope, { ...place, path: `${place.path}[${index}].` }, diagnostics),
    )
  }
  return blocksFromTerm(evaluateJson(json, scope), nested, place, diagnostics)
}

function blocksFromTerm(term: Term, nested: AttributeSpecs, place: Place, diagnostics: Diagnostics): Term {
  if (term === null || term instanceof Unknown) return term
  const members = term instanceof SetTerm ? term.items : Array.isArray(term) ? term.flat() : [term]
  return members.map((member, index) => {
    if (!isObject(member)) return member
    const path = `${place.path}[${index}]`
    return Object.fromEntries(
      Object.entries(member).flatMap(([name, value]): [string, Term][] => {
        const spec = nested[name]
        if (spec === undefined) {
          const at = { address: place.address, attribute: `${path}.${name}` }
          diagnostics.error(at, 'Unknown attribute', `It knows: ${Object.keys(nested).sort().join(', ')}.`)
        }
        if (value === null) return []
        const inner = spec?.block
        return [
          [
            name,
            inner === undefined
              ? value
              : blocksFromTerm(value, inner, { ...place, path: `${path}.${name}` }, diagnostics),
          ],
        ]
      }),
    )
  })
}

/** https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks */
function evaluateDynamic(
  name: string,
  declared: unknown,
  spec: AttributeSpec,
  scope: Scope,
  place: Place,
  diagnostics: Diagnostics,
): Term {
  const unrolled: Term[] = []
  for (const dynamic of blocks(declared)) {
    const collection = evaluateJson(dynamic.for_each, scope)
    if (collection instanceof Unknown) return UNKNOWN
    const iterator = typeof dynamic.iterator === 'string' ? dynamic.iterator : name
    for (const [key, value] of entriesOf(collection)) {
      const inner = bind(scope, iterator, { key, value })
      for (const content of blocks(dynamic.content)) {
        const path = `${place.path}[${unrolled.length}].`
        unrolled.push(evaluateBody(content, spec.block ?? {}, inner, { ...place, path }, diagnostics))
      }
    }
  }
  return unrolled
}
