/**
 * Metric data queries: metrics and expressions that refer to each other by id, as alarms and GetMetricData have
 * them.
 */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { ExpressionError } from '../math/expression.ts'
import { type Grid, type Row, series, type Value } from '../math/math-value.ts'
import { evaluateMath, namesIn } from '../math/metric-math.ts'
import { bucketAwsMs, type Dimensions, windowOf } from './series.ts'
import { statisticOf } from './sketch.ts'
import type { MetricStore } from './store.ts'

/** The one query that an alarm watches. */
export const returnedQuery = (queries: readonly MetricDataQuery[]): MetricDataQuery | undefined =>
  queries.find((query) => query.ReturnData !== false)

/** Evaluates one of the queries, and those it refers to. */
export function evaluateQuery(
  queries: readonly MetricDataQuery[],
  returned: MetricDataQuery,
  grid: Grid,
  metricRow: (query: MetricDataQuery) => Row,
): Value {
  const known = new Map<string, Value | 'under way'>()
  const rowsOfMetrics = () =>
    queries.filter(isMetric).map((query) => ({ id: query.Id ?? '', row: spreadOf(evaluated(query)) }))
  const evaluated = (query: MetricDataQuery): Value => {
    const id = query.Id ?? ''
    const found = known.get(id)
    if (found === 'under way') throw new ExpressionError(`The expression '${id}' refers to itself`)
    if (found !== undefined) return found
    known.set(id, 'under way')
    const value =
      query.Expression === undefined
        ? series(metricRow(query))
        : evaluateMath(query.Expression, grid, {
            metrics: rowsOfMetrics,
            value(name) {
              const other = queries.find((candidate) => candidate.Id === name)
              return other && evaluated(other)
            },
          })
    known.set(id, value)
    return value
  }
  return evaluated(returned)
}

const isMetric = (query: MetricDataQuery) => query.MetricStat !== undefined
const spreadOf = (value: Value): Row => (value.kind === 'series' ? value.row : [])

/** What an expression is made of, however deep: the metrics, by whose period it is evaluated. */
export function metricsBelow(queries: readonly MetricDataQuery[], query: MetricDataQuery): MetricDataQuery[] {
  const found = new Set<MetricDataQuery>()
  const visit = (one: MetricDataQuery): void => {
    if (found.has(one)) return
    found.add(one)
    const names = one.Expression === undefined ? [] : namesIn(one.Expression)
    const every = /\bMETRICS\s*\(/i.test(one.Expression ?? '')
    for (const other of queries)
      if (names.includes(other.Id ?? '') || (every && isMetric(other))) visit(other)
  }
  visit(query)
  return [...found].filter(isMetric)
}

/** The statistic of a query's metric in each period that begins at one of `starts`. */
export function metricRow(
  store: MetricStore,
  { MetricStat }: MetricDataQuery,
  starts: readonly number[],
  length: number,
): Row {
  const { Namespace = '', MetricName = '', Dimensions } = MetricStat?.Metric ?? {}
  const found = store.find(Namespace, MetricName, dimensionsOf(Dimensions), MetricStat?.Unit)
  return starts.map((start) => statisticOf(windowOf(found, start, start + length), MetricStat?.Stat ?? ''))
}

/** A row of periods from bucket `from` on; `length` in buckets of ten seconds. */
export function gridFrom(store: MetricStore, from: number, count: number, length: number): Grid {
  return {
    length: count,
    periodSeconds: (length * bucketAwsMs) / 1000,
    timeOf: (index) => store.timeOf(from + index * length),
  }
}

export function dimensionsOf(
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined,
): Dimensions {
  return Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']))
}
