/**
 * Metric math: an expression over metrics and other expressions becomes a number, a time series or an array of
 * them. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
import { type Expression, ExpressionError, parseExpression } from './expression.ts'
import { fillRow, foldRow, folds, rowsOf, simpleFunction, simpleFunctions } from './math-functions.ts'
import { type Grid, list, mapRows, type Row, scalar, series, spread, type Value, zip } from './math-value.ts'

/** What an expression may refer to. */
export interface Scope {
  /** A metric's or another expression's value by its id. */
  value(id: string): Value | undefined
  /** Every metric of the request, expressions not among them. */
  metrics(): readonly { readonly id: string; readonly row: Row }[]
}

const operators: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // A division by zero yields no data point: infinity is none.
  '/': (a, b) => a / b,
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

/** Functions that the emulator knows; others are refused when the alarm is put, by name. */
const metricMathFunctions = [...simpleFunctions, 'FILL', 'IF', 'METRICS', 'PERIOD', 'SLICE', 'SORT']

/** Names that an expression refers to; throws `ExpressionError` where it cannot be read or evaluated here. */
export function namesIn(source: string): string[] {
  const names = new Set<string>()
  const walk = (node: Expression): void => {
    // Ids begin with a small letter; REPEAT, DESC and the like are words of the functions.
    if (node.kind === 'name' && /^[a-z]/.test(node.name)) names.add(node.name)
    if (node.kind === 'call' && !metricMathFunctions.includes(node.name)) {
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

export function evaluateMath(source: string, grid: Grid, scope: Scope): Value {
  const fail = (message: string): never => {
    throw new ExpressionError(`${message}: ${source}`)
  }
  const special: Readonly<Record<string, (parts: readonly Expression[]) => Value>> = {
    METRICS([text]) {
      const part = text === undefined ? '' : text.kind === 'text' ? text.text : fail('METRICS wants a text')
      return list(scope.metrics().flatMap(({ id, row }) => (id.includes(part) ? [row] : [])))
    },
    PERIOD([metric]) {
      const known = metric?.kind === 'name' && scope.metrics().some(({ id }) => id === metric.name)
      return known ? scalar(grid.periodSeconds) : fail('PERIOD wants a metric')
    },
    FILL([filled, how]) {
      const value = evaluate(filled)
      if (how?.kind === 'name' && (how.name === 'REPEAT' || how.name === 'LINEAR')) {
        const { name } = how
        return mapRows(value, (row) => fillRow(row, name))
      }
      const filling = spread(evaluate(how), grid.length)
      return mapRows(value, (row) => row.map((one, index) => one ?? filling[index]))
    },
    IF: ([condition, yes, no]) => choose(evaluate(condition), evaluate(yes), no && evaluate(no)),
    SLICE([of, from, to]) {
      const rows = rowsOf(evaluate(of), 'SLICE')
      return list(rows.slice(numberOf(from), to === undefined ? undefined : numberOf(to)))
    },
    SORT([of, by, order, limit]) {
      const fold = by?.kind === 'name' && ['AVG', 'MIN', 'MAX', 'SUM'].includes(by.name) && folds[by.name]
      const up = order?.kind === 'name' ? order.name : ''
      if (!fold || !['ASC', 'DESC'].includes(up))
        return fail('SORT wants AVG, MIN, MAX or SUM, and ASC or DESC')
      const rank = (row: Row) => foldRow(row, fold) ?? Number.NEGATIVE_INFINITY
      const sorted = rowsOf(evaluate(of), 'SORT').toSorted((a, b) => rank(a) - rank(b))
      if (up === 'DESC') sorted.reverse()
      return list(limit === undefined ? sorted : sorted.slice(0, numberOf(limit)))
    },
  }
  return evaluate(parseExpression(source, 'metric math'))

  function evaluate(node: Expression | undefined): Value {
    switch (node?.kind) {
      case undefined:
        return fail('A function wants more arguments')
      case 'number':
        return scalar(node.value)
      case 'name':
        return scope.value(node.name) ?? fail(`Unknown id '${node.name}'`)
      case 'list':
        return list(
          node.items.flatMap((item) => {
            const value = evaluate(item)
            return value.kind === 'list' ? value.rows : [spread(value, grid.length)]
          }),
        )
      case 'unary':
        return zip(scalar(0), evaluate(node.operand), (_, a) =>
          node.operator === '-' ? -a : Number(a === 0),
        )
      case 'binary': {
        const apply = operators[node.operator] ?? fail(`Unknown operator '${node.operator}'`)
        return zip(evaluate(node.left), evaluate(node.right), apply)
      }
      case 'call': {
        const known = special[node.name]
        if (known !== undefined) return known(node.arguments)
        const apply = simpleFunction(node.name) ?? fail(`The function ${node.name} is not implemented here`)
        return apply(evaluate(node.arguments[0]), grid)
      }
      case 'text':
      case 'percent':
        return fail('A text has no value here')
    }
  }

  function numberOf(node: Expression | undefined): number {
    const value = evaluate(node)
    return value.kind === 'scalar' && value.value !== undefined ? value.value : fail('A number is required')
  }

  /** Where a series says yes and the first branch has no value, the value is 0. */
  function choose(condition: Value, yes: Value, no: Value | undefined): Value {
    const empty = series(spread(scalar(undefined), grid.length))
    if (condition.kind === 'scalar') return condition.value ? yes : (no ?? empty)
    const [test, then] = [spread(condition, grid.length), spread(yes, grid.length)]
    const otherwise = spread(no ?? empty, grid.length)
    return series(
      test.map((point, index) => {
        if (point === undefined) return undefined
        return point === 0 ? otherwise[index] : (then[index] ?? 0)
      }),
    )
  }
}
