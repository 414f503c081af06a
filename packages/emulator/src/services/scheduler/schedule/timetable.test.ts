import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import type { Invocation, ScheduleDefinition } from '../model/model.ts'
import { createState } from '../model/state.ts'
import { createTimetable } from './timetable.ts'

const HOUR = 3_600_000
const definition: ScheduleDefinition = {
  expression: 'rate(1 hour)',
  zone: 'UTC',
  state: 'ENABLED',
  target: {
    Arn: 'arn:aws:sns:ap-northeast-2:000000000000:topic',
    RoleArn: 'arn:aws:iam::000000000000:role/r',
  },
  windowMinutes: 0,
  actionAfterCompletion: 'NONE',
}

/** A clock that stands still until it is set; a sleep ends when its time has come. */
function manualClock(): Clock & { advance(ms: number): void } {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const sleepers = new Set<() => void>()
  return {
    speed: 1,
    now: () => now,
    toReal: (ms) => ms,
    sleepAws(ms, signal) {
      const due = now + ms
      return new Promise((resolve, reject) => {
        const wake = () => {
          if (now < due) return
          sleepers.delete(wake)
          resolve()
        }
        signal?.addEventListener('abort', () => {
          sleepers.delete(wake)
          reject(signal.reason)
        })
        sleepers.add(wake)
        wake()
      })
    },
    sleepReal: () => Promise.resolve(),
    everyAws: () => () => undefined,
    advance(ms) {
      now += ms
      for (const wake of [...sleepers]) wake()
    },
  }
}

test('what was due while the emulator was down is left out, and an invocation under way is taken up', async () => {
  const clock = manualClock()
  const context = testContext({ clock })
  const state = createState(context)
  const delivered: Invocation[] = []
  let deliver = (_invocation: Invocation) => new Promise<void>(() => undefined)
  const start = () => {
    const timetable = createTimetable(context, state, (invocation) => {
      delivered.push(invocation)
      return deliver(invocation)
    })
    timetable.start()
    return timetable
  }
  const before = start()
  state.create('default', 'hourly', definition)
  state.create('default', 'late', { ...definition, expression: 'at(2026-01-01T02:30:00)' })
  before.changed()
  await until('the first is due', () => delivered.length === 1)
  before.stop()

  clock.advance(3.5 * HOUR)
  deliver = async () => undefined
  const after = start()
  await until('the late one is due', () => delivered.length === 3)
  assert.equal(delivered[1]?.id, delivered[0]?.id)
  assert.deepEqual(
    delivered.slice(1).map(({ name, scheduledAt }) => [name, new Date(scheduledAt).toISOString()]),
    [
      ['hourly', '2026-01-01T00:00:00.000Z'],
      ['late', '2026-01-01T02:30:00.000Z'],
    ],
  )
  clock.advance(0.5 * HOUR)
  await until('the next hour is due', () => delivered.length === 4)
  assert.equal(new Date(delivered[3]?.scheduledAt ?? 0).toISOString(), '2026-01-01T04:00:00.000Z')
  after.stop()
})
