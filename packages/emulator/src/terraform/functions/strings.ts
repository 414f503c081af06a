/** String functions. https://developer.hashicorp.com/terraform/language/functions#string-functions */
import { boundedCharacters, boundedText } from '../value/limits.ts'
import type { Term } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'
import { graphemes, integer, invalid, items, text, texts } from './arguments.ts'
import { format } from './format.ts'

const trimSet = (value: string, cutset: string, start: boolean, end: boolean) => {
  const characters = [...value]
  const cut = new Set(cutset)
  let from = 0
  let to = characters.length
  while (start && from < to && cut.has(characters[from] ?? '')) from++
  while (end && to > from && cut.has(characters[to - 1] ?? '')) to--
  return characters.slice(from, to).join('')
}

/** Lists are walked together; what is no list goes to every line. */
function formatList(args: readonly Term[]): Term {
  const [pattern = null, ...values] = args
  const columns = values.map((value) => items(value))
  const lengths = new Set(columns.flatMap((column) => (column === undefined ? [] : [column.length])))
  if (lengths.size > 1) invalid('The lists differ in length.')
  const [length = 1] = lengths
  let characters = 0
  return Array.from({ length }, (_, row) => {
    const line = format(
      text([pattern], 0),
      values.map((value, index) => columns[index]?.[row] ?? value),
    )
    characters += line.length
    boundedCharacters(characters)
    return line
  })
}

function substring(value: string, offset: number, length: number): string {
  const parts = graphemes(value)
  const start = offset < 0 ? Math.max(0, parts.length + offset) : offset
  return parts.slice(start, length < 0 ? undefined : start + length).join('')
}

/** As in Go, one character stays one: the German sharp s has no capital of its own. */
const byCharacter = (value: string, change: (character: string) => string) =>
  Array.from(value, (character) => {
    const changed = change(character)
    return [...changed].length === 1 ? changed : character
  }).join('')

/** From the end, character by character: an expression for "line ends at the end" would look at each one in between. */
function chomp(value: string): string {
  let end = value.length
  while (end > 0 && (value[end - 1] === '\n' || value[end - 1] === '\r')) end--
  return value.slice(0, end)
}

const MANY = Number.POSITIVE_INFINITY

export const stringFunctions = {
  chomp: { arity: [1, 1], call: (args) => chomp(text(args, 0)) },
  endswith: { arity: [2, 2], call: (args) => text(args, 0).endsWith(text(args, 1)) },
  format: { arity: [1, MANY], nulls: true, call: (args) => format(text(args, 0), args.slice(1)) },
  formatlist: { arity: [1, MANY], nulls: true, call: formatList },
  indent: {
    arity: [2, 2],
    call: (args) => {
      const spaces = integer(args, 0)
      if (spaces < 0) invalid('It is negative.')
      boundedCharacters(spaces)
      return boundedText(text(args, 1).split('\n'), `\n${' '.repeat(spaces)}`)
    },
  },
  join: {
    arity: [1, MANY],
    call: (args) =>
      boundedText(
        args.slice(1).flatMap((_, index) => texts(args, index + 1)),
        text(args, 0),
      ),
  },
  lower: {
    arity: [1, 1],
    call: (args) => byCharacter(text(args, 0), (character) => character.toLowerCase()),
  },
  split: {
    arity: [2, 2],
    call: (args) =>
      text(args, 1) === '' && text(args, 0) !== '' ? [''] : text(args, 1).split(text(args, 0)),
  },
  startswith: { arity: [2, 2], call: (args) => text(args, 0).startsWith(text(args, 1)) },
  strcontains: { arity: [2, 2], call: (args) => text(args, 0).includes(text(args, 1)) },
  strrev: { arity: [1, 1], call: (args) => graphemes(text(args, 0)).reverse().join('') },
  substr: { arity: [3, 3], call: (args) => substring(text(args, 0), integer(args, 1), integer(args, 2)) },
  title: {
    arity: [1, 1],
    call: (args) =>
      text(args, 0).replace(/(?<=^|[^0-9A-Za-z_\u{80}-\u{10ffff}]|\p{White_Space})\p{L}/gu, (letter) =>
        letter.toUpperCase(),
      ),
  },
  trim: { arity: [2, 2], call: (args) => trimSet(text(args, 0), text(args, 1), true, true) },
  trimprefix: {
    arity: [2, 2],
    call: (args) =>
      text(args, 0).startsWith(text(args, 1)) ? text(args, 0).slice(text(args, 1).length) : text(args, 0),
  },
  trimspace: { arity: [1, 1], call: (args) => text(args, 0).trim() },
  trimsuffix: {
    arity: [2, 2],
    call: (args) =>
      text(args, 1) !== '' && text(args, 0).endsWith(text(args, 1))
        ? text(args, 0).slice(0, -text(args, 1).length)
        : text(args, 0),
  },
  upper: {
    arity: [1, 1],
    call: (args) => byCharacter(text(args, 0), (character) => character.toUpperCase()),
  },
  sort: {
    arity: [1, 1],
    call: (args) => texts(args, 0).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  },
} satisfies FunctionTable
