/**
 * Translates RE2's regular expressions, which Terraform's are, into JavaScript's: so that one matches here what it
 * matches there, and what RE2 refuses (look-around, back references) is refused.
 * https://github.com/google/re2/wiki/Syntax
 *
 * The result is written for the `v` flag, whose classes nest. Only `i` stays a flag of the result's groups; `m`, `s`
 * and `U` are written out.
 */
import { invalid } from './arguments.ts'

/** The ASCII classes, as the inside of a JavaScript class. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t\\x20',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  space: '\\t\\n\\v\\f\\r\\x20',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}
const PERL: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[0-9A-Za-z_]',
  W: '[^0-9A-Za-z_]',
  s: '[\\t\\n\\f\\r\\x20]',
  S: '[^\\t\\n\\f\\r\\x20]',
}
/** Escapes of one character that mean the same in both. */
const CONTROL: Readonly<Record<string, string>> = {
  n: '\\n',
  r: '\\r',
  t: '\\t',
  f: '\\f',
  v: '\\v',
  a: '\\x07',
}
const START = '(?<![\\s\\S])'
const END = '(?![\\s\\S])'

/** A character as itself, escaped where it would mean something, in a class or outside of one. */
const literal = (character: string, inClass: boolean): string =>
  (inClass ? /[\^$\\.*+?()[\]{}|/&\-!#%,:;<=>@`~]/ : /[\^$\\.*+?()[\]{}|/]/).test(character)
    ? `\\${character}`
    : character

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

/** An open group: flags that hold before it, and groups of ours that end with the present alternative. */
interface Group {
  readonly outer: Flags
  opened: number
}

/** The source of a JavaScript expression for the `v` flag; throws `ExpressionError` for what RE2 has not. */
export function fromRe2(pattern: string): string {
  let position = 0
  let flags: Flags = { i: false, m: false, s: false, U: false }
  const groups: Group[] = [{ outer: flags, opened: 0 }]
  const wrong = (what: string): never => invalid(`/${pattern}/ is no regular expression of RE2: ${what}.`)
  const innermost = (): Group => groups.at(-1) ?? wrong('a ")" without its "("')
  const take = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = position
    const found = expression.exec(pattern) ?? undefined
    if (found !== undefined) position += found[0].length
    return found
  }

  function escapeSequence(inClass: boolean): string {
    const quoted = inClass ? undefined : take(/\\Q([\s\S]*?)(?:\\E|$)/y)
    if (quoted) return [...(quoted[1] ?? '')].map((character) => literal(character, false)).join('')
    const property = take(/\\([pP])(?:([A-Z])|\{(\^?)(\w+)\})/y)
    if (property) {
      const negated = (property[1] === 'P') !== (property[3] === '^')
      const name = property[2] ?? property[4] ?? ''
      return `\\${negated ? 'P' : 'p'}{${name.length > 2 ? `Script=${name}` : name}}`
    }
    const code = take(/\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y)
    if (code) return `\\u{${code[1] ?? code[2]}}`
    const [, character = ''] = take(/\\([\s\S])/y) ?? []
    const known = PERL[character] ?? CONTROL[character]
    if (known !== undefined) return known
    if (!inClass && character === 'A') return START
    if (!inClass && character === 'z') return END
    if (!inClass && (character === 'b' || character === 'B')) return `\\${character}`
    if (/[0-9A-Za-z]|^$/.test(character)) wrong(`the escape "\\${character}" is not known`)
    return literal(character, inClass)
  }

  function member(): string {
    const posix = take(/\[:(\^?)(\w+):\]/y)
    if (posix) {
      const [, negated = '', name = ''] = posix
      return `[${negated}${POSIX[name] ?? wrong(`the class [:${name}:] is not known`)}]`
    }
    if (pattern[position] === '\\') return escapeSequence(true)
    const [character = ''] = take(/[\s\S]/uy) ?? wrong('a class without its "]"')
    return literal(character, true)
  }

  /** After `[`. A `]` that comes first is one of the members. */
  function characterClass(): string {
    let text = take(/\^/y) ? '[^' : '['
    for (let isFirst = true; isFirst || !take(/\]/y); isFirst = false) {
      text += member()
      if (take(/-(?!\])/y)) text += `-${member()}`
    }
    return `${text}]`
  }

  /** After `(`. */
  function group(): string {
    const change = take(/\?([imsU]*)(?:-([imsU]+))?([:)])/y)
    if (change) {
      const [, on = '', off = '', end] = change
      const changed = { ...flags }
      for (const flag of on) changed[flag as keyof Flags] = true
      for (const flag of off) changed[flag as keyof Flags] = false
      if (end === ':') groups.push({ outer: flags, opened: 0 })
      else innermost().opened++
      flags = changed
      return `(?${flags.i ? 'i' : '-i'}:`
    }
    groups.push({ outer: flags, opened: 0 })
    const name = take(/\?P?<(\w+)>/y)
    if (name) return `(?<${name[1]}>`
    if (pattern[position] === '?') wrong('it has neither look-around nor other extensions of groups')
    return '('
  }

  /** Flags that were changed in the middle of a group hold in its other alternatives too. */
  function alternative(): string {
    const { opened } = innermost()
    innermost().opened = opened > 0 ? 1 : 0
    return `${')'.repeat(opened)}|${opened > 0 ? `(?${flags.i ? 'i' : '-i'}:` : ''}`
  }

  function close(): string {
    const { outer, opened } = groups.pop() ?? wrong('a ")" without its "("')
    if (groups.length === 0) wrong('a ")" without its "("')
    flags = outer
    return ')'.repeat(opened + 1)
  }

  function piece(): string {
    if (pattern[position] === '\\') return escapeSequence(false)
    const quantifier = take(/([*+?]|\{\d+(?:,\d*)?\})(\??)/y)
    if (quantifier) return `${quantifier[1]}${(quantifier[2] === '?') === flags.U ? '' : '?'}`
    const [character = ''] = take(/[\s\S]/uy) ?? []
    switch (character) {
      case '[':
        return characterClass()
      case '(':
        return group()
      case ')':
        return close()
      case '|':
        return alternative()
      case '.':
        return flags.s ? '[\\s\\S]' : '[^\\n]'
      case '^':
        return flags.m ? '(?<![^\\n])' : START
      case '$':
        return flags.m ? '(?![^\\n])' : END
      default:
        return literal(character, false)
    }
  }

  let text = ''
  while (position < pattern.length) text += piece()
  if (groups.length > 1) wrong('a "(" without its ")"')
  return text + ')'.repeat(innermost().opened)
}
