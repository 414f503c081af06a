/** The rules of alarms and metric math as tables, as AWS's pages give them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { evaluateAlarm, evaluateRule } from './alarm-rules.ts'
import type { AlarmState } from './contract.ts'
import { evaluateMath, namesIn, type Row } from './metric-math.ts'
import { addSample, emptySketch, mergeSketch, statisticOf } from './sketch.ts'

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe('treats missing data as the tables of the guide say', () => {
  const points = (text: string): Row =>
    text.split(' ').map((sign) => (sign === '-' ? undefined : sign === 'X' ? 10 : 0))
  const kept = 'RETAIN'
  const tables: [datapointsToAlarm: number, range: string, ...states: string[]][] = [
    [3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    [3, '0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    [3, '- - - - -', 'INSUFFICIENT_DATA', kept, 'ALARM', 'OK'],
    [3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    [3, '- - - - X', 'INSUFFICIENT_DATA', kept, 'ALARM', 'OK'],
    [3, 'X - - - -', 'ALARM', kept, 'ALARM', 'OK'],
    [2, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    [2, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    [2, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    [2, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    [2, '- - - - X', 'INSUFFICIENT_DATA', kept, 'ALARM', 'OK'],
  ]
  for (const [datapointsToAlarm, range, ...states] of tables) {
    test(`${datapointsToAlarm} out of 3: ${range}`, () => {
      const got = ['missing', 'ignore', 'breaching', 'notBreaching'].map((treatMissingData) => {
        const rule = {
          operator: 'GreaterThanThreshold' as const,
          threshold: 5,
          evaluationPeriods: 3,
          datapointsToAlarm,
          treatMissingData,
        }
        const retained = (['OK', 'ALARM'] as AlarmState[]).map(
          (current) => evaluateAlarm(rule, points(range), current).state,
        )
        return retained[0] === retained[1] ? retained[0] : kept
      })
      assert.deepEqual(got, states)
    })
  }
})

describe('metric math', () => {
  const rows: Record<string, Row> = {
    m1: [1, 2, undefined, 4],
    m2: [10, 0, 30, undefined],
    e: [0, 0, 2, 0],
  }
  const cases: [expression: string, result: Row][] = [
    ['m1 + m2', [11, 2, undefined, undefined]],
    ['FILL(m1, 0) + FILL(m2, 0)', [11, 2, 30, 4]],
    ['100 * m1 / m2', [10, undefined, undefined, undefined]],
    ['IF(m2 > 0, 100 * m1 / m2, 0)', [10, 0, undefined, undefined]],
    ['MAX([FILL(m1, 0), FILL(m2, 0)])', [10, 2, 30, 4]],
    ['SUM([m1, m2])', [11, 2, 30, 4]],
    ['SUM(METRICS())', [11, 2, 32, 4]],
    ['AVG(e)', [0.5, 0.5, 0.5, 0.5]],
    ['FILL(m1, REPEAT)', [1, 2, 2, 4]],
    ['-(m1 - 2) ^ 2 + 1', [2, 1, undefined, 5]],
    ['e == 2 || e > 5', [0, 0, 1, 0]],
    ['IF(e, 7)', [undefined, undefined, 7, undefined]],
  ]
  for (const [expression, result] of cases) {
    test(expression, () => {
      const all = () => Object.values(rows)
      assert.deepEqual(
        evaluateMath(expression, 4, (id) => rows[id], all),
        result,
      )
    })
  }

  test('refuses by name what it does not know', () => {
    assert.throws(
      () => namesIn('ANOMALY_DETECTION_BAND(m1, 2)'),
      /ANOMALY_DETECTION_BAND of metric math is not implemented/,
    )
    assert.throws(() => namesIn('m1 +'), /ends too early/)
    assert.throws(() => namesIn('m1 $ m2'), /Cannot read/)
    assert.deepEqual(namesIn('IF(requests > 0, 100 * errors / requests, 0)'), ['requests', 'errors'])
  })
})

test('a composite rule joins the states of alarms, named or by ARN', () => {
  const states: Record<string, AlarmState> = { 'a-1': 'ALARM', b: 'OK' }
  const holds = (rule: string) => evaluateRule(rule, (name) => states[name])
  assert.equal(holds('ALARM("a-1") AND NOT ALARM(b)'), true)
  assert.equal(holds('ALARM(b) OR (OK(b) AND FALSE)'), false)
  assert.equal(holds('ALARM("arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:a-1")'), true)
  assert.throws(() => holds('SUM(b)'), SyntaxError)
})

test('percentiles are right to one percent, merged or not', () => {
  const [left, right] = [emptySketch(), emptySketch()]
  for (let value = 1; value <= 1000; value++) addSample(value % 2 === 0 ? left : right, value / 1000)
  mergeSketch(left, right)
  for (const [name, exact] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
    ['p100', 1],
    ['Maximum', 1],
    ['Average', 0.5005],
  ] as const) {
    const got = statisticOf(left, name) ?? 0
    assert.ok(Math.abs(got - exact) / exact <= 0.011, `${name}: ${got}`)
  }
  assert.equal(statisticOf(emptySketch(), 'Sum'), undefined)
})
