import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStartLimiter, hasStarted } from './start-limiter.ts'

test('no more containers start at once than there are limiter, and each gets its turn', async () => {
  const limiter = createStartLimiter(4)
  const settled: (() => void)[] = []
  let starting = 0
  let most = 0
  const all = Array.from({ length: 50 }, (_, index) =>
    limiter.run(
      async () => {
        most = Math.max(most, ++starting)
        return index
      },
      () =>
        new Promise<void>((resolve) =>
          settled.push(() => {
            starting--
            resolve()
          }),
        ),
    ),
  )
  let done = false
  const started = Promise.all(all).finally(() => {
    done = true
  })
  while (!done) {
    settled.shift()?.()
    await new Promise(setImmediate)
  }
  assert.deepEqual(
    await started,
    Array.from({ length: 50 }, (_, index) => index),
  )
  assert.equal(most, 4)
})

test('a start that fails releases its slot, and one that is aborted leaves the queue', async () => {
  const limiter = createStartLimiter(1)
  const release = Promise.withResolvers<void>()
  await limiter.run(
    async () => 'first',
    () => release.promise,
  )
  const gone = new AbortController()
  const unwanted = limiter.run(
    async () => 'second',
    async () => undefined,
    gone.signal,
  )
  const fails = limiter.run(
    async () => Promise.reject(new Error('no such program')),
    async () => undefined,
  )
  const last = limiter.run(
    async () => 'last',
    async () => undefined,
  )
  gone.abort(new Error('not wanted'))
  await assert.rejects(unwanted, /not wanted/)
  release.resolve()
  await assert.rejects(fails, /no such program/)
  assert.equal(await last, 'last')
})

test('a turn ends when the container serves, when it has ended, and after a while', async () => {
  const never = new Promise<never>(() => undefined)
  await hasStarted(Promise.resolve(), never)
  await hasStarted(never, Promise.resolve())
  const from = performance.now()
  await hasStarted(never, never)
  assert.ok(performance.now() - from >= 1_400)
})
