/**
 * What calls cost besides the size of their arguments, in steps (`../value/limits.ts`): functions that take longer for a
 * character of a text than others do.
 */
import type { Term } from '../value/term.ts'

type Cost = (args: readonly Term[]) => number

const textAt = (index: number, stepsPerCharacter: number): Cost => {
  return (args) => {
    const term = args[index]
    return typeof term === 'string' ? Math.ceil(term.length * stepsPerCharacter) : 0
  }
}

/** Only what is not ASCII is taken apart by graphemes. */
const graphemesAt = (index: number): Cost => {
  const cost = textAt(index, 1 / 4)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return (args) => (/^[\x00-\x7f]*$/.test(String(args[index] ?? '')) ? 0 : cost(args))
}

const pattern = 4
const costs: Readonly<Record<string, Cost>> = {
  jsondecode: textAt(0, 1 / 2),
  length: (args) => (typeof args[0] === 'string' ? graphemesAt(0)(args) : 0),
  regex: textAt(1, pattern),
  regexall: textAt(1, pattern),
  replace: (args) => textAt(0, String(args[1]).startsWith('/') ? pattern : 1 / 8)(args),
  strrev: graphemesAt(0),
  substr: graphemesAt(0),
}

export const costOf = (name: string, args: readonly Term[]): number =>
  Object.hasOwn(costs, name) ? (costs[name]?.(args) ?? 0) : 0
