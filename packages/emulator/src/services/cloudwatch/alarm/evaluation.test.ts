/** When alarms are evaluated, and for which minutes: by a clock that only the test moves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type * as sdk from '@aws-sdk/client-cloudwatch'
import { startCloudWatch, steppedClock } from '../test-kit/cloudwatch.test-kit.ts'

/** Alarms by name on one metric; the rows are minutes: what is recorded in each, and the states at its end. */
async function watch(alarms: Record<string, Partial<Omit<sdk.PutMetricAlarmCommandInput, 'AlarmName'>>>) {
  const { clock, forward } = steppedClock()
  const emulator = await startCloudWatch({ clock })
  for (const [AlarmName, input] of Object.entries(alarms)) await emulator.putAlarm({ ...input, AlarmName })
  const record = (value: number) =>
    emulator.cloudWatch.record({ namespace: 'App', metric: 'Load', dimensions: {}, value })
  const states = () => Object.keys(alarms).map((name) => emulator.cloudWatch.alarmState(name) ?? 'gone')
  return {
    emulator,
    record,
    forward,
    states,
    /** One minute in ticks of ten seconds, with a value at its beginning; the states after its first tick. */
    minute(value?: number) {
      forward(10_000)
      const seen = states()
      if (value !== undefined) record(value)
      for (let tick = 0; tick < 5; tick++) forward(10_000)
      return seen
    },
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  }
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
test('without datapoints to alarm every evaluation period must breach; missing minutes are looked for further back', async () => {
  await using here = await watch({
    both: { EvaluationPeriods: 2 },
    one: { EvaluationPeriods: 2, DatapointsToAlarm: 1 },
  })
  const rows: [value: number | undefined, both: string, one: string][] = [
    [0, 'INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'],
    [9, 'INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'],
    // The first minute is known a minute after its end.
    [9, 'OK', 'OK'],
    [undefined, 'OK', 'ALARM'],
    [undefined, 'ALARM', 'ALARM'],
    [undefined, 'ALARM', 'ALARM'],
    [undefined, 'ALARM', 'ALARM'],
    // The one that is left of them is old enough.
    [undefined, 'ALARM', 'ALARM'],
    [undefined, 'INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'],
  ]
  const seen = rows.map(([value]) => [value, ...here.minute(value)])
  assert.deepEqual(seen, rows)
  assert.equal(here.emulator.cloudWatch.alarmWindowSeconds('both'), 120)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
test('periods begin with the minute, however late in it an alarm is evaluated', async () => {
  await using here = await watch({ late: {} })
  here.record(9)
  // One tick in each minute, at its fortieth second: the value lies before what the last 60 seconds would hold.
  here.forward(40_000)
  here.forward(60_000)
  assert.deepEqual(here.states(), ['INSUFFICIENT_DATA'])
  here.forward(60_000)
  assert.deepEqual(here.states(), ['ALARM'])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
test('a longer period takes its minutes together, and is looked at every minute', async () => {
  await using here = await watch({ sum: { Period: 120, Statistic: 'Sum', TreatMissingData: 'notBreaching' } })
  const rows = [3, undefined, 3, 3, undefined, undefined, undefined]
  const alarmed = rows.flatMap((value, minute) => (here.minute(value)[0] === 'ALARM' ? minute : []))
  // 3 + 3 is more than 5 where they follow each other, and that is known at one minute only.
  assert.deepEqual(alarmed, [5])
  assert.equal(here.emulator.cloudWatch.alarmWindowSeconds('sum'), 120)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test('an alarm on a metric of DynamoDB keeps its state where data is missing', async () => {
  const missing = { TreatMissingData: 'breaching' }
  await using here = await watch({ table: { ...missing, Namespace: 'AWS/DynamoDB' }, other: missing })
  for (let minute = 0; minute < 3; minute++) here.minute()
  assert.deepEqual(here.states(), ['INSUFFICIENT_DATA', 'ALARM'])
})
