import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { processMark } from '../runtime/process/process-mark.ts'
import { openStore } from '../store.ts'
import { deleteEmulator, endLeftoverProcesses } from './leftovers.ts'

test('nothing is ended of an emulator that is starting: it holds its store before it says where it listens', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-leftovers-'))
  t.after(() => rm(stateDir, { recursive: true }))
  await mkdir(join(stateDir, 'state'))
  const store = openStore(join(stateDir, 'state', 'emulator.sqlite'))
  await assert.rejects(endLeftoverProcesses(stateDir), {
    name: 'EmulatorError',
    message: /^An emulator is starting over/,
    fix: /Ctrl-C/,
  })
  store.close()
  assert.deepEqual(await endLeftoverProcesses(stateDir), [])
})

test('a store that cannot be read does not prevent ending and deleting what is there', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-leftovers-'))
  t.after(() => rm(stateDir, { recursive: true, force: true }))
  await mkdir(join(stateDir, 'state'))
  await writeFile(join(stateDir, 'state', 'emulator.sqlite'), 'no database at all '.repeat(100))
  assert.deepEqual(await endLeftoverProcesses(stateDir), [])
  await deleteEmulator(stateDir)
  assert.equal(existsSync(stateDir), false)
})

test("a copied directory is deleted without the data outside of it that is the original's", async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'baton-leftovers-'))
  t.after(() => rm(root, { recursive: true }))
  const [original, copy, dataDir] = ['original', 'copy', 'baton-rds-db-1'].map((name) => join(root, name))
  assert.ok(original && copy && dataDir)
  processMark(join(original, 'state'), 'database')
  await mkdir(dataDir)
  const store = openStore(join(original, 'state', 'emulator.sqlite'))
  store.collection<object>('rds.instances').put('db-1', { dataDir })
  store.close()
  await cp(original, copy, { recursive: true })
  await deleteEmulator(copy)
  assert.deepEqual([existsSync(copy), existsSync(dataDir)], [false, true])
  await deleteEmulator(original)
  assert.deepEqual([existsSync(original), existsSync(dataDir)], [false, false])
})
