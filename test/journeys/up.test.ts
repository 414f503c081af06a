/**
 * A day with the platform on one machine: it is started, asked by every client that a user may have, changed by
 * deployments, stopped, found again, and at last destroyed. One emulator, one step after the other.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testClients } from './clients.ts'
import { beginDay, versionsOf } from './day.ts'
import { testReleases } from './releases.ts'
import { testSecrets } from './secrets.ts'
import { anyPorts, invisible } from './workspace.ts'

const day = beginDay()
after(() => day.workspace.close())

describe('the platform on one machine', { timeout: 420_000 }, () => {
  test('is started, and serves when the command returns', async () => {
    const up = await day.baton('--json', 'up', '--detach', ...anyPorts)
    assert.equal(up.code, 0, up.stderr)
    const { endpoints } = JSON.parse(up.stdout)
    assert.deepEqual(Object.keys(endpoints).toSorted(), ['api', 'dns', 'http', 'https'])
    assert.match(endpoints.api, /^http:\/\/[^:/]+:\d+/)
    assert.match(endpoints.http, /^http:\/\/[^:/]+:\d+/)
    assert.match(endpoints.https, /^https:\/\/[^:/]+:\d+/)
    assert.match(endpoints.dns, /^127\.0\.0\.1:\d+$/)
    const now = await day.status()
    day.emulator = now
    assert.deepEqual(now.endpoints, endpoints)
    assert.deepEqual(versionsOf(now), {
      services: { admin: 'v1', user: 'v1' },
      sites: { admin: 'v1', user: 'v1' },
    })
  })

  test('is not started twice', async () => {
    const second = await day.baton('up', '--detach', ...anyPorts)
    assert.equal(second.code, 1)
    assert.match(second.stderr, /is up already/)
    assert.match(second.stderr, /Fix: .*baton down/)
    assert.doesNotMatch(second.stderr, /^\s+at /m)
  })

  testClients(day)
  testReleases(day)
  testSecrets(day)

  test('is stopped, and leaves nothing running', { skip: invisible }, async () => {
    const { pid } = await day.status()
    const down = await day.baton('down')
    assert.equal(down.code, 0, down.stderr)
    assert.match(down.stdout, /has stopped/)
    // It has ended; the process that adopted it may reap it a moment later, and until then its id is taken.
    for (let tries = 0; isTaken(pid) && tries < 100; tries++) await sleep(50)
    assert.equal(isTaken(pid), false)
    const again = await day.baton('status')
    assert.equal(again.code, 1)
    assert.match(again.stderr, /No emulator runs/)
    await day.workspace.nothingLeft({ stateKept: true })
  })

  test('is found again as it was left, and stops at Ctrl-C', async () => {
    const up = day.workspace.start('--config', day.config, 'up', ...anyPorts)
    await up.shows(/Serving\. Ctrl-C stops it\./)
    const now = await day.status()
    day.emulator = now
    assert.deepEqual(versionsOf(now), {
      services: { admin: 'v1', user: 'v2' },
      sites: { admin: 'v2', user: 'v1' },
    })
    assert.match((await day.visit('/api/accounts?limit=20')).body, /kept\.account/)
    assert.match((await day.visit('/')).body, /<meta name="app-version" content="v2"/)
    // Twice, as npm does: it passes on what the terminal has sent already.
    up.interrupt()
    up.interrupt()
    const { code, stdout, stderr } = await up.ended
    assert.equal(code, 0, stderr)
    assert.match(stdout, /http:\/\/app-admin\.keencho\.com\.localhost:\d+/)
    assert.match(stderr, /Stopping\./)
    assert.doesNotMatch(stderr, /deploy|migration: run|upload/, 'nothing was released again')
    await day.workspace.nothingLeft({ stateKept: true })
  })

  test('started with another configuration, it reports what was changed in place, what was replaced, and why', async () => {
    day.workspace.configure((input) => ({
      ...input,
      services: {
        ...input.services,
        admin: { ...input.services.admin, memoryMiB: 2048, health: { gracePeriodSeconds: 90 } },
      },
    }))
    const up = await day.baton('--json', 'up', '--detach', ...anyPorts)
    assert.equal(up.code, 0, up.stderr)
    const { stacks } = JSON.parse(up.stdout)
    assert.deepEqual(
      stacks.map((stack: { name: string }) => stack.name),
      ['bootstrap', 'platform'],
    )
    assert.deepEqual(stacks[0].changes, [])
    assert.deepEqual(
      stacks[1].changes.toSorted((a: { action: string }, b: { action: string }) =>
        a.action < b.action ? -1 : 1,
      ),
      [
        {
          address: 'aws_ecs_task_definition.admin',
          action: 'replace',
          changed: ['memory'],
          forcedBy: ['memory'],
          reason: 'memory forces replacement',
        },
        {
          address: 'aws_ecs_service.admin',
          action: 'update',
          changed: ['health_check_grace_period_seconds'],
        },
      ],
    )
  })

  test('is destroyed, and leaves nothing at all', { skip: invisible }, async () => {
    const down = await day.baton('--json', 'down', '--destroy')
    assert.deepEqual(JSON.parse(down.stdout), {
      stopped: true,
      killed: false,
      ended: 0,
      destroyed: true,
    })
    assert.equal(existsSync(join(day.workspace.stateDir, 'emulator')), false)
    await day.workspace.nothingLeft()
  })
})

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
