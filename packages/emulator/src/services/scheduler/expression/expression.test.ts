import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scheduleExpression } from './expression.ts'

const first = Date.parse('2026-01-01T00:00:00Z')

/** The first times of an expression after a moment, as ISO texts. */
function times(text: string, count: number, zone = 'UTC', after = '2026-01-01T00:00:00Z'): string[] {
  const expression = scheduleExpression(text, { zone, firstMs: first })
  assert.ok(expression, `${text} is refused`)
  const found: string[] = []
  let at: number | undefined = Date.parse(after)
  while (found.length < count) {
    at = expression.next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

describe('schedule expressions', () => {
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
  const documented: readonly (readonly [expression: string, times: readonly string[]])[] = [
    ['cron(0 10 * * ? *)', ['2026-01-01T10:00Z', '2026-01-02T10:00Z']],
    ['cron(15 12 * * ? *)', ['2026-01-01T12:15Z', '2026-01-02T12:15Z']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00Z', '2026-01-02T18:00Z', '2026-01-05T18:00Z']],
    ['cron(0 8 1 * ? *)', ['2026-01-01T08:00Z', '2026-02-01T08:00Z']],
    [
      'cron(0/15 * * * ? *)',
      ['2026-01-01T00:15Z', '2026-01-01T00:30Z', '2026-01-01T00:45Z', '2026-01-01T01:00Z'],
    ],
    ['cron(0/10 * ? * MON-FRI *)', ['2026-01-01T00:10Z', '2026-01-01T00:20Z']],
    ['cron(0/5 8-17 ? * MON-FRI *)', ['2026-01-01T08:00Z', '2026-01-01T08:05Z']],
    ['cron(1/10 0 1 1 ? *)', ['2026-01-01T00:01Z', '2026-01-01T00:11Z', '2026-01-01T00:21Z']],
    ['cron(0 9 ? * 2#1 *)', ['2026-01-05T09:00Z', '2026-02-02T09:00Z', '2026-03-02T09:00Z']],
    ['cron(0 9 ? * 3#2 *)', ['2026-01-13T09:00Z', '2026-02-10T09:00Z']],
    ['cron(0 9 3W * ? *)', ['2026-01-02T09:00Z', '2026-02-03T09:00Z', '2026-03-03T09:00Z']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00Z', '2026-02-28T00:00Z', '2026-03-31T00:00Z']],
    ['cron(0 0 ? * L *)', ['2026-01-03T00:00Z', '2026-01-10T00:00Z']],
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
    ['cron(15 10 ? * 6L 2022-2027)', ['2026-01-30T10:15Z', '2026-02-27T10:15Z', '2026-03-27T10:15Z']],
    ['cron(0 8 ? JAN,FEB,MAR SUN 2026)', ['2026-01-04T08:00Z', '2026-01-11T08:00Z']],
    ['cron(30 2 29 2 ? *)', ['2028-02-29T02:30Z', '2032-02-29T02:30Z']],
  ]
  for (const [expression, expected] of documented) {
    test(`${expression} is due when AWS says`, () => {
      assert.deepEqual(times(expression, expected.length), expected)
    })
  }

  test('a year that has passed is never due', () => {
    assert.deepEqual(times('cron(0 10 * * ? 2020)', 1), [])
  })

  for (const refused of [
    'cron(0 10 * * *)',
    'cron(0 10 * * ? * *)',
    'cron(0 10 * * * *)',
    'cron(0 10 ? * ? *)',
    'cron(60 10 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 10 32 * ? *)',
    'cron(0 10 0W * ? *)',
    'cron(0 10 ? * 0 *)',
    'cron(0 10 ? * 8 *)',
    'cron(0 10 ? * 2#1,3#1 *)',
    'cron(0 10 ? * 2/2 *)',
    'cron(0 10 ? * * 1969)',
    'cron(5-1 10 ? * * *)',
    'cron(0/0 10 ? * * *)',
    'cron(@daily)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'rate(1.5 hours)',
    'rate(5)',
    'at(2026-02-30T10:00:00)',
    'at(2026-01-01)',
    'at(2026-01-01T10:00:00Z)',
    'every day',
    '',
  ]) {
    test(`"${refused}" is refused`, () => {
      assert.equal(scheduleExpression(refused, { zone: 'UTC', firstMs: first }), undefined)
    })
  }

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
  test('a rate starts at once and repeats at its interval', () => {
    assert.deepEqual(times('rate(5 minutes)', 3, 'UTC', '2025-12-31T23:59:59Z'), [
      '2026-01-01T00:00Z',
      '2026-01-01T00:05Z',
      '2026-01-01T00:10Z',
    ])
    assert.deepEqual(times('rate(1 day)', 1), ['2026-01-02T00:00Z'])
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#time-zones
  test('evaluates cron and at in the schedule’s time zone', () => {
    assert.deepEqual(times('cron(0 2 * * ? *)', 2, 'Asia/Seoul'), ['2026-01-01T17:00Z', '2026-01-02T17:00Z'])
    assert.deepEqual(times('at(2026-07-01T09:00:00)', 2, 'America/New_York'), ['2026-07-01T13:00Z'])
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
  test('a time that the clocks skip in spring is left out', () => {
    assert.deepEqual(times('cron(30 2 * * ? *)', 3, 'America/New_York', '2026-03-07T00:00:00Z'), [
      '2026-03-07T07:30Z',
      // 2026-03-08 02:30 does not exist.
      '2026-03-09T06:30Z',
      '2026-03-10T06:30Z',
    ])
    assert.deepEqual(times('at(2026-03-08T02:30:00)', 1, 'America/New_York'), [])
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
  test('a time that the clocks show twice in autumn is due once', () => {
    assert.deepEqual(times('cron(30 1 * * ? *)', 3, 'America/New_York', '2026-10-31T12:00:00Z'), [
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
      '2026-11-03T06:30Z',
    ])
  })
})
