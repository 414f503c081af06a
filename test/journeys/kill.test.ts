/**
 * `kill -9` of the emulator: at five random moments of deployments, a rollback and an apply, while every store is written
 * to; of the process that the emulator is attached to; and for good, with nothing but the command to clear up after it.
 * `bench/kill.ts` does the same fifty times and more. `KILL_SEED` repeats the choices of a run.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { killDuring } from '../../bench/kill/cycle.ts'
import { consistent, eventually } from '../../bench/kill/invariants.ts'
import { seeded } from '../../bench/kill/random.ts'
import { openScene, type Scene } from '../../bench/kill/scene.ts'
import { openStage, processesWith } from '../../bench/kill/stage.ts'
import { findEmulator } from '../../packages/emulator/src/client/index.ts'
import { invisible, repository } from './workspace.ts'

const seed = Number(process.env.KILL_SEED ?? Date.now() % 100_000)
const speed = 120

describe('after a kill -9', { skip: invisible }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'baton-kill-'))
  const stage = openStage(directory, speed)
  const random = seeded(seed)
  let scene: Scene

  before(async () => {
    scene = await openScene(stage, { database: false })
  })
  after(async () => {
    await scene?.writers.stop()
    if (stage.running()) await stage.stop()
    for (const pid of processesWith(stage.token)) process.kill(pid, 'SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })

  for (const [index, work] of (['deployment', 'stop', 'apply', 'refused', 'deployment'] as const).entries()) {
    test(`${index + 1}: an emulator that was killed during a random moment (${work}) goes on and has lost nothing`, async (t) => {
      const kill = await killDuring(work, scene, random, index + 1)
      t.diagnostic(`seed ${seed}: ${JSON.stringify(kill)}`)
      assert.ok(kill.writes > 0)
    })
  }

  test('an emulator whose parent was killed stops by itself, and its tasks with it', async () => {
    await scene.writers.stop()
    await stage.stop()
    const client = join(repository, 'packages/emulator/src/client/index.ts')
    const program = `
      import { startEmulator } from ${JSON.stringify(client)}
      await startEmulator({ stateDir: ${JSON.stringify(stage.stateDir)}, speed: ${speed} })
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' })
    await eventually(async () => assert.equal(processesWith(stage.token).length, 2))
    parent.kill('SIGKILL')
    await eventually(async () => assert.deepEqual(processesWith(stage.token), []))
    await eventually(async () => assert.equal(await findEmulator(stage.stateDir), undefined))
    await eventually(async () => assert.deepEqual(processesWith(stage.stateDir), []))
  })

  test('status names the processes that are left, and down ends them', async () => {
    await stage.start()
    await consistent(stage)
    await stage.kill()
    const left = processesWith(stage.token)
    assert.equal(left.length, 2)
    const status = await baton(directory, 'status')
    assert.notEqual(status.code, 0)
    for (const pid of left) assert.match(status.output, new RegExp(`\\b${pid} \\(task\\)`))
    const down = await baton(directory, 'down')
    assert.match(down.output, /2 processes of a killed emulator were ended/)
    assert.deepEqual(processesWith(stage.token), [])
    await stage.start()
    await consistent(stage)
  })

  test('down --destroy leaves no process and no file', async () => {
    await stage.kill()
    const down = await baton(directory, 'down', '--destroy')
    assert.equal(down.code, 0, down.output)
    assert.deepEqual(processesWith(stage.token), [])
    assert.equal(existsSync(stage.stateDir), false)
  })
})

function baton(stateDir: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = join(repository, 'packages/cli/bin/baton.js')
  const child = spawn(process.execPath, [command, '--state-dir', stateDir, ...args], {
    cwd: join(repository, 'examples/accounts'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}
