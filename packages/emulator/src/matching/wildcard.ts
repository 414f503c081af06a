/**
 * Wildcards as AWS's services use them: `*` stands for any characters or none, `?` (where a service has it) for exactly
 * one. The matcher goes over text and pattern with two pointers and returns to the last `*` only, so its time is at most
 * the product of both lengths: no pattern and no text can make it explode, as a regular expression can.
 */

export interface WildcardOptions {
  /** Whether `?` stands for one character; without it, `?` stands for itself. */
  readonly single?: boolean
  readonly ignoreCase?: boolean
  /** Characters that a backslash before them makes literal; a backslash before any other one stands for itself. */
  readonly escapable?: string
}

export type Matches = (text: string) => boolean

const any = -1
const one = -2

/** Compiles a pattern once; the text as a whole must match. */
export function compileWildcard(pattern: string, options: WildcardOptions = {}): Matches {
  const fold = options.ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text
  const tokens = parse(fold(pattern), options)
  const literal = String.fromCharCode(...tokens.filter((token) => token >= 0))
  const wild = tokens.length - literal.length
  if (wild === 0) return (text) => fold(text) === literal
  if (wild === 1 && tokens.at(-1) === any) {
    return literal === '' ? () => true : (text) => fold(text).startsWith(literal)
  }
  return (text) => matches(tokens, fold(text))
}

/** Character codes, or what stands for others; several `*` in a row are one. */
function parse(pattern: string, { single = false, escapable = '' }: WildcardOptions): number[] {
  const tokens: number[] = []
  for (let index = 0; index < pattern.length; index++) {
    const sign = pattern.charAt(index)
    const next = pattern.charAt(index + 1)
    if (sign === '\\' && next !== '' && escapable.includes(next)) {
      tokens.push(next.charCodeAt(0))
      index++
    } else if (sign === '*') {
      if (tokens.at(-1) !== any) tokens.push(any)
    } else tokens.push(sign === '?' && single ? one : sign.charCodeAt(0))
  }
  return tokens
}

function matches(tokens: readonly number[], text: string): boolean {
  let token = 0
  let at = 0
  /** Where to go on when what follows the last `*` did not match. */
  let starToken = -1
  let starAt = 0
  while (at < text.length) {
    const expected = tokens[token]
    if (expected === any) {
      starToken = token++
      starAt = at
    } else if (expected !== undefined && (expected === one || expected === text.charCodeAt(at))) {
      token++
      at++
    } else if (starToken >= 0) {
      token = starToken + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token] === any) token++
  return token === tokens.length
}
