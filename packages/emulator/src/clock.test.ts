/** The contract of the clock: AWS's own time is compressed, what races the application's code never is. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { until } from './test-kit/until.test-kit.ts'

async function took(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

test('compresses a duration that AWS decides by the speed', async () => {
  const ms = await took(() => systemClock(100).sleepAws(10_000))
  assert.ok(ms >= 100 && ms < 9_000, `${ms} ms`)
})

test('never compresses a duration that races the application', async () => {
  const ms = await took(() => systemClock(600).sleepReal(150))
  assert.ok(ms >= 150, `${ms} ms`)
})

test('is real time at speed 1', () => {
  assert.equal(systemClock().toReal(1_234), 1_234)
  const before = Date.now()
  const now = systemClock(60).now()
  assert.ok(now >= before && now <= Date.now())
})

test('refuses a speed below 1: an emulator that is slower than AWS proves nothing', () => {
  for (const speed of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => systemClock(speed), RangeError)
  }
})

test('ends a wait with the signal’s own reason', async () => {
  const controller = new AbortController()
  const waiting = systemClock().sleepAws(60_000, controller.signal)
  controller.abort(new Error('the emulator stops'))
  await assert.rejects(waiting, /the emulator stops/)
  await assert.rejects(systemClock().sleepReal(60_000, controller.signal), /the emulator stops/)
})

test('ticks never overlap, and end when they are cancelled', async () => {
  const clock = systemClock(100)
  let running = 0
  let most = 0
  let ticks = 0
  const stop = clock.everyAws(500, async () => {
    most = Math.max(most, ++running)
    await clock.sleepReal(20)
    running--
    ticks++
  })
  await until(() => ticks >= 3)
  stop()
  assert.equal(most, 1)
  const seen = ticks
  await clock.sleepReal(60)
  assert.ok(ticks <= seen + 1, 'it went on after its end')
})

test('a tick that throws is reported, and the next one comes', async () => {
  const reported: unknown[] = []
  const clock = systemClock(100, (error) => reported.push(error))
  const failures = [new Error('database or disk is full'), new Error('no descriptor left')]
  let ticks = 0
  const stopThrowing = clock.everyAws(100, () => {
    const failure = failures[ticks++]
    if (failure !== undefined) throw failure
  })
  await until(() => ticks >= 4)
  stopThrowing()
  let rejected = 0
  const stopRejecting = clock.everyAws(100, () => Promise.reject(new Error(`rejection ${++rejected}`)))
  await until(() => rejected >= 2)
  stopRejecting()
  assert.deepEqual(reported.slice(0, 2), failures)
  assert.match(String(reported[2]), /rejection 1/)
})

test('a tick’s own time does not lengthen the interval', async () => {
  const clock = systemClock(1000)
  const spaces: number[] = []
  let last = performance.now()
  const stop = clock.everyAws(40_000, async () => {
    spaces.push(performance.now() - last)
    last += spaces.at(-1) ?? 0
    await clock.sleepReal(25)
  })
  // 40 ms as soon as the machine lets it; with the tick's own time on top, two are never below 65 ms apart.
  await until('two ticks less than 60 ms apart', () => spaces.slice(1).some((ms) => ms < 60))
  stop()
  assert.ok(Math.min(...spaces) > 0, `${spaces} ms`)
})

test('a speed at which an interval is shorter than a timer’s millisecond keeps the sum of the intervals', async () => {
  const clock = systemClock(3600)
  const times: number[] = []
  const started = performance.now()
  const stop = clock.everyAws(9_000, () => void times.push(performance.now()))
  const within50 = (from: number) => times.filter((time) => time >= from && time < from + 50).length
  let densest = 0
  await until('15 ticks within 50 ms', () => {
    densest = Math.max(0, ...times.map(within50))
    return densest >= 15 && times.length >= 80
  }).catch(() => undefined)
  stop()
  const ms = performance.now() - started
  const ticks = times.length
  assert.ok(ticks <= ms / 2.5 + 1, `${ticks} ticks in ${ms} ms: faster than AWS at this speed`)
  // 2.5 ms each; with timers rounded up to the millisecond it was one tick in 4 ms. A tick that falls due while the
  // machine does other work is left out, so only the densest of some spans of time is looked at.
  assert.ok(densest >= 15, `at most ${densest} ticks in 50 ms; 12 are what rounded timers give`)
})

test('never ends a wait early, not by the part of a millisecond that timers cut off', async () => {
  for (const awsMs of [5_999, 7_900, 12_345]) {
    const ms = await took(() => systemClock(3600).sleepAws(awsMs))
    assert.ok(ms >= awsMs / 3600, `${ms} ms for ${awsMs / 3600} ms`)
  }
})

test('a wait of thirty days does not end at once, though a timer holds no more than 24', async () => {
  const thirtyDaysMs = 30 * 24 * 3_600_000
  const clock = systemClock()
  const over = new AbortController()
  let ticks = 0
  const stop = clock.everyAws(thirtyDaysMs, () => void ticks++)
  const waits = [clock.sleepReal(thirtyDaysMs, over.signal), clock.sleepAws(thirtyDaysMs, over.signal)]
  const ended = await Promise.race([...waits.map((wait) => wait.then(() => true)), clock.sleepReal(50)])
  stop()
  over.abort(new Error('long enough'))
  for (const wait of waits) await assert.rejects(wait, /long enough/)
  assert.equal(ended, undefined)
  assert.equal(ticks, 0)
})
