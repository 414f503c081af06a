/**
 * Regular expressions of conditions and transforms. AWS's have no lookaround, no backreferences, no atomic groups, no
 * possessive quantifiers, no recursion and no Unicode classes: what RE2 has, but for the last. RE2 matches in linear time,
 * so no expression holds up the traffic; each is compiled once, when its rule is.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
import { RE2JS } from 're2js'
import { validationError } from '../model/errors.ts'

export interface Regex {
  /** Whether the expression matches somewhere in the text. */
  readonly test: (text: string) => boolean
  /** The text with its first match replaced; `$1` to `$9` in the replacement stand for groups. */
  readonly replace: (text: string, replacement: string) => string
}

/** Throws the error that AWS answers for an expression that it does not take. */
export function compileRegex(source: string, { ignoreCase = false } = {}): Regex {
  const expression = parse(source, ignoreCase)
  return {
    test: (text) => expression.test(text),
    replace(text, replacement) {
      const match = expression.matcher(text)
      if (!match.find()) return text
      const filled = replacement.replace(/\$(\d)/g, (_whole, group: string) =>
        Number(group) <= match.groupCount() ? (match.group(Number(group)) ?? '') : '',
      )
      return text.slice(0, match.start()) + filled + text.slice(match.end())
    },
  }
}

function parse(source: string, ignoreCase: boolean): RE2JS {
  const invalid = () => validationError(`The regular expression '${source}' is not valid`)
  // After an even number of backslashes the next one begins an escape.
  if (/(?:^|[^\\])(?:\\\\)*\\[pP]/.test(source)) throw invalid()
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch {
    throw invalid()
  }
}
