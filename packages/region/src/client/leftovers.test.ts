import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../store.ts'
import { endLeftProcesses } from './leftovers.ts'

test('nothing is ended of a region that is starting: it holds its store before it says where it listens', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-leftovers-'))
  t.after(() => rm(stateDir, { recursive: true }))
  await mkdir(join(stateDir, 'state'))
  const store = openStore(join(stateDir, 'state', 'region.sqlite'))
  await assert.rejects(endLeftProcesses(stateDir), {
    name: 'RegionError',
    message: /^A region is starting over/,
    fix: /Ctrl-C/,
  })
  store.close()
  assert.deepEqual(await endLeftProcesses(stateDir), [])
})
