/** A shift that is carried out, continued, and aborted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shiftTraffic } from './shift.ts'
import { shiftSteps } from './steps.ts'

const linear = shiftSteps({ type: 'linear', percent: 25, minutes: 2 })

/** Records what happens; `wait` returns at once. */
function recorded(completedSteps = 0) {
  const log: string[] = []
  return {
    log,
    shift: {
      steps: linear,
      completedSteps,
      setPercent: (percent: number) => void log.push(`${percent} %`),
      wait: async (awsMs: number) => void log.push(`wait ${awsMs / 60_000} min`),
      stepCompleted: (count: number) => void log.push(`${count} done`),
    },
  }
}

test('sets each share, waits, and stores the progress after the wait', async () => {
  const { log, shift } = recorded()
  await shiftTraffic(shift, new AbortController().signal)
  const step = (percent: number, count: number) => [`${percent} %`, 'wait 2 min', `${count} done`]
  assert.deepEqual(log, [...step(25, 1), ...step(50, 2), ...step(75, 3), '100 %', '4 done'])
})

test('goes on with the step after the last one that was completed', async () => {
  const { log, shift } = recorded(3)
  await shiftTraffic(shift, new AbortController().signal)
  assert.deepEqual(log, ['100 %', '4 done'])
})

test('sets no further share once it is aborted, and rejects with the reason', async () => {
  const { log, shift } = recorded()
  const control = new AbortController()
  const reason = new Error('an alarm')
  const done = shiftTraffic(
    {
      ...shift,
      setPercent(percent) {
        shift.setPercent(percent)
        if (percent === 50) control.abort(reason)
      },
      async wait(awsMs, signal) {
        signal.throwIfAborted()
        await shift.wait(awsMs)
      },
    },
    control.signal,
  )
  await assert.rejects(done, reason)
  assert.deepEqual(log, ['25 %', 'wait 2 min', '1 done', '50 %'])
})
