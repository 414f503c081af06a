/** Whatever an emulator has started is found again by its mark, and nothing else is. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '../../test-kit/until.test-kit.ts'
import { endLeftoverProcesses, leftoverProcesses } from './leftover-processes.ts'
import { identify, isAlive } from './process-identity.ts'
import { processMark } from './process-mark.ts'

const sleeper = ['-e', 'setInterval(() => {}, 1000)']

test('ends what was started under a mark, and what has left its process group since', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-mark-'))
  const otherDir = await mkdtemp(join(tmpdir(), 'baton-mark-'))
  t.after(() => Promise.all([stateDir, otherDir].map((each) => rm(each, { recursive: true }))))
  const start = (environment: Readonly<Record<string, string>>, program: readonly string[]) =>
    spawn(process.execPath, program, { detached: true, stdio: 'ignore', env: environment })
  const escapes = `
    require('node:child_process').spawn(process.execPath, ${JSON.stringify(sleeper)}, { detached: true, stdio: 'ignore' }).unref()`
  const left = once(start(processMark(stateDir, 'task'), ['-e', escapes]), 'exit')
  start(processMark(stateDir, 'function'), sleeper)
  const unmarked = start({}, sleeper)
  const elsewhere = start(processMark(otherDir, 'task'), sleeper)
  t.after(() => [unmarked, elsewhere].map((child) => child.kill('SIGKILL')))
  // Only the escaped process is left of the first.
  await left
  await until(() => leftoverProcesses(stateDir).length === 2)
  const found = leftoverProcesses(stateDir)
  assert.deepEqual(found.map(({ kind }) => kind).sort(), ['function', 'task'])
  assert.equal((await endLeftoverProcesses(stateDir)).length, 2)
  assert.deepEqual(found.filter(isAlive), [])
  assert.deepEqual(leftoverProcesses(stateDir), [])
  assert.ok(identify(unmarked.pid ?? 0), 'a process without a mark was ended')
  assert.ok(identify(elsewhere.pid ?? 0), 'a process of another emulator was ended')
})

const onLinux = { skip: process.platform === 'linux' ? false : 'only /proc tells where a variable ends' }

test(
  'a process that has the mark within the value of another variable is not one of the emulator',
  onLinux,
  async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'baton-mark-'))
    t.after(() => rm(stateDir, { recursive: true }))
    const [[name, mark] = []] = Object.entries(processMark(stateDir, 'task'))
    const env = { NOTE: `it says ${name}=${mark} and more` }
    const child = spawn(process.execPath, sleeper, { stdio: 'ignore', env })
    t.after(() => child.kill('SIGKILL'))
    assert.deepEqual(leftoverProcesses(stateDir), [])
    assert.deepEqual(await endLeftoverProcesses(stateDir), [])
  },
)

test('a directory that no emulator has used has no processes', async () => {
  assert.deepEqual(await endLeftoverProcesses(join(tmpdir(), 'baton-mark-unused')), [])
})

test('a copy of a directory has none of its processes, a directory that was moved has all', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'baton-mark-'))
  t.after(() => rm(parent, { recursive: true }))
  const [stateDir, copy, moved] = ['state', 'copy', 'moved'].map((name) => join(parent, name)) as [
    string,
    string,
    string,
  ]
  const mark = processMark(stateDir, 'task')
  const child = spawn(process.execPath, sleeper, { detached: true, stdio: 'ignore', env: mark })
  t.after(() => child.kill('SIGKILL'))
  await cp(stateDir, copy, { recursive: true })
  assert.deepEqual(await endLeftoverProcesses(copy), [])
  assert.notDeepEqual(processMark(copy, 'task'), mark)
  await rename(stateDir, moved)
  assert.deepEqual(processMark(moved, 'task'), mark)
  assert.deepEqual(
    leftoverProcesses(moved).map(({ pid }) => pid),
    [child.pid],
  )
})
