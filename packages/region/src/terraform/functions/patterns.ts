/**
 * Functions with regular expressions. Terraform's are RE2's, translated here into JavaScript's.
 * https://developer.hashicorp.com/terraform/language/functions/regex
 */
import type { Term } from '../expression/term.ts'
import type { FunctionTable } from './arguments.ts'
import { invalid, text } from './arguments.ts'

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\t\\n\\v\\f\\r ',
  punct: '!-/:-@[-`{-~',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

function compile(pattern: string, flags: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern)
  const body = (leading === null ? pattern : pattern.slice(leading[0].length))
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\[:(\w+):\]/g, (whole, name) => CLASSES[name] ?? whole)
  try {
    return new RegExp(body, flags + (leading?.[1] ?? ''))
  } catch (error) {
    return invalid(
      `/${pattern}/ is no regular expression: ${error instanceof Error ? error.message : error}.`,
    )
  }
}

/** Named groups make an object, unnamed ones a list, none the match itself. */
function captures(match: RegExpExecArray): Term {
  if (match.groups !== undefined) {
    return Object.fromEntries(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]))
  }
  return match.length > 1 ? match.slice(1).map((value) => value ?? null) : match[0]
}

function regex(args: readonly Term[]): Term {
  const match = compile(text(args, 0), '').exec(text(args, 1))
  return match === null ? invalid('The pattern does not match the string.') : captures(match)
}

/** `/…/` is a regular expression with `$1`, `${1}` and `$name` in the replacement; anything else is plain text. */
function replace(args: readonly Term[]): Term {
  const [subject, search, replacement] = [text(args, 0), text(args, 1), text(args, 2)]
  const isPattern = search.length > 1 && search.startsWith('/') && search.endsWith('/')
  if (!isPattern) return subject.replaceAll(search, () => replacement)
  return subject.replace(compile(search.slice(1, -1), 'g'), (...found) => {
    const named = typeof found.at(-1) === 'object' ? (found.at(-1) as Record<string, string | undefined>) : {}
    return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare, braced) => {
      const name = bare ?? braced
      if (name === undefined) return whole === '$$' ? '$' : whole
      const groupCount = found.findIndex((part) => typeof part === 'number')
      const group = /^\d+$/.test(name) ? (Number(name) < groupCount ? found[Number(name)] : '') : named[name]
      return typeof group === 'string' ? group : ''
    })
  })
}

export const patternFunctions = {
  regex: { arity: [2, 2], call: regex },
  regexall: {
    arity: [2, 2],
    call: (args) => [...text(args, 1).matchAll(compile(text(args, 0), 'g'))].map(captures),
  },
  replace: { arity: [3, 3], call: replace },
} satisfies FunctionTable
