/**
 * Why an alarm is in its state, in CloudWatch's words and as its data for programs.
 *
 * The sentences are those of the examples on
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { type AlarmPoint, periodOf } from './data.ts'
import type { Evaluation } from './rules.ts'

/** Wall-clock milliseconds at which a bucket begins. */
type TimeOf = (bucket: number) => number

const comparison: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
}
const treatedAs: Readonly<Record<string, string>> = { breaching: 'Breaching', notBreaching: 'NonBreaching' }

export function stateReason(alarm: PutMetricAlarmInput, found: Evaluation, timeOf: TimeOf): string {
  const { state, points, breaching, missing } = found
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${datapoints(missing)} ${were(missing)} unknown.`
  }
  const periods = alarm.EvaluationPeriods ?? 1
  const decisive = state === 'ALARM' ? breaching : points.filter((point) => !breaching.includes(point))
  const treated = missing > 0 ? treatedAs[alarm.TreatMissingData ?? ''] : undefined
  const filled =
    treated && ` and ${missing} missing ${datapoints(missing, '')} ${were(missing)} treated as [${treated}]`
  if (decisive.length === 0) {
    const received =
      points.length === 0 ? 'no datapoints were' : `${datapoints(points.length)} ${were(points.length)}`
    return `Threshold Crossed: ${received} received for ${periods} period${periods === 1 ? '' : 's'}${filled ?? ''}.`
  }
  const required = alarm.DatapointsToAlarm
  const count =
    required === undefined
      ? datapoints(decisive.length)
      : `${decisive.length} out of the last ${periods} datapoints`
  const values = decisive.map(({ bucket, value }) => `${javaDouble(value)} (${shortDate(timeOf(bucket))})`)
  const not = state === 'OK' ? 'not ' : ''
  return (
    `Threshold Crossed: ${count} [${values.join(', ')}] ${were(decisive.length)} ${not}` +
    `${comparison[alarm.ComparisonOperator ?? '']} the threshold (${javaDouble(alarm.Threshold ?? 0)})` +
    `${filled ?? ''}${required === undefined ? '' : ` ${transition(state, required, periods)}`}.`
  )
}

function transition(state: string, required: number, periods: number): string {
  const minimum = state === 'ALARM' ? required : periods - required + 1
  return `(minimum ${datapoints(minimum)} for ${state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'} transition)`
}

/** `StateReasonData`. */
export function stateReasonData(
  alarm: PutMetricAlarmInput,
  found: Evaluation,
  range: readonly AlarmPoint[],
  times: { readonly now: number; readonly timeOf: TimeOf },
): string {
  const { points, missing } = found
  const gaps = range.filter(({ value }) => value === undefined).slice(-missing)
  const evaluated = [...points, ...(missing > 0 ? gaps : [])].sort((a, b) => b.bucket - a.bucket)
  const oldest = points.at(-1)
  return JSON.stringify({
    version: '1.0',
    queryDate: awsDate(times.now),
    ...(oldest === undefined ? {} : { startDate: awsDate(times.timeOf(oldest.bucket)) }),
    ...(alarm.Unit === undefined ? {} : { unit: alarm.Unit }),
    ...(alarm.Metrics === undefined ? { statistic: alarm.Statistic ?? alarm.ExtendedStatistic } : {}),
    period: periodOf(alarm),
    recentDatapoints: points.map(({ value }) => value).toReversed(),
    threshold: alarm.Threshold,
    evaluatedDatapoints: evaluated.map(({ bucket, value, samples }) => ({
      timestamp: awsDate(times.timeOf(bucket)),
      ...(value === undefined ? {} : { sampleCount: samples, value }),
    })),
  })
}

/** `2019-10-02T17:04:40.985+0000`. */
export const awsDate = (at: number): string => new Date(at).toISOString().replace('Z', '+0000')

/** `02/10/19 16:59:00`. */
function shortDate(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month, day] = date.split('-')
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`
}

/** A number as CloudWatch's Java writes it: `50.0`, `2.147483648E9`. */
function javaDouble(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent] = value.toExponential().split('e')
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

const datapoints = (count: number, prefix = `${count} `) => `${prefix}datapoint${count === 1 ? '' : 's'}`
const were = (count: number) => (count === 1 ? 'was' : 'were')
