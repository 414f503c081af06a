/** The commands of the emulator on a state directory that an earlier version of Baton has left. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'

const repository = join(import.meta.dirname, '../../../..')
let stateDir: string
let folder: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'baton-earlier-'))
  folder = join(stateDir, 'region')
  mkdirSync(join(folder, 'state'), { recursive: true })
  writeFileSync(join(folder, 'state/region.sqlite'), '')
})
afterEach(() => rmSync(stateDir, { recursive: true }))

function baton(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const config = ['--config', join(repository, 'examples/accounts/baton.config.ts'), '--state-dir', stateDir]
  return new Promise((done) => {
    const command = join(repository, 'packages/cli/bin/baton.js')
    execFile(process.execPath, [command, ...config, ...args], (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

describe('state of an earlier version', () => {
  for (const command of [['up', '--detach'], ['status'], ['down']]) {
    test(`is refused by ${command[0]}, which says what to do and changes nothing`, async () => {
      const { code, stderr } = await baton(...command)
      assert.equal(code, 1)
      assert.match(
        stderr,
        /region has the state of an earlier version of Baton.*\nFix: .*baton down --destroy/,
      )
      assert.ok(existsSync(join(folder, 'state/region.sqlite')))
      assert.equal(existsSync(join(stateDir, 'emulator')), false)
    })
  }

  test('is deleted by down --destroy', async () => {
    const { code, stderr } = await baton('down', '--destroy')
    assert.equal(code, 0, stderr)
    assert.equal(existsSync(folder), false)
  })

  test('is not deleted while its emulator runs', async () => {
    const program = 'setInterval(() => undefined, 1_000)'
    const emulator = spawn(process.execPath, ['-e', program, JSON.stringify({ stateDir: folder })])
    const ended = once(emulator, 'exit')
    try {
      writeFileSync(join(folder, 'region.json'), JSON.stringify({ pid: emulator.pid }))
      for (const command of [['status'], ['down', '--destroy']]) {
        const { code, stderr } = await baton(...command)
        assert.equal(code, 1)
        assert.match(stderr, new RegExp(`earlier version.*process ${emulator.pid}`))
      }
      assert.ok(existsSync(folder))
    } finally {
      emulator.kill('SIGKILL')
      await ended
    }
    assert.equal((await baton('down', '--destroy')).code, 0)
    assert.equal(existsSync(folder), false)
  })

  test('does not matter beside state of this version', async () => {
    mkdirSync(join(stateDir, 'emulator'))
    const { stderr } = await baton('status')
    assert.match(stderr, /^No emulator runs in/)
  })
})
