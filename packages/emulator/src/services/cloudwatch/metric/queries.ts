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
import { constant, type Row, spread, type Value } from '../math/math-value.ts'
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  validationError,
} from '../model/errors.ts'
import { dimensionsOf, evaluateQuery, gridFrom, metricRow, metricsBelow } from './query.ts'
import { checkMetricDataQueries, checkPeriod, checkResult } from './query-validation.ts'
import { bucketAwsMs, periodsOf, perMinute, rememberedBuckets, type Series } from './series.ts'
import { isStatistic, statisticOf } from './sketch.ts'
import type { MetricStore } from './store.ts'

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const statisticsLimit = 1_440
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const dataPointLimit = 100_800
const queriesLimit = 500
/** In AWS's time: older data must be requested by the minute. */
const fineBuckets = 3 * 60 * perMinute

export function getMetricStatistics(
  store: MetricStore,
  input: GetMetricStatisticsInput,
  now: number,
): GetMetricStatisticsOutput {
  const period = input.Period ?? 0
  checkPeriod(period)
  const { from, to, length } = range(store, input.StartTime, input.EndTime, period)
  const { Statistics: plain = [], ExtendedStatistics: extended = [] } = input
  if (plain.length + extended.length === 0)
    throw missingParameter('Either Statistics or ExtendedStatistics must be given.')
  if (plain.length > 0 && extended.length > 0) {
    throw invalidParameterCombination('Statistics and ExtendedStatistics cannot be given together.')
  }
  for (const name of [...plain, ...extended])
    if (!isStatistic(name)) throw invalidParameterValue(`The statistic ${name} is not implemented.`)
  const asked = Math.ceil((to - from) / length)
  if (asked > statisticsLimit) {
    throw invalidParameterCombination(
      `You have requested up to ${asked} datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    )
  }
  const found = store
    .findAll(input.Namespace ?? '', input.MetricName ?? '', dimensionsOf(input.Dimensions))
    .filter(({ unit = 'None' }) => input.Unit === undefined || unit === input.Unit)
  const tooOld = length < perMinute && from < store.bucketAt(now) - fineBuckets
  return {
    Label: input.MetricName,
    Datapoints: tooOld ? [] : found.flatMap((series) => pointsOf(store, series, input, { from, to, length })),
  }
}

function pointsOf(
  store: MetricStore,
  series: Series,
  { Statistics, ExtendedStatistics }: GetMetricStatisticsInput,
  { from, to, length }: { from: number; to: number; length: number },
) {
  return periodsOf(series, from, to, length).map(({ bucket, sketch }) => ({
    Timestamp: new Date(store.timeOf(bucket)),
    Unit: (series.unit ?? 'None') as 'None',
    ...Object.fromEntries((Statistics ?? []).map((name) => [name, statisticOf(sketch, name)])),
    ...(ExtendedStatistics === undefined
      ? {}
      : {
          ExtendedStatistics: Object.fromEntries(
            ExtendedStatistics.flatMap((name) => {
              const value = statisticOf(sketch, name)
              return value === undefined ? [] : [[name, value]]
            }),
          ),
        }),
  }))
}

export function getMetricData(
  store: MetricStore,
  input: GetMetricDataInput,
  now: number,
): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? []
  if (queries.length > queriesLimit) {
    throw validationError(
      `The collection MetricDataQueries must not have a size greater than ${queriesLimit}.`,
    )
  }
  checkMetricDataQueries(queries)
  const ascending = input.ScanBy === 'TimestampAscending'
  const results = queries
    .filter((query) => query.ReturnData !== false)
    .flatMap((query) => {
      checkResult(queries, query)
      const { starts, value } = evaluateOver(store, queries, query, input, now)
      const rows = value.kind === 'list' ? value.rows : [spread(value, starts.length)]
      return rows.map((row) => resultOf(store, query, starts, row, ascending))
    })
  return { MetricDataResults: results, Messages: [] }
}

/** A metric by its own period, an expression by the longest of those that it is made of. */
function evaluateOver(
  store: MetricStore,
  queries: readonly MetricDataQuery[],
  query: MetricDataQuery,
  input: GetMetricDataInput,
  now: number,
): { readonly starts: readonly number[]; readonly value: Value } {
  const periods = metricsBelow(queries, query).map(({ MetricStat }) => MetricStat?.Period ?? 60)
  const period = Math.max(query.Period ?? 0, ...periods) || 60
  const { from, to, length } = range(store, input.StartTime, input.EndTime, period)
  // Nothing is known of what is too old or to come: a series of empty periods would only cost time.
  const remembered = length < perMinute ? fineBuckets : rememberedBuckets
  const oldest = Math.floor((store.bucketAt(now) - remembered) / length) * length
  const first = Math.max(from, oldest)
  const count = Math.max(0, Math.ceil((Math.min(to, store.bucketAt(now) + 1) - first) / length))
  if (count > dataPointLimit) {
    throw validationError(`The request asks for ${count} data points, and ${dataPointLimit} is the limit.`)
  }
  const starts = constant(count, 0).map((_, index) => first + index * length)
  const value = evaluateQuery(queries, query, gridFrom(store, first, count, length), (one) =>
    metricRow(store, one, starts, length),
  )
  return { starts, value }
}

function resultOf(
  store: MetricStore,
  query: MetricDataQuery,
  starts: readonly number[],
  row: Row,
  ascending: boolean,
) {
  const points = starts.flatMap((start, index) => {
    const value = row[index]
    return value === undefined ? [] : [{ start, value }]
  })
  if (!ascending) points.reverse()
  return {
    Id: query.Id,
    Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
    Timestamps: points.map(({ start }) => new Date(store.timeOf(start))),
    Values: points.map(({ value }) => value),
    StatusCode: 'Complete' as const,
  }
}

function range(store: MetricStore, start: Date | undefined, end: Date | undefined, period: number) {
  if (start === undefined || end === undefined) throw missingParameter('StartTime and EndTime are required.')
  if (start.getTime() >= end.getTime()) {
    throw invalidParameterValue('The parameter StartTime must be less than the parameter EndTime.')
  }
  const length = (period * 1000) / bucketAwsMs
  // The start is rounded down to the period, the end is exclusive.
  const from = Math.floor(store.bucketAt(start.getTime()) / length) * length
  return { from, to: Math.max(from + 1, store.bucketAt(end.getTime() - 1) + 1), length }
}
