/**
 * The functions of metric math that the emulator knows; the others are refused by name when an alarm is put.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
 */
import { ExpressionError } from './expression.ts'
import {
  constant,
  type Grid,
  list,
  mapPoints,
  mapRows,
  point,
  type Row,
  scalar,
  series,
  type Value,
} from './math-value.ts'

type Fold = (values: readonly number[], length: number) => number

const sum: Fold = (values) => values.reduce((total, value) => total + value, 0)

/** Of one series a number, of an array a series. */
export const folds: Readonly<Record<string, Fold>> = {
  SUM: sum,
  // Missing values count as 0.
  AVG: (values, length) => sum(values, length) / length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  STDDEV(values, length) {
    const mean = sum(values, length) / values.length
    return Math.sqrt(
      sum(
        values.map((value) => (value - mean) ** 2),
        length,
      ) / values.length,
    )
  },
  DATAPOINT_COUNT: (values) => values.length,
}

/** Each point on its own. */
const points: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
}

/** Each series on its own. */
const rows: Readonly<Record<string, (row: Row, grid: Grid) => Row>> = {
  DIFF: (row) => withPrevious(row, (value, before) => value - before.value),
  DIFF_TIME: (row, grid) => withPrevious(row, (_, before) => before.periods * grid.periodSeconds),
  RATE: (row, grid) =>
    withPrevious(row, (value, before) => (value - before.value) / (before.periods * grid.periodSeconds)),
  RUNNING_SUM(row) {
    let total = 0
    return row.map((value) => {
      total += value ?? 0
      return value === undefined ? undefined : total
    })
  },
}

/** By the time stamps of the periods, in UTC; a day of the week is 1 on Monday. */
const times: Readonly<Record<string, (at: Date) => number>> = {
  MINUTE: (at) => at.getUTCMinutes(),
  HOUR: (at) => at.getUTCHours(),
  DAY: (at) => at.getUTCDay() || 7,
  DATE: (at) => at.getUTCDate(),
  MONTH: (at) => at.getUTCMonth() + 1,
  YEAR: (at) => at.getUTCFullYear(),
  EPOCH: (at) => Math.floor(at.getTime() / 1000),
}

const ofLists: Readonly<Record<string, (all: readonly Row[]) => Value>> = {
  FIRST: (all) => series(all[0] ?? []),
  LAST: (all) => series(all.at(-1) ?? []),
  METRIC_COUNT: (all) => scalar(all.length),
  REMOVE_EMPTY: (all) => list(all.filter((row) => row.some((value) => value !== undefined))),
}

/** Functions of one argument that is evaluated before; `undefined` when there is none of that name. */
export function simpleFunction(name: string): ((value: Value, grid: Grid) => Value) | undefined {
  const fold = folds[name]
  if (fold !== undefined) return (value, grid) => foldValue(value, grid, fold)
  const ofPoint = points[name]
  if (ofPoint !== undefined) return (value) => mapPoints(value, ofPoint)
  const ofRow = rows[name]
  if (ofRow !== undefined) return (value, grid) => mapRows(value, (row) => ofRow(row, grid))
  const ofTime = times[name]
  if (ofTime !== undefined) {
    return (_, grid) => series(constant(grid.length, 0).map((_, at) => ofTime(new Date(grid.timeOf(at)))))
  }
  const ofList = ofLists[name]
  if (ofList !== undefined) return (value) => ofList(rowsOf(value, name))
  if (name !== 'TIME_SERIES') return undefined
  return (value, grid) => {
    if (value.kind !== 'scalar') throw new ExpressionError('TIME_SERIES wants a number')
    return series(constant(grid.length, value.value))
  }
}

export const simpleFunctions = [folds, points, rows, times, ofLists]
  .flatMap(Object.keys)
  .concat('TIME_SERIES')

export function rowsOf(value: Value, name: string): readonly Row[] {
  if (value.kind === 'list') return value.rows
  throw new ExpressionError(`${name} wants an array of time series`)
}

function foldValue(value: Value, grid: Grid, fold: Fold): Value {
  if (value.kind === 'scalar') return value
  if (value.kind === 'series') return scalar(foldRow(value.row, fold))
  return series(
    constant(grid.length, undefined).map((_, index) =>
      foldRow(
        value.rows.map((row) => row[index]),
        fold,
      ),
    ),
  )
}

/** Where nothing is known there is nothing, whatever the function. */
export function foldRow(row: Row, fold: Fold): number | undefined {
  const known = row.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : point(fold(known, row.length))
}

/** Each value with the one before it, however long ago; the first has none. */
function withPrevious(
  row: Row,
  combine: (value: number, before: { value: number; periods: number }) => number,
): Row {
  let before: { value: number; index: number } | undefined
  return row.map((value, index) => {
    if (value === undefined) return undefined
    const last = before
    before = { value, index }
    return last && point(combine(value, { value: last.value, periods: index - last.index }))
  })
}

/** `REPEAT` carries on the last value, `LINEAR` draws a line from value to value; neither goes beyond the ends. */
export function fillRow(row: Row, how: 'REPEAT' | 'LINEAR'): Row {
  const before = (index: number) => row.findLastIndex((value, at) => at <= index && value !== undefined)
  const after = (index: number) => row.findIndex((value, at) => at >= index && value !== undefined)
  return row.map((value, index) => {
    if (value !== undefined) return value
    const [from, to] = [before(index), after(index)]
    const start = row[from]
    if (how === 'REPEAT' || start === undefined) return start
    const end = row[to]
    return end === undefined ? undefined : start + ((end - start) * (index - from)) / (to - from)
  })
}
