/**
 * Values of metric math: a number, one time series, or an array of them. A series is a row with one number per
 * period, `undefined` where CloudWatch has no data point.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
import { ExpressionError } from './expression.ts'

/** One value per period, oldest first. */
export type Row = readonly (number | undefined)[]

export type Value =
  | { readonly kind: 'scalar'; readonly value: number | undefined }
  | { readonly kind: 'series'; readonly row: Row }
  | { readonly kind: 'list'; readonly rows: readonly Row[] }

/** The periods that an expression is evaluated over. */
export interface Grid {
  readonly length: number
  readonly periodSeconds: number
  /** Wall-clock milliseconds at which a period begins. */
  timeOf(index: number): number
}

export const scalar = (value: number | undefined): Value => ({ kind: 'scalar', value })
export const series = (row: Row): Value => ({ kind: 'series', row })
export const list = (rows: readonly Row[]): Value => ({ kind: 'list', rows })

export const constant = (length: number, value: number | undefined): Row =>
  Array.from({ length }, () => value)

/** What is no number, such as the logarithm of nothing, is no data point. */
export const point = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value : undefined

/** Each series of a value on its own; a number stays one. */
export function mapRows(value: Value, change: (row: Row) => Row): Value {
  if (value.kind === 'scalar') return scalar(change([value.value])[0])
  return value.kind === 'series' ? series(change(value.row)) : list(value.rows.map(change))
}

export function mapPoints(value: Value, change: (value: number) => number): Value {
  return mapRows(value, (row) => row.map((one) => point(one === undefined ? undefined : change(one))))
}

/**
 * Point by point. Where only one of two series has a value, the other counts as 0; where neither has, there is
 * none.
 */
export function zip(left: Value, right: Value, apply: (a: number, b: number) => number): Value {
  if (left.kind === 'list') {
    const others = right.kind === 'list' ? right.rows : undefined
    if (others !== undefined && others.length !== left.rows.length) {
      throw new ExpressionError('Two arrays of time series must be of the same length')
    }
    return list(left.rows.map((row, index) => zipRows(row, others?.[index] ?? single(right), apply)))
  }
  if (right.kind === 'list') return list(right.rows.map((row) => zipRows(single(left), row, apply)))
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    const [a, b] = [left.value, right.value]
    return scalar(a === undefined || b === undefined ? undefined : point(apply(a, b)))
  }
  return series(zipRows(single(left), single(right), apply))
}

const single = (value: Value): Row | number | undefined => {
  if (value.kind === 'list') throw new ExpressionError('An array of time series is not allowed here')
  return value.kind === 'series' ? value.row : value.value
}

function zipRows(
  left: Row | number | undefined,
  right: Row | number | undefined,
  apply: (a: number, b: number) => number,
): Row {
  const rows = [left, right].filter((side): side is Row => Array.isArray(side))
  const at = (side: Row | number | undefined, index: number) =>
    typeof side === 'object' ? (side[index] ?? 0) : side
  return constant(rows[0]?.length ?? 0, undefined).map((_, index) => {
    const [a, b] = [at(left, index), at(right, index)]
    const known = rows.some((row) => row[index] !== undefined)
    return known && a !== undefined && b !== undefined ? point(apply(a, b)) : undefined
  })
}

/** A number or a series as a row of the grid's length. */
export function spread(value: Value, length: number): Row {
  const one = single(value)
  return typeof one === 'object' ? one : constant(length, one)
}
