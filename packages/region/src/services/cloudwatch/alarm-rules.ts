/**
 * The rules by which an alarm's data points become its state; pure.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (with the tables
 * that the tests repeat).
 */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { AlarmState } from './contract.ts'
import { type Expression, parseExpression } from './expression.ts'
import type { Row } from './metric-math.ts'

/** CloudWatch looks further back than the evaluation periods, so that a late gap does not change the state. */
export const rangeBeyondPeriods = 2

/** Whether a data point breaches the threshold. */
export function breaches(
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
  /** Data points that decided, newest first. */
  readonly points: readonly number[]
  readonly breaching: number
}

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
  range: Row,
  current: AlarmState,
): Evaluation {
  const existing = range
    .map((value, index) => ({ value, age: range.length - index }))
    .filter((point): point is { value: number; age: number } => point.value !== undefined)
    .slice(-rule.evaluationPeriods)
    .reverse()
  const bad = existing.filter((point) => breaches(rule.operator, point.value, rule.threshold))
  const missing = rule.evaluationPeriods - existing.length
  const decided = (state: AlarmState): Evaluation => ({
    state,
    points: existing.map((point) => point.value),
    breaching: bad.length,
  })

  if (bad.length >= rule.datapointsToAlarm) return decided('ALARM')
  if (missing <= 0) return decided('OK')
  if (rule.treatMissingData === 'notBreaching') return decided('OK')
  if (rule.treatMissingData === 'breaching') {
    return decided(bad.length + missing >= rule.datapointsToAlarm ? 'ALARM' : 'OK')
  }
  if (existing.length > bad.length) return decided('OK')
  if (rule.treatMissingData === 'ignore') return decided(current)
  // All that exists breaches: an alarm once the oldest of it is old enough, and before that too little data.
  const oldest = bad.at(-1)?.age ?? 0
  return decided(oldest > 0 && oldest >= rule.datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA')
}

/** Names of the alarms that a composite alarm's rule asks for. */
export function alarmsOfRule(rule: string): string[] {
  const names = new Set<string>()
  evaluateRule(rule, (name) => {
    names.add(name)
    return undefined
  })
  return [...names]
}

/**
 * A composite alarm's rule: `ALARM("a") AND NOT OK("b")`. An alarm may be named by its ARN.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export function evaluateRule(rule: string, stateOf: (alarmName: string) => AlarmState | undefined): boolean {
  const truth = (node: Expression): boolean => {
    if (node.kind === 'call') {
      const argument = node.arguments[0]
      const name =
        argument?.kind === 'text' ? argument.text : argument?.kind === 'name' ? argument.name : undefined
      if (name === undefined || !['ALARM', 'OK', 'INSUFFICIENT_DATA'].includes(node.name)) {
        throw new SyntaxError(`${node.name}(…) is not a function of alarm rules`)
      }
      return stateOf(name.replace(/^arn:[^:]*:cloudwatch:.*:alarm:/, '')) === node.name
    }
    if (node.kind === 'name' && node.name.toUpperCase() === 'TRUE') return true
    if (node.kind === 'name' && node.name.toUpperCase() === 'FALSE') return false
    if (node.kind === 'unary' && node.operator === 'NOT') return !truth(node.operand)
    if (node.kind === 'binary' && (node.operator === 'AND' || node.operator === 'OR')) {
      const [left, right] = [truth(node.left), truth(node.right)]
      return node.operator === 'AND' ? left && right : left || right
    }
    throw new SyntaxError(`not an alarm rule: ${rule}`)
  }
  return truth(parseExpression(rule, 'alarm rule'))
}
