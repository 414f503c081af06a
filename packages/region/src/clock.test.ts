/** The contract of the clock: AWS's own time is compressed, what races the application's code never is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'

async function took(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

test('compresses a duration that AWS decides by the speed', async () => {
  const ms = await took(() => systemClock(100).sleepAws(10_000))
  assert.ok(ms >= 95 && ms < 1_000, `${ms} ms`)
})

test('never compresses a duration that races the application', async () => {
  const ms = await took(() => systemClock(600).sleepReal(150))
  assert.ok(ms >= 145, `${ms} ms`)
})

test('is real time at speed 1', () => {
  assert.equal(systemClock().toReal(1_234), 1_234)
  assert.ok(Math.abs(systemClock(60).now() - Date.now()) < 50)
})

test('refuses a speed below 1: a region that is slower than AWS proves nothing', () => {
  for (const speed of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => systemClock(speed), RangeError)
  }
})

test('ends a wait with the signal’s own reason', async () => {
  const controller = new AbortController()
  const waiting = systemClock().sleepAws(60_000, controller.signal)
  controller.abort(new Error('the region stops'))
  await assert.rejects(waiting, /the region stops/)
  await assert.rejects(systemClock().sleepReal(60_000, controller.signal), /the region stops/)
})

test('ticks never overlap, and end when they are told to', async () => {
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
  await clock.sleepReal(200)
  stop()
  const seen = ticks
  assert.ok(seen >= 2, `${seen} ticks`)
  assert.equal(most, 1)
  await clock.sleepReal(100)
  assert.ok(ticks <= seen + 1, 'it went on after its end')
})
