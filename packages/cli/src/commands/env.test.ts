/** `baton env`, as a shell uses it: one line leads the AWS clients to the emulator, and nothing of a real account goes along. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startEmulator } from '@baton/emulator/client'

const run = promisify(execFile)
const command = join(import.meta.dirname, '../../bin/baton.js')

test('one line leads a shell’s AWS clients to the emulator, whatever account the shell had', async (t) => {
  const root = await mkdtemp(join(tmpdir(), "baton env's "))
  t.after(() => rm(root, { recursive: true }))
  const emulator = await startEmulator({ stateDir: join(root, 'emulator') })
  t.after(() => emulator.stop())
  const baton = `"${process.execPath}" "${command}" --state-dir "$STATE"`
  const script = `eval "$(${baton} env)" && exec "${process.execPath}" -e '
    process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("AWS_")))))'`
  const { stdout } = await run('sh', ['-c', script], {
    env: {
      PATH: process.env.PATH,
      STATE: root,
      AWS_PROFILE: 'production',
      AWS_ACCESS_KEY_ID: 'AKIAREALACCOUNT00000',
      AWS_SESSION_TOKEN: 'real',
    },
  })
  assert.deepEqual(JSON.parse(stdout), emulator.environment())
  const { stdout: json } = await run(process.execPath, [command, '--json', '--state-dir', root, 'env'])
  assert.deepEqual(JSON.parse(json).environment, emulator.environment())
})

test('without an emulator it says so, and prints nothing that a shell would run', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'baton-env-'))
  t.after(() => rm(root, { recursive: true }))
  await assert.rejects(run(process.execPath, [command, '--state-dir', root, 'env']), (error) => {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    assert.equal(stdout, '')
    assert.match(stderr ?? '', /No emulator runs in .*\nFix: .*baton up/)
    return true
  })
})
