/** The steps of the three shifts, as tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ShiftStrategy, shiftSteps } from './steps.ts'

const steps = (strategy: ShiftStrategy) =>
  shiftSteps(strategy).map(({ percent, thenWaitMinutes }) => [percent, thenWaitMinutes])

test('all at once is one step', () => {
  assert.deepEqual(steps({ type: 'all-at-once' }), [[100, 0]])
})

test('a canary takes its share, waits, and takes the rest', () => {
  assert.deepEqual(steps({ type: 'canary', percent: 10, minutes: 5 }), [
    [10, 5],
    [100, 0],
  ])
})

test('a linear shift moves in equal steps, and its last one ends at 100 %', () => {
  assert.deepEqual(steps({ type: 'linear', percent: 40, minutes: 3 }), [
    [40, 3],
    [80, 3],
    [100, 0],
  ])
  assert.deepEqual(steps({ type: 'linear', percent: 50, minutes: 1 }), [
    [50, 1],
    [100, 0],
  ])
})

test('steps of fractions of a percent end at 100 % without a step too many', () => {
  const shares = steps({ type: 'linear', percent: 0.1, minutes: 1 })
  assert.equal(shares.length, 1_000)
  assert.deepEqual(shares.at(-1), [100, 0])
  assert.ok(shares.every(([percent = 0], index) => percent <= 100 && (index === 999 || percent < 100)))
})

test('a share that is not above 0 shifts at once and never loops', () => {
  assert.deepEqual(steps({ type: 'linear', percent: 0, minutes: 1 }), [[100, 0]])
  assert.deepEqual(steps({ type: 'linear', percent: Number.NaN, minutes: 1 }), [[100, 0]])
})
