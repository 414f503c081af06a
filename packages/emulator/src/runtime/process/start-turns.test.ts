import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStartTurns, hasStarted } from './start-turns.ts'

test('no more containers start at once than there are turns, and each gets its turn', async () => {
  const turns = createStartTurns(4)
  const settled: (() => void)[] = []
  let starting = 0
  let most = 0
  const all = Array.from({ length: 50 }, (_, index) =>
    turns.take(
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

test('a start that fails gives its turn to the next, and one that is not wanted any more loses its place', async () => {
  const turns = createStartTurns(1)
  const release = Promise.withResolvers<void>()
  await turns.take(
    async () => 'first',
    () => release.promise,
  )
  const gone = new AbortController()
  const unwanted = turns.take(
    async () => 'second',
    async () => undefined,
    gone.signal,
  )
  const fails = turns.take(
    async () => Promise.reject(new Error('no such program')),
    async () => undefined,
  )
  const last = turns.take(
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
