/**
 * Type conversions. Marks are not tracked: `sensitive` and `nonsensitive` return their argument; what may be
 * shown is decided by the output's own `sensitive`.
 */
import { primitiveText, toBool, toNumber } from '../value/convert.ts'
import type { Term } from '../value/term.ts'
import { isObject, SetTerm, sortedKeys, typeName } from '../value/term.ts'
import { unify } from '../value/unify.ts'
import type { FunctionTable } from './arguments.ts'
import { invalid, list } from './arguments.ts'

const first = (args: readonly Term[]): Term => args[0] ?? null

function toMap(of: Term): Term {
  if (!isObject(of)) return invalid(`${typeName(of)} cannot become a map.`)
  const keys = sortedKeys(of)
  const values = unify(keys.map((key) => of[key] ?? null))
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]))
}

export const conversionFunctions = {
  issensitive: { arity: [1, 1], nulls: true, call: () => false },
  nonsensitive: { arity: [1, 1], unknown: 'members', nulls: true, call: first },
  sensitive: { arity: [1, 1], unknown: 'members', nulls: true, call: first },
  tobool: { arity: [1, 1], nulls: true, call: (args) => (first(args) === null ? null : toBool(first(args))) },
  tolist: {
    arity: [1, 1],
    unknown: 'members',
    nulls: true,
    call: (args) => (first(args) === null ? null : unify(list(args, 0))),
  },
  tomap: {
    arity: [1, 1],
    unknown: 'members',
    nulls: true,
    call: (args) => (first(args) === null ? null : toMap(first(args))),
  },
  tonumber: {
    arity: [1, 1],
    nulls: true,
    call: (args) => (first(args) === null ? null : toNumber(first(args))),
  },
  toset: {
    arity: [1, 1],
    unknown: 'members',
    nulls: true,
    call: (args) => (first(args) === null ? null : new SetTerm(unify(list(args, 0)))),
  },
  tostring: {
    arity: [1, 1],
    nulls: true,
    call: (args) => {
      const term = first(args)
      return term === null
        ? null
        : (primitiveText(term) ?? invalid(`${typeName(term)} cannot become a string.`))
    },
  },
} satisfies FunctionTable
