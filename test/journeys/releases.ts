/** What deployments change on the platform, and what they refuse. Their part of up.test.ts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../bench/kill/invariants.ts'
import { type Day, userHost, versionsOf } from './day.ts'

export function testReleases(day: Day): void {
  test('takes an account that is kept', async () => {
    const { port } = new URL(day.emulator.endpoints.http)
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    assert.notEqual(response?.status, 200, 'a request that names no host of the platform gets no page')
    const created = await day.post('/api/accounts', {
      loginId: 'kept.account',
      password: 'correct horse',
      name: 'Kept',
    })
    assert.equal(created.status, 201, created.body)
    assert.match((await day.visit('/api/accounts?limit=20')).body, /kept\.account/)
  })

  test('releases a new version of a site', async () => {
    const deploy = await day.baton('--json', 'deploy', 'site/admin', '--version', 'v2')
    assert.equal(deploy.code, 0, deploy.stderr)
    const [release] = JSON.parse(deploy.stdout).sites
    assert.deepEqual([release.kind, release.target, release.from, release.to], ['site', 'admin', 'v1', 'v2'])
    // The edges learn of the switch a moment later, as on AWS.
    await eventually(async () =>
      assert.match((await day.visit('/')).body, /<meta name="app-version" content="v2"/),
    )
  })

  test('releases a new version of a service', async () => {
    const deploy = await day.baton('deploy', 'service/user', '--version', 'v2')
    assert.equal(deploy.code, 0, deploy.stderr)
    assert.match(deploy.stdout, /user v2 serves/)
    assert.match(deploy.stderr, /AllowTraffic/)
    assert.equal((await day.visit('/api/health', userHost)).headers['x-app-version'], 'v2')
    assert.deepEqual(versionsOf(await day.status()), {
      services: { admin: 'v1', user: 'v2' },
      sites: { admin: 'v2', user: 'v1' },
    })
  })

  for (const { what, args, says } of [
    {
      what: 'a target that is not there',
      args: ['service/missing', '--version', 'v3'],
      says: /service\/user/,
    },
    { what: 'a target of no kind', args: ['admin', '--version', 'v3'], says: /no target "admin"/ },
    {
      what: 'a version that is no name',
      args: ['site/user', '--version', '../v3'],
      says: /version is "\.\.\/v3"/,
    },
    { what: 'no version', args: ['site/user'], says: /--version/ },
  ]) {
    test(`refuses to release ${what}`, async () => {
      const deploy = await day.baton('deploy', ...args)
      assert.equal(deploy.code, 1, deploy.stderr)
      assert.match(deploy.stderr, says)
      assert.doesNotMatch(deploy.stderr, /^\s+at /m)
    })
  }

  test('rolls back a deployment that is interrupted', async () => {
    const deploy = day.workspace.start('--config', day.config, 'deploy', 'service/admin', '--version', 'v3')
    await deploy.shows(/… admin: AllowTraffic/)
    deploy.interrupt()
    const ended = await deploy.ended
    assert.equal(ended.code, 130, ended.stderr)
    assert.match(ended.stderr, /Interrupted/)
    assert.doesNotMatch(ended.stderr, /^\s+at /m)
    assert.equal(versionsOf(await day.status()).services.admin, 'v1')
    for (let n = 0; n < 20; n++) {
      const { headers } = await day.visit('/api/health')
      assert.equal(headers['x-app-version'], 'v1')
    }
  })
}
