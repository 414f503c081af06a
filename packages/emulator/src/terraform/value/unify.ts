/**
 * Finds the one type of several values, as the results of a conditional or the elements of a list have it, and
 * converts them to it: numbers and bools beside strings become strings, at any depth.
 * https://developer.hashicorp.com/terraform/language/expressions/conditionals#result-types
 *
 * Values carry no types here: objects with other keys than their neighbours count as maps, lists of different length
 * as lists of one type.
 */
import { ExpressionError } from '../model/diagnostics.ts'
import { primitiveText } from './convert.ts'
import type { Term, TermObject } from './term.ts'
import { isObject, Placeholder, SetTerm, typeName, Unknown } from './term.ts'

/** The terms as values of one type, in their order; throws `ExpressionError` where there is none. */
export function unify(terms: readonly Term[]): Term[] {
  const typed = terms.filter((term) => !isUntyped(term))
  const [first, ...others] = typed
  if (first === undefined || (others.length === 0 && !isCollection(first))) return [...terms]
  if (typed.every((term) => !isCollection(term))) {
    if (new Set(typed.map((term) => typeof term)).size === 1) return [...terms]
    if (!typed.some((term) => typeof term === 'string')) throw inconsistent(typed)
    return terms.map((term) => (isUntyped(term) ? term : (primitiveText(term) ?? term)))
  }
  if (others.length === 0) return [...terms]
  if (typed.every(isList)) return unifyLists(terms, typed.filter(isList))
  if (typed.every(isObject)) return unifyObjects(terms, typed.filter(isObject))
  throw inconsistent(typed)
}

function inconsistent(typed: readonly Term[]): ExpressionError {
  const names = [...new Set(typed.map(typeName))].join(' and ')
  return new ExpressionError('Inconsistent types', `They must be of one type, and are ${names}.`)
}

type List = readonly Term[] | SetTerm

/** It takes the type of the values beside it. */
const isUntyped = (term: Term) => term === null || term instanceof Unknown || term instanceof Placeholder
const isList = (term: Term): term is Term[] | SetTerm => Array.isArray(term) || term instanceof SetTerm
const isCollection = (term: Term) => isList(term) || isObject(term)
const membersOf = (list: List): readonly Term[] => (list instanceof SetTerm ? list.items : list)

function unifyLists(terms: readonly Term[], lists: readonly List[]): Term[] {
  const sizes = new Set(lists.map((list) => membersOf(list).length))
  const isTuple = sizes.size === 1 && lists.every((list) => Array.isArray(list))
  const columns = isTuple
    ? Array.from({ length: [...sizes][0] ?? 0 }, (_, index) =>
        unify(lists.map((list) => membersOf(list)[index] ?? null)),
      )
    : undefined
  const flat = columns === undefined ? unify(lists.flatMap(membersOf)) : []
  let row = 0
  let taken = 0
  return terms.map((term) => {
    if (!isList(term)) return term
    if (columns !== undefined) {
      const index = row++
      return columns.map((column) => column[index] ?? null)
    }
    const size = membersOf(term).length
    const members = flat.slice(taken, taken + size)
    taken += size
    return term instanceof SetTerm ? new SetTerm(members) : members
  })
}

function unifyObjects(terms: readonly Term[], objects: readonly TermObject[]): Term[] {
  const keys = new Set(objects.flatMap((object) => Object.keys(object)))
  const isOneShape = objects.every((object) => Object.keys(object).length === keys.size)
  const columns = new Map<string, Term[]>()
  if (isOneShape) {
    for (const key of keys) columns.set(key, unify(objects.map((object) => object[key] ?? null)))
  }
  const flat = isOneShape ? [] : unify(objects.flatMap((object) => Object.values(object)))
  let row = 0
  let taken = 0
  return terms.map((term) => {
    if (!isObject(term)) return term
    const index = row++
    const entries = Object.keys(term).map((key): [string, Term] => [
      key,
      (isOneShape ? columns.get(key)?.[index] : flat[taken++]) ?? null,
    ])
    return Object.fromEntries(entries)
  })
}
