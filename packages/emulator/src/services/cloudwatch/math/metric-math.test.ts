/** Metric math as tables: values that exist, values that are missing, and what is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Row, series, type Value } from './math-value.ts'
import { evaluateMath, namesIn } from './metric-math.ts'

type Case = readonly [expression: string, result: number | undefined | Row | readonly Row[]]

const none = undefined
const evaluate = (expression: string, rows: Record<string, Row>, at = Date.UTC(2026, 10, 25, 9)): Value =>
  evaluateMath(
    expression,
    {
      length: Object.values(rows)[0]?.length ?? 0,
      periodSeconds: 60,
      timeOf: (index) => at + index * 60_000,
    },
    {
      value: (id) => rows[id] && series(rows[id]),
      metrics: () => Object.entries(rows).map(([id, row]) => ({ id, row })),
    },
  )

function check(rows: Record<string, Row>, cases: readonly Case[]): void {
  for (const [expression, result] of cases) {
    const value = evaluate(expression, rows)
    const got = value.kind === 'scalar' ? value.value : value.kind === 'series' ? value.row : value.rows
    assert.deepEqual(got, result, expression)
  }
}

const rows = { m1: [1, 2, none, 4], m2: [10, 0, 30, none], e: [0, 0, 2, 0] }

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-arithmetic
test('arithmetic counts a missing value as 0 where the other series has one, and drops a division by zero', () => {
  check({ ...rows, n: [none, 1, none, 2] }, [
    ['m1 + m2', [11, 2, 30, 4]],
    ['m1 + n', [1, 3, none, 6]],
    ['100 * m1 / m2', [10, none, 0, none]],
    ['m1 + 1', [2, 3, none, 5]],
    ['-(m1 - 2) ^ 2 + 1', [2, 1, none, 5]],
    [
      '[m1, m2] / e',
      [
        [none, none, 0, none],
        [none, none, 15, none],
      ],
    ],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-operators
test('comparisons and logic give 0 and 1, and count a missing value as 0 beside one that is there', () => {
  check({ metric1: [30, 20, 0, 0], metric2: [20, none, 20, none] }, [
    ['(metric1 < metric2)', [0, 0, 1, 0]],
    ['(metric1 >= 30)', [1, 0, 0, 0]],
    ['(metric1 > 15 AND metric2 > 15)', [1, 0, 0, 0]],
    ['metric1 == 20 || metric2 > 15', [1, 1, 1, 0]],
    ['3 > 2', 1],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions
test('IF chooses for each data point, as the guide’s examples show', () => {
  const metric1 = [1, 1, 0, 0, none]
  check({ metric1, metric2: [30, none, 0, 0, 30], metric3: [0, 0, 20, none, 20] }, [
    ['IF(metric1, metric2, metric3)', [30, 0, 20, none, none]],
    ['IF(metric1, 5, metric3)', [5, 5, 20, none, none]],
    ['IF(metric1, metric2, 5)', [30, 0, 5, 5, none]],
    ['IF(metric1, 7)', [7, 7, none, none, none]],
    ['IF(1, metric2)', [30, none, 0, 0, 30]],
    ['IF(0, metric2)', [none, none, none, none, none]],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
test('FILL fills with a value, another metric, the last value, or a line between values', () => {
  const gaps = [none, 2, none, none, 8, none]
  check({ gaps, m: [1, 1, 1, 1, 1, none] }, [
    ['FILL(gaps, 0)', [0, 2, 0, 0, 8, 0]],
    ['FILL(gaps, m)', [1, 2, 1, 1, 8, none]],
    ['FILL(gaps, MIN(gaps))', [2, 2, 2, 2, 8, 2]],
    ['FILL(gaps, REPEAT)', [none, 2, 2, 2, 8, 8]],
    ['FILL(gaps, LINEAR)', [none, 2, 4, 6, 8, none]],
    ['FILL(METRICS("g"), 0)', [[0, 2, 0, 0, 8, 0]]],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
test('a fold makes a number of one time series, and one time series of several', () => {
  check(rows, [
    ['SUM(m1)', 7],
    ['AVG(m1)', 7 / 4],
    ['MAX(m2)', 30],
    ['MIN(m2)', 0],
    ['STDDEV(e)', Math.sqrt(0.75)],
    ['DATAPOINT_COUNT(m1)', 3],
    ['SUM([m1, m2])', [11, 2, 30, 4]],
    ['AVG([m1, m2])', [5.5, 1, 15, 2]],
    ['MAX([FILL(m1, 0), FILL(m2, 0)])', [10, 2, 30, 4]],
    ['SUM(METRICS())', [11, 2, 32, 4]],
    ['SUM(METRICS("m"))', [11, 2, 30, 4]],
    ['DATAPOINT_COUNT([m1, m2])', [2, 2, 1, 1]],
    ['m1 - AVG(e)', [0.5, 1.5, none, 3.5]],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
test('RATE, DIFF and RUNNING_SUM look at the values before, however long ago', () => {
  check({ m: [0, 60, none, 300] }, [
    ['RATE(m)', [none, 1, none, 2]],
    ['DIFF(m)', [none, 60, none, 240]],
    ['DIFF_TIME(m)', [none, 60, none, 120]],
    ['RUNNING_SUM(m)', [0, 60, none, 360]],
    ['m / PERIOD(m)', [0, 1, none, 5]],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
test('points are rounded, arrays are sorted and cut, a number becomes a time series', () => {
  check({ a: [1.4, -1.6], b: [5, 5], c: [none, none] }, [
    ['CEIL(a)', [2, -1]],
    ['FLOOR(a)', [1, -2]],
    ['ABS(a)', [1.4, 1.6]],
    ['LOG10(b * 20)', [2, 2]],
    ['LOG(a - 1.4)', [none, none]],
    ['SORT(METRICS(), MAX, DESC, 1)', [[5, 5]]],
    ['FIRST(SORT([a, b], SUM, ASC))', [1.4, -1.6]],
    ['LAST([a, b])', [5, 5]],
    ['SLICE([a, b, c], 1, 2)', [[5, 5]]],
    ['METRIC_COUNT(REMOVE_EMPTY(METRICS()))', 2],
    ['TIME_SERIES(MAX(a))', [1.4, 1.4]],
  ])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
test('time functions give the minute, hour, day, month and year of each data point', () => {
  const wednesday = Date.UTC(2026, 10, 25, 9, 59)
  const at = (expression: string) => evaluate(expression, { m: [1, none] }, wednesday)
  const table: [expression: string, row: Row][] = [
    ['MINUTE(m)', [59, 0]],
    ['HOUR(m)', [9, 10]],
    ['DAY(m)', [3, 3]],
    ['DATE(m)', [25, 25]],
    ['MONTH(m)', [11, 11]],
    ['YEAR(m)', [2026, 2026]],
    ['IF(DAY(m) < 6, m)', [1, 0]],
  ]
  for (const [expression, row] of table) assert.deepEqual(at(expression), series(row), expression)
})

test('refuses by name what it does not know', () => {
  assert.throws(
    () => namesIn('ANOMALY_DETECTION_BAND(m1, 2)'),
    /ANOMALY_DETECTION_BAND of metric math is not implemented/,
  )
  assert.throws(() => namesIn('m1 +'), /ends too early/)
  assert.throws(() => namesIn('m1 $ m2'), /Cannot read/)
  assert.throws(() => evaluate('SORT(METRICS(), P99, ASC)', rows), /SORT wants/)
  assert.deepEqual(namesIn('IF(requests > 0, 100 * errors / FILL(requests, REPEAT), 0)'), [
    'requests',
    'errors',
  ])
})
