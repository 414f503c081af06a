/** The rules for metric data queries, of alarms and of GetMetricData alike. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Value } from '../math/math-value.ts'
import { namesIn } from '../math/metric-math.ts'
import { invalidParameterValue, validationError } from '../model/errors.ts'
import { evaluateQuery } from './query.ts'
import { isStatistic } from './sketch.ts'

/** Ids, statistics, periods and expressions of metric data queries. */
export function checkMetricDataQueries(queries: readonly MetricDataQuery[]): void {
  const ids = new Set(queries.map((query) => query.Id))
  if (ids.size !== queries.length) throw validationError('The Ids of the metrics list must be unique.')
  for (const query of queries) {
    if (!/^[a-z]\w*$/.test(query.Id ?? ''))
      throw validationError(`The Id '${query.Id}' must match ^[a-z][a-zA-Z0-9_]*$.`)
    if ((query.Expression === undefined) === (query.MetricStat === undefined)) {
      throw validationError(`The element ${query.Id} must have either an Expression or a MetricStat.`)
    }
    if (query.MetricStat !== undefined) {
      const statistic = query.MetricStat.Stat ?? ''
      if (!isStatistic(statistic))
        throw validationError(`The statistic ${statistic} is not implemented by this emulator.`)
      checkPeriod(query.MetricStat.Period ?? 0)
    }
    for (const name of query.Expression === undefined ? [] : readNames(query.Expression)) {
      if (!ids.has(name))
        throw validationError(`Expression ${query.Id} refers to '${name}', which is not in the metrics list.`)
    }
  }
}

/**
 * What a query returns, found out over two periods of which every metric has a value. An expression that only
 * gives a number is no answer.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
 */
export function checkResult(queries: readonly MetricDataQuery[], returned: MetricDataQuery): Value['kind'] {
  const grid = { length: 2, periodSeconds: 60, timeOf: (index: number) => index * 60_000 }
  const { kind } = inExpression(() => evaluateQuery(queries, returned, grid, () => [1, 1]))
  if (kind !== 'scalar') return kind
  throw validationError(
    `Error in expression '${returned.Id}': it returns a number, and must return a time series: ${returned.Expression}`,
  )
}

/** Ten-second buckets carry periods of 10, 20 and 30 seconds and of whole minutes; 1 and 5 are refused by name. */
export function checkPeriod(period: number): void {
  if ([10, 20, 30].includes(period) || (period > 0 && period % 60 === 0)) return
  const why = [1, 5].includes(period) ? 'not implemented by this emulator' : 'invalid'
  throw invalidParameterValue(`The period ${period} is ${why}: give 10, 20, 30 or a multiple of 60 seconds.`)
}

const readNames = (expression: string) => inExpression(() => namesIn(expression))

function inExpression<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw validationError(`Error in expression: ${error instanceof Error ? error.message : String(error)}`)
  }
}
