import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { LoadError, type RunningLoad, runLoad } from './index.ts'

const traffic = `export default {
  rate: 50,
  audiences: [{
    site: 'admin', pages: ['/'], read: '/',
    create: { path: '/', body: () => ({}), id: () => undefined },
    remove: () => '/',
    list: { path: () => '/', read: () => ({ ids: [] }) },
  }],
}`

let folder: string
let trafficModule: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-load-'))
  trafficModule = join(folder, 'traffic.mjs')
  await writeFile(trafficModule, traffic)
})
after(() => rm(folder, { recursive: true }))

const start = (change: { trafficModule?: string } = {}) =>
  runLoad({
    trafficModule,
    warmUpMs: 0,
    hosts: { admin: 'localhost' },
    address: '127.0.0.1',
    // Nothing listens there: every request fails, which does not matter to these tests.
    port: 1,
    ca: '',
    unique: 'test',
    ...change,
  })

async function killed(load: RunningLoad): Promise<void> {
  process.kill(load.pid ?? 0, 'SIGKILL')
  if (!load.ended.aborted) await once(load.ended, 'abort')
}

const endedBySignal = (error: unknown) => {
  assert.ok(error instanceof LoadError)
  assert.match(error.message, /ended by itself \(SIGKILL\)/)
  assert.match(error.fix, /memory/)
  return true
}

describe('a load generator that is killed', () => {
  test('is noticed at once, whatever is under way', async () => {
    const load = await start()
    await killed(load)
    assert.ok(endedBySignal(load.ended.reason))
  })

  test('cannot be stopped any more, and says so instead of ending its parent', async () => {
    const load = await start()
    await killed(load)
    await assert.rejects(load.stop(), endedBySignal)
  })

  test('rejects the stop that it was about to answer', async () => {
    const load = await start()
    // Held, so that it does not answer before it is killed.
    process.kill(load.pid ?? 0, 'SIGSTOP')
    const stopped = assert.rejects(load.stop(), endedBySignal)
    process.kill(load.pid ?? 0, 'SIGKILL')
    await stopped
  })
})

test('a load generator without traffic says why it did not start', async () => {
  await assert.rejects(
    start({ trafficModule: join(folder, 'none.mjs') }),
    /failed: Cannot find module .*none\.mjs/,
  )
})
