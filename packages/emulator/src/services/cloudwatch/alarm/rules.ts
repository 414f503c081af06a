/**
 * The rules by which an alarm's data points become its state; pure.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (with the tables
 * that the tests repeat).
 */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { AlarmState } from '../contract.ts'
import type { AlarmPoint } from './data.ts'

/** CloudWatch looks further back than the evaluation periods, so that a late gap does not change the state. */
export const rangeBeyondPeriods = 2

/** Whether a data point breaches the threshold. */
function breaches(
  operator: PutMetricAlarmInput['ComparisonOperator'],
  value: number,
  threshold: number,
): boolean {
  switch (operator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold
    case 'GreaterThanThreshold':
      return value > threshold
    case 'LessThanThreshold':
      return value < threshold
    case 'LessThanOrEqualToThreshold':
      return value <= threshold
    default:
      throw new RangeError(
        `the comparison ${operator} is not implemented: it needs an anomaly detection band`,
      )
  }
}

export interface Evaluation {
  readonly state: AlarmState
  /** Existing data points that were looked at, newest first; as many as the evaluation periods at most. */
  readonly points: readonly KnownPoint[]
  /** Those of them that breach. */
  readonly breaching: readonly KnownPoint[]
  /** Evaluation periods for which there was none. */
  readonly missing: number
}

export type KnownPoint = AlarmPoint & { readonly value: number }

/**
 * State of an alarm from the data points of its evaluation range, oldest first; `current` is kept where missing
 * data is ignored.
 */
export function evaluateAlarm(
  rule: {
    readonly operator: PutMetricAlarmInput['ComparisonOperator']
    readonly threshold: number
    readonly evaluationPeriods: number
    readonly datapointsToAlarm: number
    readonly treatMissingData: string
  },
  range: readonly AlarmPoint[],
  current: AlarmState,
): Evaluation {
  const points = range
    .filter((point): point is KnownPoint => point.value !== undefined)
    .slice(-rule.evaluationPeriods)
    .reverse()
  const breaching = points.filter((point) => breaches(rule.operator, point.value, rule.threshold))
  const missing = rule.evaluationPeriods - points.length
  return { state: decide(), points, breaching, missing }

  function decide(): AlarmState {
    if (breaching.length >= rule.datapointsToAlarm) return 'ALARM'
    if (missing <= 0) return 'OK'
    if (rule.treatMissingData === 'notBreaching') return 'OK'
    if (rule.treatMissingData === 'breaching') {
      return breaching.length + missing >= rule.datapointsToAlarm ? 'ALARM' : 'OK'
    }
    if (points.length > breaching.length) return 'OK'
    if (rule.treatMissingData === 'ignore') return current
    // All that exists breaches: an alarm once the oldest of it is old enough, and before that too little data.
    const oldest = breaching.at(-1)
    const age = oldest === undefined ? 0 : range.length - range.indexOf(oldest)
    return age > 0 && age >= rule.datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA'
  }
}
