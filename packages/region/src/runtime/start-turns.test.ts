import assert from 'node:assert/strict'
import { createServer } from 'node:net'
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

test('a turn ends when the container listens, without a connection to it', {
  skip: process.platform !== 'linux' && 'what listens cannot be looked up',
}, async () => {
  let connections = 0
  const server = createServer(() => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.16.9.9', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const never = new Promise(() => undefined)
  await hasStarted({ address: '127.16.9.9', port: address.port }, never)
  assert.equal(connections, 0)
  server.close()
})
