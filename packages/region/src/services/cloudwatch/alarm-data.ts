/**
 * What an alarm looks at: its data points, read from the metric store or computed by metric math.
 */
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { evaluateMath, type Row } from './metric-math.ts'
import { bucketAwsMs, type Dimensions, type MetricStore } from './metric-store.ts'
import { percentileOf, statisticOf } from './sketch.ts'

/** The alarm's period in seconds of AWS time: its own, or the longest of its metrics. */
export function periodOf(alarm: PutMetricAlarmInput): number {
  if (alarm.Metrics === undefined) return alarm.Period ?? 60
  return Math.max(...alarm.Metrics.map((query) => query.MetricStat?.Period ?? query.Period ?? 0)) || 60
}

/** The last `count` data points of the alarm before bucket `end`, oldest first. */
export function dataPoints(store: MetricStore, alarm: PutMetricAlarmInput, end: number, count: number): Row {
  const length = (periodOf(alarm) * 1000) / bucketAwsMs
  const starts = Array.from({ length: count }, (_, index) => end - (count - index) * length)
  const row = (namespace: string, metric: string, dimensions: Dimensions, statistic: string): Row => {
    const series = store.find(namespace, metric, dimensions)
    return starts.map((start) => {
      const sketch = store.window(series, start, start + length)
      return tooFew(alarm, statistic, sketch.count) ? undefined : statisticOf(sketch, statistic)
    })
  }
  if (alarm.Metrics === undefined) {
    const statistic = alarm.Statistic ?? alarm.ExtendedStatistic ?? 'Average'
    return row(alarm.Namespace ?? '', alarm.MetricName ?? '', dimensionsOf(alarm.Dimensions), statistic)
  }
  return evaluateQueries(alarm.Metrics, count, (query) =>
    row(
      query.MetricStat?.Metric?.Namespace ?? '',
      query.MetricStat?.Metric?.MetricName ?? '',
      dimensionsOf(query.MetricStat?.Metric?.Dimensions),
      query.MetricStat?.Stat ?? 'Average',
    ),
  )
}

/** Evaluates the one query that returns data, and those it refers to. */
export function evaluateQueries(
  queries: readonly MetricDataQuery[],
  count: number,
  metricRow: (query: MetricDataQuery) => Row,
  returned = queries.find((query) => query.ReturnData !== false),
): Row {
  const known = new Map<string, Row>()
  const rowOf = (query: MetricDataQuery): Row => {
    const id = query.Id ?? ''
    const found = known.get(id)
    if (found !== undefined) return found
    const row =
      query.Expression === undefined
        ? metricRow(query)
        : evaluateMath(
            query.Expression,
            count,
            (name) => {
              const other = queries.find((candidate) => candidate.Id === name && candidate !== query)
              return other === undefined ? undefined : rowOf(other)
            },
            () => queries.filter((candidate) => candidate.MetricStat !== undefined).map(rowOf),
          )
    known.set(id, row)
    return row
  }
  return returned === undefined ? Array.from({ length: count }, () => undefined) : rowOf(returned)
}

export function dimensionsOf(
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined,
): Dimensions {
  return Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']))
}

/**
 * `evaluate_low_sample_count_percentiles = "ignore"`: fewer than 10/(1 − percentile) samples decide nothing.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
function tooFew(alarm: PutMetricAlarmInput, statistic: string, samples: number): boolean {
  const percent = percentileOf(statistic)
  if (percent === undefined || alarm.EvaluateLowSampleCountPercentile !== 'ignore') return false
  const share = percent / 100
  return samples < (share >= 0.5 ? 10 / (1 - share) : 10 / share)
}
