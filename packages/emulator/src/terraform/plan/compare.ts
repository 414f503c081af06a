/**
 * Compares a planned value with what the state holds. As the AWS provider's schemas do, it takes "not set" and the
 * empty value of a type for the same, and a number beside its text, so that a plan shows only what would change.
 */

import type { AttributeSpec, AttributeSpecs } from '../type/resource-type.ts'
import { primitiveText } from '../value/convert.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, Unknown } from '../value/term.ts'

export interface Difference {
  /** `default_action[0].target_group_arn` */
  readonly path: string
  readonly forceNew: boolean
}

/** What differs; write-only attributes never do. */
export function differences(
  planned: TermObject,
  prior: TermObject,
  specs: AttributeSpecs,
  path = '',
): Difference[] {
  return Object.entries(specs).flatMap(([name, spec]) => {
    if (spec.writeOnly) return []
    return attributeDifferences(planned[name] ?? null, prior[name] ?? null, spec, path + name)
  })
}

function attributeDifferences(planned: Term, prior: Term, spec: AttributeSpec, path: string): Difference[] {
  if (same(planned, prior, spec)) return []
  const { forceNew } = spec
  const forces = typeof forceNew === 'function' ? forceNew(prior, planned) : forceNew === true
  const whole: Difference = { path, forceNew: forces }
  if (spec.block === undefined || planned instanceof Unknown || whole.forceNew) return [whole]
  const [after, before] = [blockItems(planned), blockItems(prior)]
  const nested = spec.block
  const pairs = spec.set
    ? [
        ...unmatched(after, before, spec).map((item): [TermObject, TermObject] => [item, {}]),
        ...unmatched(before, after, spec).map((item): [TermObject, TermObject] => [{}, item]),
      ]
    : Array.from({ length: Math.max(after.length, before.length) }, (_, index): [TermObject, TermObject] => [
        after[index] ?? {},
        before[index] ?? {},
      ])
  const found = pairs.flatMap(([a, b], index) => differences(a, b, nested, `${path}[${index}].`))
  return found.length > 0 ? found : [whole]
}

const blockItems = (term: Term): TermObject[] => (Array.isArray(term) ? term.filter(isObject) : [])

function unmatched(
  items: readonly TermObject[],
  others: readonly TermObject[],
  spec: AttributeSpec,
): TermObject[] {
  const left = [...others]
  return items.filter((item) => {
    const index = left.findIndex((other) => same([item], [other], spec))
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

/** True if applying `planned` over `prior` would change nothing. */
export function same(planned: Term, prior: Term, spec?: AttributeSpec): boolean {
  if (planned instanceof Unknown || prior instanceof Unknown) return false
  if (isEmpty(planned) && isEmpty(prior)) return true
  if (Array.isArray(planned) && Array.isArray(prior)) {
    if (planned.length !== prior.length) return false
    if (spec?.set) return sameMembers(planned, prior, spec)
    return planned.every((item, index) => sameItem(item, prior[index] ?? null, spec?.block))
  }
  if (isObject(planned) && isObject(prior)) {
    const keys = new Set([...Object.keys(planned), ...Object.keys(prior)])
    return [...keys].every((key) => sameEntry(planned[key] ?? null, prior[key] ?? null))
  }
  const [text, before] = [primitiveText(planned), primitiveText(prior)]
  if (text === undefined || before === undefined) return false
  return text === before || spec?.equivalent?.(text, before) === true
}

/** Inside of a map an empty text is a value of its own; null is none. */
function sameEntry(planned: Term, prior: Term): boolean {
  return (planned === null) === (prior === null) && same(planned, prior)
}

function sameMembers(planned: readonly Term[], prior: readonly Term[], spec: AttributeSpec): boolean {
  const left = [...prior]
  return planned.every((item) => {
    const index = left.findIndex((other) => sameItem(item, other, spec.block))
    if (index >= 0) left.splice(index, 1)
    return index >= 0
  })
}

function sameItem(planned: Term, prior: Term, nested: AttributeSpecs | undefined): boolean {
  if (nested === undefined || !isObject(planned) || !isObject(prior)) return same(planned, prior)
  return Object.entries(nested).every(
    ([name, spec]) => spec.writeOnly || same(planned[name] ?? null, prior[name] ?? null, spec),
  )
}

function isEmpty(term: Term): boolean {
  if (term === null || term === '' || term === false || term === 0) return true
  return Array.isArray(term) ? term.length === 0 : isObject(term) && Object.keys(term).length === 0
}
