/** Set functions; a list among the arguments counts as a set. */
import { boundedElements } from '../value/limits.ts'
import type { Term } from '../value/term.ts'
import { canonical, SetTerm } from '../value/term.ts'
import { unify } from '../value/unify.ts'
import type { FunctionTable } from './arguments.ts'
import { list } from './arguments.ts'

const MANY = Number.POSITIVE_INFINITY
/** The arguments as sets of one type of members. */
const setsOf = (args: readonly Term[]) =>
  unify(args.map((_, index) => new SetTerm(list(args, index)))).map((set) => (set as SetTerm).items)

/** Members of the first set that satisfy the condition towards every other set. */
function filterFirst(
  args: readonly Term[],
  keep: (key: string, others: readonly Set<string>[]) => boolean,
): Term {
  const [first = [], ...rest] = setsOf(args)
  const others = rest.map((members) => new Set(members.map(canonical)))
  return new SetTerm(first.filter((member) => keep(canonical(member), others)))
}

function product(args: readonly Term[]): Term {
  let rows: Term[][] = [[]]
  boundedElements(args.reduce<number>((count, _, index) => count * list(args, index).length, args.length + 1))
  for (const index of args.keys())
    rows = rows.flatMap((row) => list(args, index).map((member) => [...row, member]))
  return args.every((arg) => arg instanceof SetTerm) ? new SetTerm(rows) : rows
}

export const setFunctions = {
  setintersection: {
    arity: [1, MANY],
    call: (args) => filterFirst(args, (key, others) => others.every((other) => other.has(key))),
  },
  setproduct: { arity: [2, MANY], call: product },
  setsubtract: {
    arity: [2, 2],
    call: (args) => filterFirst(args, (key, others) => !others.some((other) => other.has(key))),
  },
  setunion: { arity: [1, MANY], call: (args) => new SetTerm(setsOf(args).flat()) },
} satisfies FunctionTable
