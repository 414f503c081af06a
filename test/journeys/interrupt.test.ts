/** Ctrl-C at different moments: the command ends soon, says so with the right exit status, and leaves nothing. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../bench/kill/invariants.ts'
import { plainSites } from './plain-sites.ts'
import { anyPorts, assertNoStack, invisible, openWorkspace, repository } from './workspace.ts'

const traffic = join(repository, 'examples/accounts/baton.rehearsal.ts')

describe('Ctrl-C', () => {
  const workspace = openWorkspace()
  after(() => workspace.close())
  const config = workspace.configure(plainSites)
  const moments: readonly { when: string; shows: RegExp; ms: number }[] = [
    { when: 'while the stage is built', shows: /apply platform/, ms: 0 },
    { when: 'while it releases under load', shows: /… rehearsal: release v2/, ms: 1_500 },
  ]
  for (const { when, shows, ms } of moments) {
    test(`${when} ends a rehearsal, and leaves nothing`, { skip: invisible }, async (t) => {
      const rehearsal = workspace.start(
        ...['--config', config, 'rehearse', '--mistake', 'unattached-green'],
        ...['--traffic', traffic, '--rate', '50'],
      )
      await rehearsal.shows(shows)
      await sleep(ms)
      const interruptedAt = Date.now()
      rehearsal.interrupt()
      const ended = await rehearsal.ended
      t.diagnostic(`ended ${Date.now() - interruptedAt} ms after Ctrl-C`)
      assert.equal(ended.code, 130, ended.stderr)
      assert.match(
        ended.stderr,
        /Interrupted while the rehearsal was under way\. Everything that it had started/,
      )
      assertNoStack(ended)
      assert.ok(Date.now() - interruptedAt < 60_000, 'it ends soon')
      assert.equal(existsSync(join(workspace.stateDir, 'rehearsal')), false)
      await workspace.nothingLeft()
    })
  }

  test('while the emulator of `up --detach` starts stops it', { skip: invisible }, async () => {
    const up = workspace.start('--config', config, 'up', '--detach', ...anyPorts)
    await eventually(async () => assert.ok(existsSync(join(workspace.stateDir, 'emulator/emulator.log'))))
    up.interrupt()
    const ended = await up.ended
    assert.equal(ended.code, 130, ended.stderr)
    assertNoStack(ended)
    await workspace.nothingLeft({ stateKept: true })
  })

  test('while `up` rolls out stops the emulator', { skip: invisible }, async () => {
    const up = workspace.start('--config', config, 'up', ...anyPorts)
    await up.shows(/apply platform/)
    up.interrupt()
    const ended = await up.ended
    assert.equal(ended.code, 130, ended.stderr)
    assert.match(
      ended.stderr,
      /Interrupted while the platform was being started\. The emulator has been stopped/,
    )
    assertNoStack(ended)
    await workspace.nothingLeft({ stateKept: true })
  })
})
