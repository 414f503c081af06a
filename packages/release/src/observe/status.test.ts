import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remaining } from './status.ts'

const times = {
  shiftMs: 300_000,
  waitMs: 60_000,
  shiftStartedAt: undefined,
  shiftEndedAt: undefined,
  now: 1_000_000,
}

test('what a deployment will still wait shrinks with the shift, and then with the wait', () => {
  assert.equal(remaining(times), 360_000)
  assert.equal(remaining({ ...times, shiftStartedAt: 900_000 }), 260_000)
  assert.equal(
    remaining({ ...times, shiftStartedAt: 1 }),
    60_000,
    'a shift may take longer than its own waits',
  )
  assert.equal(remaining({ ...times, shiftStartedAt: 1, shiftEndedAt: 980_000 }), 40_000)
  assert.equal(remaining({ ...times, shiftStartedAt: 1, shiftEndedAt: 2 }), 0)
})
