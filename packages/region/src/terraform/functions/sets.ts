/** Set functions; a list among the arguments counts as a set. */
import type { Term } from '../expression/term.ts'
import { canonical, SetTerm } from '../expression/term.ts'
import type { FunctionTable } from './arguments.ts'
import { list } from './arguments.ts'

const MANY = Number.POSITIVE_INFINITY
const keysOf = (args: readonly Term[], index: number) => new Set(list(args, index).map(canonical))

/** Members of the first set that satisfy the condition towards every other set. */
function filterFirst(
  args: readonly Term[],
  keep: (key: string, others: readonly Set<string>[]) => boolean,
): Term {
  const others = args.slice(1).map((_, index) => keysOf(args, index + 1))
  return new SetTerm(list(args, 0).filter((member) => keep(canonical(member), others)))
}

function product(args: readonly Term[]): Term {
  let rows: Term[][] = [[]]
  for (const index of args.keys())
    rows = rows.flatMap((row) => list(args, index).map((member) => [...row, member]))
  return args.every((arg) => arg instanceof SetTerm) ? new SetTerm(rows) : rows
}

export const setFunctions = {
  setintersection: {
    arity: [1, MANY],
    call: (args) => filterFirst(args, (key, others) => others.every((other) => other.has(key))),
  },
  setproduct: { arity: [1, MANY], call: product },
  setsubtract: {
    arity: [2, 2],
    call: (args) => filterFirst(args, (key, others) => !others.some((other) => other.has(key))),
  },
  setunion: { arity: [1, MANY], call: (args) => new SetTerm(args.flatMap((_, index) => list(args, index))) },
} satisfies FunctionTable
