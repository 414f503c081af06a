/** Collection functions. https://developer.hashicorp.com/terraform/language/functions#collection-functions */
import { elementOf } from '../value/access.ts'
import { toBool } from '../value/convert.ts'
import type { Term, TermObject } from '../value/term.ts'
import {
  canonical,
  hasUnknown,
  isObject,
  Placeholder,
  SetTerm,
  sortedKeys,
  typeName,
  UNKNOWN,
  Unknown,
} from '../value/term.ts'
import { unify } from '../value/unify.ts'
import type { FunctionTable } from './arguments.ts'
import { graphemes, integer, invalid, items, list, map, number, sequence, text, texts } from './arguments.ts'

const MANY = Number.POSITIVE_INFINITY
const isTrue = (member: Term) => member !== null && toBool(member)

function contains(members: readonly Term[], searched: Term): boolean {
  const text = canonical(searched)
  return members.some((member) => canonical(member) === text)
}

/** Members of a set that are not known yet may turn out to be the same. */
const hidesSize = (of: Term) => of instanceof SetTerm && of.items.length > 1 && hasUnknown(of)

function length(args: readonly Term[]): Term {
  const of = args[0] ?? null
  if (hidesSize(of)) return UNKNOWN
  const members = items(of)
  if (members !== undefined) return members.length
  if (isObject(of)) return Object.keys(of).length
  if (of instanceof Placeholder) return 0
  return typeof of === 'string' ? graphemes(of).length : invalid(`${typeName(of)} has no length.`)
}

function element(args: readonly Term[]): Term {
  const members = sequence(args, 0)
  const index = integer(args, 1)
  if (members.length === 0) invalid('The list is empty.')
  if (index < 0) invalid('The index is negative.')
  return members[index % members.length] ?? null
}

function flatten(members: readonly Term[]): Term[] {
  return members.flatMap((member) => {
    const inner = items(member)
    return inner === undefined ? [member] : flatten(inner)
  })
}

function lookup(args: readonly Term[]): Term {
  const of = map(args, 0)
  const key = text(args, 1)
  if (Object.hasOwn(of, key)) return of[key] ?? null
  return args.length > 2
    ? (args[2] ?? null)
    : invalid(`There is no element with the key "${key}", and no default.`)
}

function merge(args: readonly Term[]): Term {
  return Object.assign({}, ...args.map((arg, index) => (arg === null ? {} : map(args, index))))
}

function coalesce(args: readonly Term[]): Term {
  const found = unify(args).find((arg) => arg !== null && arg !== '')
  return found ?? invalid('All arguments are null or empty.')
}

function coalesceList(args: readonly Term[]): Term {
  for (const [index, arg] of args.entries()) {
    if (arg instanceof Unknown) return UNKNOWN
    if (list(args, index).length > 0) return arg
  }
  return invalid('All lists are empty.')
}

function distinct(members: readonly Term[]): Term[] {
  const first = new Map<string, Term>()
  for (const member of members) if (!first.has(canonical(member))) first.set(canonical(member), member)
  return [...first.values()]
}

function range(args: readonly Term[]): Term {
  const start = args.length > 1 ? number(args, 0) : 0
  const limit = number(args, args.length > 1 ? 1 : 0)
  const step = args.length > 2 ? number(args, 2) : limit < start ? -1 : 1
  if (step === 0) invalid('The step must not be zero.')
  if (step > 0 ? limit < start : limit > start) invalid(`From ${start}, ${limit} is not reached by ${step}.`)
  const result: number[] = []
  for (let value = start; step > 0 ? value < limit : value > limit; value += step) {
    if (result.push(value) > 1024) invalid('The range has more than 1024 values.')
  }
  return result
}

function transpose(of: TermObject): Term {
  const result = new Map<string, string[]>()
  for (const key of sortedKeys(of)) {
    for (const value of texts([of[key] ?? null], 0)) {
      const keys = result.get(value) ?? []
      keys.push(key)
      result.set(value, keys)
    }
  }
  return Object.fromEntries(result)
}

