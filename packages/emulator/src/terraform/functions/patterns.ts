/**
 * Functions with regular expressions. Terraform's are RE2's, and so are these (re2js): they take time in proportion to
 * the text, and look-around and back references are refused.
 * https://developer.hashicorp.com/terraform/language/functions/regex
 */
import { type Matcher, RE2JS, RE2JSSyntaxException } from 're2js'
import { boundedElements, boundedText } from '../value/limits.ts'
import type { Term } from '../value/term.ts'
import type { FunctionTable } from './arguments.ts'
import { invalid, text } from './arguments.ts'

const compiled = new Map<string, RE2JS>()
const compiledMax = 1_000

/** A `for` asks for the same pattern at every element: each is compiled once. */
function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  try {
    const expression = RE2JS.compile(pattern)
    if (compiled.size >= compiledMax) compiled.clear()
    compiled.set(pattern, expression)
    return expression
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    // As Terraform words it, in place of Go's "error parsing regexp: CODE: `PART`".
    const [, code = error.message, part = pattern] =
      /^error parsing regexp: (.*?): `(.*)`$/s.exec(error.message) ?? []
    return invalid(`Invalid regexp pattern: ${code} in ${part}.`)
  }
}

interface Match {
  readonly start: number
  readonly end: number
  /** The whole match, then the groups; null where a group took no part. */
  readonly groups: readonly (string | null)[]
}

/** As in Go, an empty match right behind another match is none. */
function* matches(pattern: RE2JS, subject: string): Generator<Match> {
  const matcher = pattern.matcher(subject)
  let previousEnd = -1
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (start === end && end === previousEnd) continue
    previousEnd = end
    yield { start, end, groups: groupsOf(matcher, pattern.groupCount()) }
  }
}

const groupsOf = (matcher: Matcher, count: number) =>
  Array.from({ length: count + 1 }, (_, group) => matcher.group(group))

/** Named groups make an object, unnamed ones a list, none the match itself. */
function captures(pattern: RE2JS, { groups }: Match): Term {
  const named = Object.entries(pattern.namedGroups())
  if (named.length === 0) return groups.length > 1 ? groups.slice(1) : (groups[0] ?? '')
  if (named.length < pattern.groupCount()) invalid('The pattern has both named and unnamed groups.')
  return Object.fromEntries(named.map(([name, group]) => [name, groups[group] ?? null]))
}

function regex(args: readonly Term[]): Term {
  const pattern = compile(text(args, 0))
  for (const match of matches(pattern, text(args, 1))) return captures(pattern, match)
  return invalid('The pattern does not match the string.')
}

function regexAll(args: readonly Term[]): Term {
  const pattern = compile(text(args, 0))
  const found: Term[] = []
  for (const match of matches(pattern, text(args, 1))) boundedElements(found.push(captures(pattern, match)))
  return found
}

/** `/…/` is a regular expression with `$1`, `${1}` and `$name` in the replacement; anything else is plain text. */
function replace(args: readonly Term[]): Term {
  const [subject, search, replacement] = [text(args, 0), text(args, 1), text(args, 2)]
  const isPattern = search.length > 1 && search.startsWith('/') && search.endsWith('/')
  if (!isPattern) {
    // Between characters, and at both ends, where the text to replace is empty.
    if (search === '') return boundedText(['', ...subject, ''], replacement)
    return boundedText(subject.split(search), replacement)
  }
  return boundedText(replaced(compile(search.slice(1, -1)), subject, replacement))
}

function* replaced(pattern: RE2JS, subject: string, replacement: string): Generator<string> {
  let end = 0
  for (const match of matches(pattern, subject)) {
    yield subject.slice(end, match.start)
    yield expand(pattern, replacement, match)
    end = match.end
  }
  yield subject.slice(end)
}

function expand(pattern: RE2JS, replacement: string, { groups }: Match): string {
  const names = pattern.namedGroups()
  return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (_, bare, braced) => {
    const name: string | undefined = bare ?? braced
    if (name === undefined) return '$'
    const group = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined
    return (group === undefined ? undefined : groups[group]) ?? ''
  })
}

export const patternFunctions = {
  regex: { arity: [2, 2], call: regex },
  regexall: { arity: [2, 2], call: regexAll },
  replace: { arity: [3, 3], call: replace },
} satisfies FunctionTable
