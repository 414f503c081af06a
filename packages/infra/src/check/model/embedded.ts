/**
 * Values inside of strings: policies and container definitions are JSON text in Terraform, or as an HCL literal
 * in `jsonencode(…)`. References stay in the strings of the result as `${…}`.
 */

/** The value, or undefined where it is not written down, e.g. behind a function. */
export function embeddedValue(value: unknown): unknown {
  if (typeof value !== 'string') return undefined
  const written = value.trim()
  const encoded = /^\$\{jsonencode\(([\s\S]*)\)\}$/.exec(written)?.[1]
  try {
    return encoded === undefined ? JSON.parse(written) : readLiteral(encoded)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const token = /\s*("(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^}]*\})*"|[{}[\],=:()]|[^\s{}[\],=:()"]+)/y

/** Objects, lists, strings, numbers, true, false and null of HCL; whatever else becomes `${…}`. */
function readLiteral(text: string): unknown {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text)?.[1]
    if (found === undefined) throw new SyntaxError('not a literal')
    tokens.push(found)
  }
  const take = (expected?: string) => {
    const next = tokens.shift()
    if (next === undefined || (expected !== undefined && next !== expected))
      throw new SyntaxError('not a literal')
    return next
  }
  const skip = (...options: string[]) => {
    if (options.includes(tokens[0] ?? '')) tokens.shift()
  }
  const value = (): unknown => {
    const next = take()
    if (next === '{') {
      const entries: [string, unknown][] = []
      while (tokens[0] !== '}') {
        const key = take().replace(/^"|"$/g, '')
        skip('=', ':')
        entries.push([key, value()])
        skip(',')
      }
      take('}')
      return Object.fromEntries(entries)
    }
    if (next === '[') {
      const items: unknown[] = []
      while (tokens[0] !== ']') {
        items.push(value())
        skip(',')
      }
      take(']')
      return items
    }
    if (next.startsWith('"')) return unquote(next)
    if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(next)) return JSON.parse(next)
    return `\${${next}${tokens[0] === '(' || tokens[0] === '[' ? call(take) : ''}}`
  }
  const result = value()
  if (tokens.length > 0) throw new SyntaxError('not a literal')
  return result
}

/** The rest of `name(…)` or `name[…]`, brackets balanced. */
function call(take: () => string): string {
  let text = ''
  let depth = 0
  do {
    const next = take()
    if (/^[([{]$/.test(next)) depth += 1
    if (/^[)\]}]$/.test(next)) depth -= 1
    text += next
  } while (depth > 0)
  return text
}

/** Quotes inside of `${…}` stay as they are. */
const unquote = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replace(/\\(["\\])/g, '$1')
    .replaceAll('\\n', '\n')
