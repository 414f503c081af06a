/**
 * What PutMetricAlarm and PutCompositeAlarm refuse, with CloudWatch's errors; Terraform's resources go through
 * the same door, so that an alarm which cannot be evaluated here stops the apply instead of sleeping.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
import type { MetricDataQuery, PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { periodOf } from './alarm-data.ts'
import { alarmsOfRule } from './alarm-rules.ts'
import type { StoredAlarm } from './alarms.ts'
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  resourceNotFound,
  validationError,
} from './errors.ts'
import { namesIn } from './metric-math.ts'
import { isStatistic } from './sketch.ts'

const comparisons = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]
const treatments = ['breaching', 'notBreaching', 'ignore', 'missing']

export function checkMetricAlarm(input: PutMetricAlarmInput): PutMetricAlarmInput {
  if (!input.AlarmName) throw missingParameter('The parameter AlarmName is required.')
  if (input.ThresholdMetricId !== undefined) {
    throw validationError('Anomaly detection (ThresholdMetricId) is not implemented by this region.')
  }
  if (!comparisons.includes(input.ComparisonOperator ?? '')) {
    throw validationError(
      `The comparison operator ${input.ComparisonOperator} is not implemented by this region.`,
    )
  }
  const periods = input.EvaluationPeriods ?? 0
  if (!Number.isInteger(periods) || periods < 1) {
    throw validationError('Value at EvaluationPeriods must be greater than or equal to 1.')
  }
  const points = input.DatapointsToAlarm ?? periods
  if (points < 1 || points > periods) {
    throw validationError(`DatapointsToAlarm ${points} must be between 1 and EvaluationPeriods ${periods}.`)
  }
  if (input.Threshold === undefined) throw missingParameter('The parameter Threshold is required.')
  if (!treatments.includes(input.TreatMissingData ?? 'missing')) {
    throw invalidParameterValue(`TreatMissingData must be one of ${treatments.join(', ')}.`)
  }
  if (input.Metrics !== undefined && input.Metrics.length > 0) checkQueries(input)
  else checkSingleMetric(input)
  const period = periodOf(input)
  checkPeriod(period)
  // "The product of these two values must be at most one day", seven days for periods of an hour or longer.
  if (period * periods > (period >= 3600 ? 7 : 1) * 86_400) {
    throw validationError(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    )
  }
  const { Metrics, ...rest } = input
  return Metrics === undefined || Metrics.length === 0 ? rest : input
}

function checkSingleMetric(input: PutMetricAlarmInput): void {
  if (!input.MetricName || !input.Namespace) {
    throw missingParameter('Either MetricName and Namespace or Metrics must be given.')
  }
  if (input.Period === undefined) throw missingParameter('The parameter Period is required.')
  const statistic = input.Statistic ?? input.ExtendedStatistic
  if (statistic === undefined || (input.Statistic !== undefined && input.ExtendedStatistic !== undefined)) {
    throw invalidParameterCombination('Exactly one of Statistic and ExtendedStatistic must be given.')
  }
  if (!isStatistic(statistic))
    throw invalidParameterValue(`The statistic ${statistic} is not implemented by this region.`)
}

function checkQueries(input: PutMetricAlarmInput): void {
  if (
    input.MetricName !== undefined ||
    input.Statistic !== undefined ||
    input.ExtendedStatistic !== undefined
  ) {
    throw invalidParameterCombination(
      'Metrics cannot stand beside MetricName, Statistic or ExtendedStatistic.',
    )
  }
  const queries = input.Metrics ?? []
  checkMetricDataQueries(queries)
  if (queries.filter((query) => query.ReturnData !== false).length !== 1) {
    throw validationError('Exactly one element of the metrics list should return data.')
  }
}

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
        throw validationError(`The statistic ${statistic} is not implemented by this region.`)
      checkPeriod(query.MetricStat.Period ?? 0)
    }
    for (const name of query.Expression === undefined ? [] : readNames(query.Expression)) {
      if (!ids.has(name))
        throw validationError(`Expression ${query.Id} refers to '${name}', which is not in the metrics list.`)
    }
  }
}

/** Ten-second buckets carry periods of 10 and 30 seconds and of whole minutes; 1, 5 and 20 are refused by name. */
export function checkPeriod(period: number): void {
  if (period === 10 || period === 30 || (period > 0 && period % 60 === 0)) return
  throw invalidParameterValue(`The period ${period} is not 10, 30 or a multiple of 60 seconds.`)
}

function readNames(expression: string): string[] {
  try {
    return namesIn(expression)
  } catch (error) {
    throw validationError(`Error in expression: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function checkCompositeAlarm(
  input: PutCompositeAlarmInput,
  find: (name: string) => StoredAlarm | undefined,
): PutCompositeAlarmInput {
  if (!input.AlarmName) throw missingParameter('The parameter AlarmName is required.')
  if (input.ActionsSuppressor !== undefined) {
    throw validationError('Action suppression of composite alarms is not implemented by this region.')
  }
  const children = rule(input.AlarmRule ?? '')
  for (const child of children) {
    if (find(child) === undefined) throw resourceNotFound(`The alarm ${child} in AlarmRule does not exist.`)
  }
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (name === input.AlarmName)
      throw validationError('The AlarmRule must not refer to itself, not even through other alarms.')
    if (seen.has(name)) return
    seen.add(name)
    const alarm = find(name)
    if (alarm?.kind === 'composite') rule(alarm.definition.AlarmRule ?? '').forEach(visit)
  }
  children.forEach(visit)
  return input
}

function rule(source: string): string[] {
  try {
    return alarmsOfRule(source)
  } catch (error) {
    throw validationError(
      `AlarmRule must not contain errors: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
