/** The compressed time limits, as a table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { pollIntervalAwsMs, remainingAwsMs, steadyTimeoutMs } from './time-limits.ts'

test('the time limit for tasks is never shorter than an application may take to start', () => {
  const timeout = (speed: number, startingMs: number, limitAwsMs: number) =>
    steadyTimeoutMs(systemClock(speed), limitAwsMs, startingMs)
  assert.equal(timeout(600, 1_000, 3_600_000), 6_000, 'the limit of AWS is longer')
  assert.equal(timeout(10_000, 30_000, 3_600_000), 30_000)
  assert.equal(timeout(10_000, 900_000, 300_000), 300_000, 'and never longer than the limit of AWS in full')
})

test('no speed makes polling more frequent than every 25 ms', () => {
  assert.equal(pollIntervalAwsMs(systemClock(1), 10_000), 10_000)
  assert.equal(pollIntervalAwsMs(systemClock(1_000), 10_000), 25_000)
})

test('what is left of a wait is AWS time, and 0 once its deadline has passed', () => {
  const clock = { ...systemClock(60), now: () => 1_000 }
  assert.equal(remainingAwsMs(clock, 3_000), 120_000)
  assert.equal(remainingAwsMs(clock, 500), 0)
})
