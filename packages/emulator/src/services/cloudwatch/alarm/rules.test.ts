/** The rules of alarms as tables, as AWS's pages give them, and the words in which they explain themselves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlarmState } from '../contract.ts'
import { evaluateRule } from './composite-rule.ts'
import type { AlarmPoint } from './data.ts'
import { stateReason, stateReasonData } from './reason.ts'
import { evaluateAlarm } from './rules.ts'

const kept = 'RETAIN'
const treatments = ['missing', 'ignore', 'breaching', 'notBreaching']
const rule = (evaluationPeriods: number, datapointsToAlarm: number, treatMissingData: string) => ({
  operator: 'GreaterThanThreshold' as const,
  threshold: 5,
  evaluationPeriods,
  datapointsToAlarm,
  treatMissingData,
})
const points = (text: string): AlarmPoint[] =>
  text.split(' ').map((sign, bucket) => ({
    bucket,
    value: sign === '-' ? undefined : sign === 'X' ? 10 : 0,
    samples: sign === '-' ? 0 : 1,
  }))

/** The state for each treatment of missing data; `RETAIN` where it is the one that was before. */
function states(range: string, datapointsToAlarm: number): string[] {
  return treatments.map((treatment) => {
    const [whenOk, whenAlarm] = (['OK', 'ALARM'] as AlarmState[]).map(
      (current) => evaluateAlarm(rule(3, datapointsToAlarm, treatment), points(range), current).state,
    )
    return whenOk === whenAlarm ? String(whenOk) : kept
  })
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test('an alarm of three out of three treats missing data as the guide’s table says', () => {
  const table: [range: string, ...states: string[]][] = [
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', kept, 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', kept, 'ALARM', 'OK'],
  ]
  for (const [range, ...expected] of table) assert.deepEqual(states(range, 3), expected, range)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test('an alarm of two out of three treats missing data as the guide’s table says', () => {
  const table: [range: string, ...states: string[]][] = [
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', kept, 'ALARM', 'OK'],
  ]
  for (const [range, ...expected] of table) assert.deepEqual(states(range, 2), expected, range)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html#CloudWatch-alarms-avoiding-premature-transition
test('a breaching data point raises an alarm alone only when it is as old as the data points that it takes', () => {
  assert.deepEqual(states('- - - - X', 3), ['INSUFFICIENT_DATA', kept, 'ALARM', 'OK'])
  assert.deepEqual(states('- - - X -', 3), ['INSUFFICIENT_DATA', kept, 'ALARM', 'OK'])
  assert.deepEqual(states('X - - - -', 3), ['ALARM', kept, 'ALARM', 'OK'])
  assert.deepEqual(states('- - - - X', 2), ['INSUFFICIENT_DATA', kept, 'ALARM', 'OK'])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
test('breaching data points need not follow each other, but all lie within the evaluation periods', () => {
  const state = (range: string) => evaluateAlarm(rule(5, 3, 'missing'), points(range), 'OK').state
  assert.equal(state('0 0 X 0 X 0 X'), 'ALARM')
  assert.equal(state('X 0 X 0 0 X 0'), 'OK')
  assert.equal(state('X X X 0 0 0 X'), 'OK')
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
test('each comparison says whether the threshold itself breaches', () => {
  const table = {
    GreaterThanOrEqualToThreshold: ['OK', 'ALARM', 'ALARM'],
    GreaterThanThreshold: ['OK', 'OK', 'ALARM'],
    LessThanThreshold: ['ALARM', 'OK', 'OK'],
    LessThanOrEqualToThreshold: ['ALARM', 'ALARM', 'OK'],
  } as const
  for (const operator of Object.keys(table) as (keyof typeof table)[]) {
    const seen = [4, 5, 6].map(
      (value) =>
        evaluateAlarm({ ...rule(1, 1, 'missing'), operator }, [{ bucket: 0, value, samples: 1 }], 'OK').state,
    )
    assert.deepEqual(seen, table[operator], operator)
  }
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test('missing data that breaches counts together with what breaches', () => {
  const state = (range: string) => evaluateAlarm(rule(3, 2, 'breaching'), points(range), 'OK').state
  assert.equal(state('- - - 0 0'), 'OK')
  assert.equal(state('- X - 0 -'), 'ALARM')
  assert.equal(evaluateAlarm(rule(3, 3, 'breaching'), points('- X X'), 'OK').state, 'ALARM')
  assert.equal(evaluateAlarm(rule(3, 3, 'breaching'), points('- X 0'), 'OK').state, 'OK')
})

const alarm = {
  AlarmName: 'cpu',
  ComparisonOperator: 'GreaterThanThreshold' as const,
  EvaluationPeriods: 3,
  Threshold: 5,
  Period: 60,
  Statistic: 'Average' as const,
}
const timeOf = (bucket: number) => Date.UTC(2019, 9, 2, 16, 50 + bucket)
function explain(changes: object, range: string) {
  const definition = { ...alarm, ...changes } as typeof alarm & {
    DatapointsToAlarm?: number
    TreatMissingData?: string
  }
  const {
    EvaluationPeriods: periods,
    DatapointsToAlarm: m = periods,
    TreatMissingData = 'missing',
  } = definition
  const found = evaluateAlarm(rule(periods, m, TreatMissingData), points(range), 'INSUFFICIENT_DATA')
  return { definition, found, reason: stateReason(definition, found, timeOf) }
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
test('an alarm gives its reason in CloudWatch’s words', () => {
  const table: [changes: object, range: string, reason: string][] = [
    [
      { EvaluationPeriods: 1, DatapointsToAlarm: 1 },
      '0 0 X',
      'Threshold Crossed: 1 out of the last 1 datapoints [10.0 (02/10/19 16:52:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      { DatapointsToAlarm: 2 },
      '0 0 0 X X',
      'Threshold Crossed: 2 out of the last 3 datapoints [10.0 (02/10/19 16:54:00), 10.0 (02/10/19 16:53:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).',
    ],
    [
      { DatapointsToAlarm: 2 },
      '0 0 X 0 0',
      'Threshold Crossed: 2 out of the last 3 datapoints [0.0 (02/10/19 16:54:00), 0.0 (02/10/19 16:53:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition).',
    ],
    [
      {},
      '0 0 X X 0',
      'Threshold Crossed: 1 datapoint [0.0 (02/10/19 16:54:00)] was not greater than the threshold (5.0).',
    ],
    [
      { TreatMissingData: 'notBreaching', DatapointsToAlarm: 1 },
      '- - - - X',
      'Threshold Crossed: 1 out of the last 3 datapoints [10.0 (02/10/19 16:54:00)] was greater than the threshold (5.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      { TreatMissingData: 'breaching', EvaluationPeriods: 1 },
      '- - -',
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    ],
    [
      { TreatMissingData: 'breaching', DatapointsToAlarm: 2 },
      '- - - - 0',
      'Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].',
    ],
    [{}, '- - - - -', 'Insufficient Data: 3 datapoints were unknown.'],
    [{ EvaluationPeriods: 1 }, '- - -', 'Insufficient Data: 1 datapoint was unknown.'],
  ]
  for (const [changes, range, reason] of table) assert.equal(explain(changes, range).reason, reason)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
test('the reason’s data names the data points that were evaluated, those that were missing too', () => {
  const range = points('0 0 X - 0')
  const { definition, found } = explain({ EvaluationPeriods: 4, DatapointsToAlarm: 4 }, '0 0 X - 0')
  const now = Date.UTC(2019, 9, 2, 17)
  assert.deepEqual(JSON.parse(stateReasonData(definition, found, range.slice(1), { now, timeOf })), {
    version: '1.0',
    queryDate: '2019-10-02T17:00:00.000+0000',
    startDate: '2019-10-02T16:50:00.000+0000',
    statistic: 'Average',
    period: 60,
    recentDatapoints: [0, 0, 10, 0],
    threshold: 5,
    evaluatedDatapoints: ['54', '52', '51', '50'].map((minute, index) => ({
      timestamp: `2019-10-02T16:${minute}:00.000+0000`,
      sampleCount: 1,
      value: index === 1 ? 10 : 0,
    })),
  })
  const none = explain({}, '- - - - -')
  const data = JSON.parse(stateReasonData(alarm, none.found, points('- - - - -'), { now, timeOf }))
  assert.deepEqual([data.recentDatapoints, data.startDate], [[], undefined])
  assert.deepEqual(data.evaluatedDatapoints[0], { timestamp: '2019-10-02T16:54:00.000+0000' })
  assert.equal(data.evaluatedDatapoints.length, 3)
})

const holds = (states: Record<string, AlarmState>) => (text: string) =>
  evaluateRule(text, (name) => states[name])

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
test('a composite rule joins the states of alarms, named or by ARN, with AND, OR, NOT, TRUE and FALSE', () => {
  const rule = holds({ 'a-1': 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' })
  assert.equal(rule('ALARM("a-1") AND NOT ALARM(b)'), true)
  assert.equal(rule('ALARM(b) OR (OK(b) AND FALSE)'), false)
  assert.equal(rule('INSUFFICIENT_DATA(c) AND TRUE'), true)
  assert.equal(rule('ALARM("arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:a-1")'), true)
  for (const wrong of ['SUM(b)', 'b', 'ALARM(b) AND', 'AT_LEAST(2, UP, (b))']) {
    assert.throws(() => rule(wrong), Error, wrong)
  }
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
test('AT_LEAST counts alarms, or percents of them, that are in a state or are not', () => {
  const rule = holds({ a: 'ALARM', b: 'ALARM', c: 'OK', d: 'INSUFFICIENT_DATA' })
  assert.equal(rule('AT_LEAST(2, ALARM, (a, b, c))'), true)
  assert.equal(rule('AT_LEAST(3, ALARM, (a, b, c))'), false)
  assert.equal(rule('AT_LEAST(50%, OK, (a, c))'), true)
  assert.equal(rule('AT_LEAST(51%, OK, (a, c))'), false)
  assert.equal(rule('AT_LEAST(2, NOT ALARM, ("a", c, d)) AND OK(c)'), true)
})
