/**
 * Functions with regular expressions. Terraform's are RE2's, translated into JavaScript's (re2.ts).
 * https://developer.hashicorp.com/terraform/language/functions/regex
 */
import type { Term } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'
import { invalid, text } from './arguments.ts'
import { fromRe2 } from './re2.ts'

function compile(pattern: string): RegExp {
  const source = fromRe2(pattern)
  try {
    return new RegExp(source, 'gv')
  } catch (error) {
    return invalid(
      `/${pattern}/ is no regular expression: ${error instanceof Error ? error.message : error}.`,
    )
  }
}

/** As in Go, an empty match right behind another match is none. */
function matches(pattern: string, subject: string): RegExpExecArray[] {
  let end = -1
  return [...subject.matchAll(compile(pattern))].filter((match) => {
    const isLeft = match[0] === '' && match.index === end
    end = match.index + match[0].length
    return !isLeft
  })
}

/** Named groups make an object, unnamed ones a list, none the match itself. */
function captures(match: RegExpExecArray): Term {
  if (match.groups !== undefined) {
    if (Object.keys(match.groups).length < match.length - 1)
      invalid('The pattern has both named and unnamed groups.')
    return Object.fromEntries(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]))
  }
  return match.length > 1 ? match.slice(1).map((value) => value ?? null) : match[0]
}

function regex(args: readonly Term[]): Term {
  const [match] = matches(text(args, 0), text(args, 1))
  return match === undefined ? invalid('The pattern does not match the string.') : captures(match)
}

/** `/…/` is a regular expression with `$1`, `${1}` and `$name` in the replacement; anything else is plain text. */
function replace(args: readonly Term[]): Term {
  const [subject, search, replacement] = [text(args, 0), text(args, 1), text(args, 2)]
  const isPattern = search.length > 1 && search.startsWith('/') && search.endsWith('/')
  if (!isPattern) return subject.replaceAll(search, () => replacement)
  let result = ''
  let end = 0
  for (const match of matches(search.slice(1, -1), subject)) {
    result += subject.slice(end, match.index) + expand(replacement, match)
    end = match.index + match[0].length
  }
  return result + subject.slice(end)
}

function expand(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (_, bare, braced) => {
    const name = bare ?? braced
    if (name === undefined) return '$'
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
  })
}

export const patternFunctions = {
  regex: { arity: [2, 2], call: regex },
  regexall: {
    arity: [2, 2],
    call: (args) => matches(text(args, 0), text(args, 1)).map(captures),
  },
  replace: { arity: [3, 3], call: replace },
} satisfies FunctionTable