function slice(args: readonly Term[]): Term {
  const members = list(args, 0)
  const [from, to] = [integer(args, 1), integer(args, 2)]
  if (from < 0 || to > members.length || from > to) invalid(`The list has ${members.length} elements.`)
  return members.slice(from, to)
}

function zipmap(args: readonly Term[]): Term {
  const [keys, values] = [texts(args, 0), list(args, 1)]
  if (keys.length !== values.length) invalid(`There are ${keys.length} keys and ${values.length} values.`)
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]))
}

function one(of: Term, members: readonly Term[]): Term {
  if (hidesSize(of)) return UNKNOWN
  return members.length > 1 ? invalid(`The list has ${members.length} elements.`) : (members[0] ?? null)
}

function matchKeys(args: readonly Term[]): Term {
  const [values, keys] = [list(args, 0), list(args, 1)]
  const searched = new Set(list(args, 2).map(canonical))
  return values.filter((_, index) => searched.has(canonical(keys[index] ?? null)))
}

function chunks(members: readonly Term[], size: number): Term {
  if (size < 0) invalid('The size is negative.')
  if (size === 0) return members.length === 0 ? [] : [[...members]]
  return Array.from({ length: Math.ceil(members.length / size) }, (_, row) =>
    members.slice(row * size, (row + 1) * size),
  )
}

function position(args: readonly Term[]): Term {
  const searched = canonical(args[1] ?? null)
  const found = sequence(args, 0).findIndex((member) => canonical(member) === searched)
  return found < 0 ? invalid('The list does not hold the value.') : found
}

export const collectionFunctions = {
  alltrue: { arity: [1, 1], call: (args) => list(args, 0).every(isTrue) },
  anytrue: { arity: [1, 1], call: (args) => list(args, 0).some(isTrue) },
  chunklist: {
    arity: [2, 2],
    unknown: 'members',
    call: (args) => chunks(unify(list(args, 0)), integer(args, 1)),
  },
  coalesce: { arity: [1, MANY], nulls: true, unknown: 'own', call: coalesce },
  coalescelist: { arity: [1, MANY], unknown: 'own', call: coalesceList },
  compact: {
    arity: [1, 1],
    call: (args) => list(args, 0).filter((member) => member !== null && member !== ''),
  },
  concat: {
    arity: [1, MANY],
    unknown: 'members',
    call: (args) => args.flatMap((_, index) => sequence(args, index)),
  },
  contains: {
    arity: [2, 2],
    call: (args) => contains(list(args, 0), args[1] ?? null),
  },
  distinct: { arity: [1, 1], call: (args) => distinct(unify(list(args, 0))) },
  element: { arity: [2, 2], unknown: 'members', call: element },
  flatten: { arity: [1, 1], call: (args) => flatten(list(args, 0)) },
  index: { arity: [2, 2], call: position },
  keys: { arity: [1, 1], unknown: 'members', call: (args) => sortedKeys(map(args, 0)) },
  length: { arity: [1, 1], unknown: 'members', call: length },
  lookup: { arity: [2, 3], unknown: 'members', nulls: true, call: lookup },
  matchkeys: { arity: [3, 3], call: matchKeys },
  merge: { arity: [0, MANY], unknown: 'members', nulls: true, call: merge },
  one: { arity: [1, 1], unknown: 'members', call: (args) => one(args[0] ?? null, list(args, 0)) },
  range: { arity: [1, 3], call: range },
  reverse: { arity: [1, 1], unknown: 'members', call: (args) => [...list(args, 0)].reverse() },
  slice: { arity: [3, 3], unknown: 'members', call: slice },
  transpose: { arity: [1, 1], call: (args) => transpose(map(args, 0)) },
  values: {
    arity: [1, 1],
    unknown: 'members',
    call: (args) => sortedKeys(map(args, 0)).map((key) => elementOf(map(args, 0), key)),
  },
  zipmap: { arity: [2, 2], unknown: 'members', call: zipmap },
} satisfies FunctionTable
