/** Which alarms concern a deployment, and the watch that reports the first of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import type { AlarmState } from '../cloudwatch/contract.ts'
import { type AlarmFinding, findAlarm, watchAlarms } from './alarm-watch.ts'

const states = (all: Record<string, AlarmState>) => ({ alarmState: (name: string) => all[name] })
const names = ['latency', 'errors']

test('an alarm in ALARM concerns a deployment, one in OK or without data does not', () => {
  const find = (all: Record<string, AlarmState>) => findAlarm(states(all), { names, ignoreUnknown: false })
  assert.equal(find({ latency: 'OK', errors: 'INSUFFICIENT_DATA' }), undefined)
  assert.deepEqual(find({ latency: 'OK', errors: 'ALARM' }), { kind: 'in-alarm', names: ['errors'] })
})

test('an alarm that does not exist concerns it too, unless that is ignored', () => {
  const alarms = states({ latency: 'OK' })
  assert.deepEqual(findAlarm(alarms, { names, ignoreUnknown: false }), { kind: 'unknown', names: ['errors'] })
  assert.equal(findAlarm(alarms, { names, ignoreUnknown: true }), undefined)
})

test('the watch reports once, and not after its end', async () => {
  const all: Record<string, AlarmState> = { latency: 'OK', errors: 'OK' }
  const found: AlarmFinding[] = []
  const watch = (report: (finding: AlarmFinding) => void) =>
    watchAlarms(
      { clock: systemClock(1_000), alarms: states(all) },
      { names, ignoreUnknown: false },
      10_000,
      report,
    )
  const ended: AlarmFinding[] = []
  watch((finding) => ended.push(finding))()
  const end = watch((finding) => found.push(finding))
  try {
    all.latency = 'ALARM'
    await until(() => found.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(found.length, 1)
    assert.equal(ended.length, 0)
  } finally {
    end()
  }
})
