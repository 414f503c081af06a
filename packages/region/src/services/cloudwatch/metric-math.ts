/**
 * Metric math over a row of periods: every metric is an array with one number per period, `undefined` where
 * CloudWatch has no data point. Arithmetic with a missing point is missing, unless FILL gave it a value.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
import { type Expression, ExpressionError, parseExpression } from './expression.ts'

/** One value per period, oldest first. */
export type Row = readonly (number | undefined)[]
type Value = number | Row | readonly Row[]

const combine: Readonly<Record<string, (left: number, right: number) => number | undefined>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // A division by zero yields no data point.
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
}

const fold: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
}

const each: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
}

/** Functions that the region knows; others are refused when the alarm is put, by name. */
export const metricMathFunctions = [
  ...Object.keys(fold),
  ...Object.keys(each),
  'FILL',
  'IF',
  'METRICS',
] as const

/** Names that an expression refers to; throws `ExpressionError` where it cannot be read or evaluated here. */
export function namesIn(source: string): string[] {
  const names = new Set<string>()
  const walk = (node: Expression): void => {
    if (node.kind === 'name' && node.name !== 'REPEAT' && node.name !== 'LINEAR') names.add(node.name)
    if (node.kind === 'call' && !(metricMathFunctions as readonly string[]).includes(node.name)) {
      throw new ExpressionError(`The function ${node.name} of metric math is not implemented here: ${source}`)
    }
    if (node.kind === 'call') node.arguments.forEach(walk)
    if (node.kind === 'list') node.items.forEach(walk)
    if (node.kind === 'unary') walk(node.operand)
    if (node.kind === 'binary') [node.left, node.right].forEach(walk)
  }
  walk(parseExpression(source, 'metric math'))
  return [...names]
}

/** Evaluates over `length` periods; `row` gives the values of a metric or of another expression by its id. */
export function evaluateMath(
  source: string,
  length: number,
  row: (id: string) => Row | undefined,
  metricRows: () => readonly Row[],
): Row {
  const value = evaluate(parseExpression(source, 'metric math'))
  if (typeof value === 'number') return Array.from({ length }, () => value)
  if (isRows(value)) throw new ExpressionError(`The result must be one time series: ${source}`)
  return value

  function evaluate(node: Expression): Value {
    switch (node.kind) {
      case 'number':
        return node.value
      case 'name': {
        const found = row(node.name)
        if (found === undefined) throw new ExpressionError(`Unknown id '${node.name}' in: ${source}`)
        return found
      }
      case 'list':
        return node.items.map((item) => spread(evaluate(item), length))
      case 'unary':
        return zip(evaluate(node.operand), 0, (a) => (node.operator === '-' ? -a : Number(a === 0)))
      case 'binary': {
        const apply = combine[node.operator]
        if (apply === undefined)
          throw new ExpressionError(`Unknown operator '${node.operator}' in: ${source}`)
        return zip(evaluate(node.left), evaluate(node.right), apply)
      }
      case 'call':
        return call(node.name, node.arguments)
      case 'text':
        throw new ExpressionError(`A text has no value here: ${source}`)
    }
  }

  function call(name: string, parts: readonly Expression[]): Value {
    if (name === 'METRICS') return metricRows()
    const first = parts[0]
    if (first === undefined) throw new ExpressionError(`${name} wants an argument: ${source}`)
    if (name === 'FILL') return fill(evaluate(first), parts[1])
    if (name === 'IF') return choose(parts)
    const value = evaluate(first)
    const total = fold[name]
    if (total !== undefined) {
      if (typeof value === 'number') return value
      if (isRows(value)) return across(value, length, total)
      const known = value.filter((point) => point !== undefined)
      return known.length === 0 ? Array.from({ length }, () => undefined) : total(known)
    }
    const single = each[name]
    if (single === undefined)
      throw new ExpressionError(`The function ${name} is not implemented here: ${source}`)
    return zip(value, 0, (a) => single(a))
  }

  function fill(value: Value, how: Expression | undefined): Value {
    if (how === undefined) throw new ExpressionError(`FILL wants a value: ${source}`)
    if (isRows(value)) return value.map((one) => fillRow(one, how))
    return typeof value === 'number' ? value : fillRow(value, how)
  }

  function fillRow(values: Row, how: Expression): Row {
    if (how.kind === 'name' && how.name === 'REPEAT') {
      let last: number | undefined
      return values.map((point) => (last = point ?? last))
    }
    if (how.kind === 'name' && how.name === 'LINEAR') {
      throw new ExpressionError(`FILL(…, LINEAR) is not implemented here: ${source}`)
    }
    const filling = spread(evaluate(how), length)
    return values.map((point, index) => point ?? filling[index])
  }

  /** Both branches are evaluated; a missing condition yields no data point. */
  function choose(parts: readonly Expression[]): Value {
    const [condition, yes, no] = parts
    if (condition === undefined || yes === undefined)
      throw new ExpressionError(`IF wants two or three arguments: ${source}`)
    const test = spread(evaluate(condition), length)
    const then = spread(evaluate(yes), length)
    const otherwise = no === undefined ? [] : spread(evaluate(no), length)
    return test.map((point, index) => {
      if (point === undefined) return undefined
      return point === 0 ? otherwise[index] : then[index]
    })
  }
}

const isRows = (value: Value): value is readonly Row[] => typeof value !== 'number' && Array.isArray(value[0])

function spread(value: Value, length: number): Row {
  if (typeof value === 'number') return Array.from({ length }, () => value)
  if (isRows(value)) throw new ExpressionError('A list of time series cannot stand here')
  return value
}

function zip(left: Value, right: Value, apply: (a: number, b: number) => number | undefined): Value {
  if (isRows(left)) return left.map((row) => zip(row, right, apply) as Row)
  if (isRows(right)) return right.map((row) => zip(left, row, apply) as Row)
  if (typeof left === 'number') {
    if (typeof right === 'number') return apply(left, right) ?? 0
    return right.map((point) => (point === undefined ? undefined : apply(left, point)))
  }
  return left.map((point, index) => {
    const other = typeof right === 'number' ? right : right[index]
    return point === undefined || other === undefined ? undefined : apply(point, other)
  })
}

/** Across time series a missing point is left out; where all are missing there is none. */
function across(rows: readonly Row[], length: number, total: (values: readonly number[]) => number): Row {
  return Array.from({ length }, (_, index) => {
    const known = rows.map((row) => row[index]).filter((point) => point !== undefined)
    return known.length === 0 ? undefined : total(known)
  })
}
