/**
 * Parser of metric math expressions and of composite alarm rules: both are arithmetic and Boolean expressions
 * over names and calls, so one small precedence climber reads both into a tree.
 *
 * Grammar of metric math:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }

export class ExpressionError extends Error {
  override name = 'ExpressionError'
}

const precedence: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '^': 7,
}
const words: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR' }
const token =
  /\s*(?:(\d+(?:\.\d+)?%?)|"([^"]*)"|'([^']*)'|([A-Za-z_][\w:./-]*)|(&&|\|\||[<>=!]=|[-+*/^<>(),[\]]))/y
const mathName =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"([^"]*)"|'([^']*)'|([A-Za-z_]\w*)|(&&|\|\||[<>=!]=|[-+*/^<>(),[\]]))/y

type Token = { readonly kind: 'number' | 'text' | 'name' | 'symbol'; readonly text: string }

/** Reads an expression; `names` says whether names may hold `-`, `.` and `/`, as alarm names do. */
export function parseExpression(source: string, names: 'metric math' | 'alarm rule'): Expression {
  const tokens = tokenize(source, names === 'alarm rule' ? token : mathName)
  let at = 0
  const peek = () => tokens[at]?.text
  const isSymbol = (text: string) => tokens[at]?.kind === 'symbol' && peek() === text
  const expect = (text: string) => {
    if (!isSymbol(text))
      throw new ExpressionError(`Expected '${text}' but found '${peek() ?? 'the end'}' in: ${source}`)
    at++
  }
  const list = (end: string): Expression[] => {
    const items: Expression[] = []
    while (!isSymbol(end)) {
      items.push(binary(0))
      if (!isSymbol(end)) expect(',')
    }
    at++
    return items
  }
  const operator = (): string | undefined => {
    const next = tokens[at]
    if (next === undefined || next.kind === 'text' || next.kind === 'number') return undefined
    const text = words[next.text] ?? (next.kind === 'name' ? next.text.toUpperCase() : next.text)
    return text in precedence ? text : undefined
  }
  function binary(minimum: number): Expression {
    let left = unary()
    for (let found = operator(); found !== undefined; found = operator()) {
      const strength = precedence[found] ?? 0
      if (strength < minimum) break
      at++
      left = { kind: 'binary', operator: found, left, right: binary(strength + 1) }
    }
    return left
  }
  function unary(): Expression {
    if (isSymbol('-')) {
      at++
      return { kind: 'unary', operator: '-', operand: unary() }
    }
    if (tokens[at]?.kind === 'name' && peek()?.toUpperCase() === 'NOT') {
      at++
      return { kind: 'unary', operator: 'NOT', operand: unary() }
    }
    return primary()
  }
  function primary(): Expression {
    const next = tokens[at++]
    if (next === undefined) throw new ExpressionError(`The expression ends too early: ${source}`)
    if (next.kind === 'number' && next.text.endsWith('%')) {
      return { kind: 'percent', value: Number(next.text.slice(0, -1)) }
    }
    if (next.kind === 'number') return { kind: 'number', value: Number(next.text) }
    if (next.kind === 'text') return { kind: 'text', text: next.text }
    if (next.kind === 'name') {
      if (!isSymbol('(')) return { kind: 'name', name: next.text }
      at++
      return { kind: 'call', name: next.text.toUpperCase(), arguments: list(')') }
    }
    if (next.text === '[') return { kind: 'list', items: list(']') }
    if (next.text !== '(') throw new ExpressionError(`'${next.text}' is not expected here: ${source}`)
    const inner = binary(0)
    if (names === 'alarm rule' && isSymbol(',')) {
      at++
      return { kind: 'list', items: [inner, ...list(')')] }
    }
    expect(')')
    return inner
  }

  const tree = binary(0)
  if (at < tokens.length) throw new ExpressionError(`'${peek()}' is not expected here: ${source}`)
  return tree
}

function tokenize(source: string, pattern: RegExp): Token[] {
  const tokens: Token[] = []
  const end = source.trimEnd().length
  pattern.lastIndex = 0
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex
    const match = pattern.exec(source)
    if (match === null) throw new ExpressionError(`Cannot read '${source.slice(start, end)}' in: ${source}`)
    const [, number, double, single, name, symbol] = match
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (double !== undefined || single !== undefined)
      tokens.push({ kind: 'text', text: double ?? single ?? '' })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else tokens.push({ kind: 'symbol', text: symbol ?? '' })
  }
  return tokens
}
