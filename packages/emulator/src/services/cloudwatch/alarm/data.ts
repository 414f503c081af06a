/**
 * What an alarm looks at: its data points, read from the metric store or computed by metric math.
 */
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { ExpressionError } from '../math/expression.ts'
import { dimensionsOf, evaluateQuery, gridFrom, metricRow, returnedQuery } from '../metric/query.ts'
import { bucketAwsMs, windowOf } from '../metric/series.ts'
import { percentileOf } from '../metric/sketch.ts'
import type { MetricStore } from '../metric/store.ts'

export interface AlarmPoint {
  /** The bucket with which its period begins. */
  readonly bucket: number
  /** Undefined where it is missing. */
  readonly value: number | undefined
  /** Of an alarm on one metric. */
  readonly samples: number | undefined
}

/** The alarm's period in seconds of AWS time: its own, or that of its metrics. */
export function periodOf(alarm: PutMetricAlarmInput): number {
  if (alarm.Metrics === undefined) return alarm.Period ?? 60
  return Math.max(...alarm.Metrics.map((query) => query.MetricStat?.Period ?? query.Period ?? 0)) || 60
}

const lengthOf = (alarm: PutMetricAlarmInput) => (periodOf(alarm) * 1000) / bucketAwsMs

/** An alarm on one metric as a query, so that there is one way to evaluate. */
export function queriesOf(alarm: PutMetricAlarmInput): readonly MetricDataQuery[] {
  if (alarm.Metrics !== undefined) return alarm.Metrics
  return [
    {
      Id: 'm1',
      MetricStat: {
        Metric: {
          Namespace: alarm.Namespace,
          MetricName: alarm.MetricName,
          Dimensions: alarm.Dimensions,
        },
        Period: alarm.Period,
        Stat: alarm.Statistic ?? alarm.ExtendedStatistic,
        ...(alarm.Unit === undefined ? {} : { Unit: alarm.Unit }),
      },
      ReturnData: true,
    },
  ]
}

/** The last `count` data points of the alarm before bucket `end`, oldest first. */
export function dataPoints(
  store: MetricStore,
  alarm: PutMetricAlarmInput,
  end: number,
  count: number,
): AlarmPoint[] {
  const length = lengthOf(alarm)
  const from = end - count * length
  const starts = Array.from({ length: count }, (_, index) => from + index * length)
  const queries = queriesOf(alarm)
  const returned = returnedQuery(queries)
  if (returned === undefined) throw new ExpressionError('None of the metrics returns data')
  const value = evaluateQuery(queries, returned, gridFrom(store, from, count, length), (query) =>
    metricRow(store, query, starts, length),
  )
  if (value.kind !== 'series') throw new ExpressionError('The result is not one time series')
  const own = alarm.Metrics === undefined ? seriesOf(store, alarm) : undefined
  return starts.map((bucket, index) => ({
    bucket,
    value: value.row[index],
    samples: own && windowOf(own, bucket, bucket + length).count,
  }))
}

const seriesOf = (store: MetricStore, alarm: PutMetricAlarmInput) =>
  store.find(alarm.Namespace ?? '', alarm.MetricName ?? '', dimensionsOf(alarm.Dimensions), alarm.Unit)

/**
 * `EvaluateLowSampleCountPercentile: ignore`: as long as the evaluation periods hold fewer than 10/(1 − percentile)
 * samples, the state does not change.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
export function tooFewSamples(store: MetricStore, alarm: PutMetricAlarmInput, end: number): boolean {
  const percent = percentileOf(alarm.ExtendedStatistic ?? '')
  if (percent === undefined || alarm.EvaluateLowSampleCountPercentile !== 'ignore') return false
  const share = percent / 100
  const range = (alarm.EvaluationPeriods ?? 1) * lengthOf(alarm)
  const { count } = windowOf(seriesOf(store, alarm), end - range, end)
  // 1 − 0.99 is a little more than a hundredth: a thousand samples must be enough.
  return count < Math.round(10 / (share >= 0.5 ? 1 - share : share))
}
