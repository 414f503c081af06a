/**
 * GetMetricData and GetMetricStatistics: reading metrics by wall-clock time. A period of 60 s is a minute of
 * AWS time, so at speed 60 the time stamps of its data points are one second apart.
 */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  MetricDataQuery,
} from '@aws-sdk/client-cloudwatch'
import { dimensionsOf, evaluateQueries } from './alarm-data.ts'
import { checkMetricDataQueries, checkPeriod } from './alarm-validation.ts'
import { invalidParameterCombination, invalidParameterValue, missingParameter } from './errors.ts'
import type { Row } from './metric-math.ts'
import { bucketAwsMs, type MetricStore } from './metric-store.ts'
import { isStatistic, statisticOf } from './sketch.ts'

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const statisticsLimit = 1_440
const dataPointLimit = 100_800

export function getMetricStatistics(
  store: MetricStore,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput {
  const { from, to, length } = range(store, input.StartTime, input.EndTime, input.Period)
  const names = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])]
  if (names.length === 0) throw missingParameter('Either Statistics or ExtendedStatistics must be given.')
  for (const name of names)
    if (!isStatistic(name)) throw invalidParameterValue(`The statistic ${name} is not implemented.`)
  const series = store.find(input.Namespace ?? '', input.MetricName ?? '', dimensionsOf(input.Dimensions))
  const found = series === undefined ? [] : store.periods(series, from, to, length)
  if (found.length > statisticsLimit) {
    throw invalidParameterCombination(
      `You have requested up to ${found.length} datapoints, which exceeds the limit of 1440.`,
    )
  }
  return {
    Label: input.MetricName,
    Datapoints: found.map(({ bucket, sketch }) => ({
      Timestamp: new Date(store.timeOf(bucket)),
      Unit: (series?.unit ?? 'None') as 'None',
      ...Object.fromEntries((input.Statistics ?? []).map((name) => [name, statisticOf(sketch, name)])),
      ...(input.ExtendedStatistics === undefined
        ? {}
        : {
            ExtendedStatistics: Object.fromEntries(
              input.ExtendedStatistics.map((name) => [name, statisticOf(sketch, name) ?? 0]),
            ),
          }),
    })),
  }
}

export function getMetricData(store: MetricStore, input: GetMetricDataInput): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? []
  checkMetricDataQueries(queries)
  const seconds = Math.max(60, ...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 0))
  const shortest = queries.some((query) => (query.MetricStat?.Period ?? 60) < 60)
    ? Math.min(...queries.flatMap((query) => query.MetricStat?.Period ?? []))
    : seconds
  const { from, to, length } = range(store, input.StartTime, input.EndTime, shortest)
  const starts = startsWithData(store, queries, from, to, length)
  const order = input.ScanBy === 'TimestampAscending' ? starts : starts.toReversed()
  const results = queries
    .filter((query) => query.ReturnData !== false)
    .map((query) => {
      const row = evaluateQueries(
        queries,
        starts.length,
        (one) => metricRow(store, one, starts, length),
        query,
      )
      const points = starts.flatMap((start, index) => {
        const value = row[index]
        return value === undefined ? [] : [{ start, value }]
      })
      if (order !== starts) points.reverse()
      return {
        Id: query.Id,
        Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Expression,
        Timestamps: points.map(({ start }) => new Date(store.timeOf(start))),
        Values: points.map(({ value }) => value),
        StatusCode: 'Complete' as const,
      }
    })
  return { MetricDataResults: results, Messages: [] }
}

function metricRow(
  store: MetricStore,
  query: MetricDataQuery,
  starts: readonly number[],
  length: number,
): Row {
  const metric = query.MetricStat?.Metric
  const series = store.find(
    metric?.Namespace ?? '',
    metric?.MetricName ?? '',
    dimensionsOf(metric?.Dimensions),
  )
  return starts.map((start) =>
    statisticOf(store.window(series, start, start + length), query.MetricStat?.Stat ?? ''),
  )
}

/** Periods in which any of the queried metrics has a sample: what lies between holds nothing to answer. */
function startsWithData(
  store: MetricStore,
  queries: readonly MetricDataQuery[],
  from: number,
  to: number,
  length: number,
): number[] {
  const starts = new Set<number>()
  for (const query of queries) {
    const metric = query.MetricStat?.Metric
    const series = store.find(
      metric?.Namespace ?? '',
      metric?.MetricName ?? '',
      dimensionsOf(metric?.Dimensions),
    )
    if (series === undefined) continue
    for (const { bucket } of store.periods(series, from, to, length)) starts.add(bucket)
  }
  return [...starts].sort((a, b) => a - b).slice(-dataPointLimit)
}

function range(
  store: MetricStore,
  start: Date | undefined,
  end: Date | undefined,
  period: number | undefined,
) {
  if (start === undefined || end === undefined || period === undefined) {
    throw missingParameter('StartTime, EndTime and Period are required.')
  }
  checkPeriod(period)
  if (start.getTime() >= end.getTime()) {
    throw invalidParameterValue('The parameter StartTime must be less than the parameter EndTime.')
  }
  const length = (period * 1000) / bucketAwsMs
  const from = Math.floor(store.bucketAt(start.getTime()) / length) * length
  return { from, to: store.bucketAt(end.getTime()) + 1, length }
}
