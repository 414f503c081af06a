/**
 * What PutMetricAlarm and PutCompositeAlarm refuse, with CloudWatch's errors; Terraform's resources go through
 * the same door, so that an alarm which cannot be evaluated here stops the apply instead of sleeping.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { checkMetricDataQueries, checkPeriod, checkResult } from '../metric/query-validation.ts'
import { isStatistic } from '../metric/sketch.ts'
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  resourceNotFound,
  validationError,
} from '../model/errors.ts'
import { alarmsOfRule } from './composite-rule.ts'
import { periodOf } from './data.ts'
import type { StoredAlarm } from './stored-alarm.ts'

const comparisons = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
]
const unimplemented = [
  ['ThresholdMetricId', 'Anomaly detection'],
  ['EvaluationWindow', 'An evaluation window by the wall clock'],
  ['WarmUpConfiguration', 'A warm-up period'],
  ['EvaluationCriteria', 'An alarm on a PromQL query'],
  ['ActionConfiguration', 'The configuration of actions'],
] as const
/** Actions that an alarm may have for each state. */
const actionsMax = 5
/** Metrics in the expression of one alarm. */
const metricsMax = 10
const treatments = ['breaching', 'notBreaching', 'ignore', 'missing']

export function checkMetricAlarm(input: PutMetricAlarmInput): PutMetricAlarmInput {
  if (!input.AlarmName) throw missingParameter('The parameter AlarmName is required.')
  checkNames(input)
  for (const [member, what] of unimplemented) {
    if (input[member] !== undefined) {
      throw validationError(`${what} (${member}) is not implemented by this emulator.`)
    }
  }
  if (!comparisons.includes(input.ComparisonOperator ?? '')) {
    throw validationError(
      `The comparison operator ${input.ComparisonOperator} is not implemented by this emulator.`,
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
  const lowSamples = input.EvaluateLowSampleCountPercentile
  if (lowSamples !== undefined && !['evaluate', 'ignore'].includes(lowSamples)) {
    throw validationError(
      `Option ${lowSamples} is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.`,
    )
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
    throw invalidParameterValue(`The statistic ${statistic} is not implemented by this emulator.`)
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-on-metric-math-expressions.html */
function checkQueries(input: PutMetricAlarmInput): void {
  const beside = (
    ['MetricName', 'Namespace', 'Dimensions', 'Period', 'Unit', 'Statistic', 'ExtendedStatistic'] as const
  ).find((member) => input[member] !== undefined)
  if (beside !== undefined) throw invalidParameterCombination(`Metrics cannot be combined with ${beside}.`)
  const queries = input.Metrics ?? []
  checkMetricDataQueries(queries)
  const [returned, ...others] = queries.filter((query) => query.ReturnData !== false)
  if (returned === undefined || others.length > 0) {
    throw validationError('Exactly one element of the metrics list should return data.')
  }
  const metrics = queries.flatMap(({ MetricStat }) => MetricStat ?? [])
  if (metrics.length > metricsMax) {
    throw validationError(`The metrics list must not have more than ${metricsMax} metrics.`)
  }
  if (new Set(metrics.map(({ Period }) => Period)).size > 1) {
    throw validationError('All metrics of the metrics list must have the same period.')
  }
  if (checkResult(queries, returned) !== 'series') {
    throw validationError(`The element ${returned.Id} must return one time series, not several.`)
  }
}

/** A name of up to 255 characters, none of them a control character, and at most five actions for a state. */
function checkNames({
  AlarmName = '',
  AlarmDescription = '',
  ...input
}: PutMetricAlarmInput | PutCompositeAlarmInput): void {
  if (AlarmName.length > 255 || /\p{Cc}/u.test(AlarmName)) {
    throw validationError('AlarmName must have 1 to 255 characters, and no control characters.')
  }
  if (AlarmDescription.length > 1024)
    throw validationError('AlarmDescription must not exceed 1024 characters.')
  for (const member of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const) {
    if ((input[member] ?? []).length <= actionsMax) continue
    throw validationError(`${member} must not have more than ${actionsMax} elements.`)
  }
}

export function checkCompositeAlarm(
  input: PutCompositeAlarmInput,
  find: (name: string) => StoredAlarm | undefined,
): PutCompositeAlarmInput {
  if (!input.AlarmName) throw missingParameter('The parameter AlarmName is required.')
  checkNames(input)
  if (input.ActionsSuppressor !== undefined) {
    throw validationError('Action suppression of composite alarms is not implemented by this emulator.')
  }
  const children = rule(input.AlarmRule ?? '')
  if (children.length > 100) throw validationError('AlarmRule must not refer to more than 100 alarms.')
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
