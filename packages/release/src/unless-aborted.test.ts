import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { unlessAborted } from './unless-aborted.ts'

const never = new Promise<never>(() => undefined)
const reason = new Error('interrupted')

test('work that ends first settles as it does, and leaves no listener', async () => {
  const { signal } = new AbortController()
  assert.equal(await unlessAborted(Promise.resolve('done'), signal), 'done')
  await assert.rejects(unlessAborted(Promise.reject(new Error('failed')), signal), /failed/)
  assert.equal(await unlessAborted(Promise.resolve('done'), undefined), 'done')
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
})

test('a signal that is aborted first is the reason, also where it was aborted before', async () => {
  const controller = new AbortController()
  setImmediate(() => controller.abort(reason))
  await assert.rejects(unlessAborted(never, controller.signal), reason)
  await assert.rejects(unlessAborted(never, AbortSignal.abort(reason)), reason)
})
