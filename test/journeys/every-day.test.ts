/**
 * A team's days with a platform that runs: releases are recorded, taken back, cut off and followed again, by several people.
 * Where it says so, the command is sent to AWS by `--on aws`, with the emulator's address as AWS's: it is the same code.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { eventually } from '../../bench/kill/invariants.ts'
import { plainSites } from './plain-sites.ts'
import { anyPorts, assertNoStack, openWorkspace } from './workspace.ts'

interface Recorded {
  readonly version: string
  readonly state: string
  readonly action: string
  readonly by: string
  readonly from?: string
  readonly commit?: string
  readonly dirty?: boolean
  readonly images?: Record<string, string>
  readonly reason?: string
}

describe('every day', { timeout: 900_000 }, () => {
  const workspace = openWorkspace()
  after(() => workspace.close())
  const config = workspace.configure(plainSites)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=kim', '-c', 'user.email=kim@example.com', ...args], {
      cwd: workspace.root,
      encoding: 'utf8',
    }).trim()
  const baton = (...args: string[]) => workspace.run('--config', config, ...args)
  const done = async (...args: string[]) => {
    const ended = await baton(...args)
    assert.equal(ended.code, 0, ended.stderr)
    return ended.stdout
  }
  const recorded = async (target: string, ...more: string[]): Promise<Recorded[]> =>
    JSON.parse(await done('--json', 'releases', target, ...more)).targets[0].releases
  const running = async () => {
    const { services, sites } = JSON.parse(await done('--json', 'status'))
    const versions = (all: { name: string; version: string }[]) =>
      Object.fromEntries(all.map(({ name, version }) => [name, version]))
    return { service: versions(services), site: versions(sites) }
  }
  let commit = ''

  test('a platform starts, and its first releases are in the history', async () => {
    git('init', '-q')
    writeFileSync(join(workspace.root, '.gitignore'), 'home\ntmp\n')
    git('add', '-A')
    git('commit', '-qm', 'first')
    commit = git('rev-parse', 'HEAD')
    await done('up', '--detach', ...anyPorts)
    const history = await done('releases')
    for (const target of ['service/admin', 'service/user', 'site/admin', 'site/user', 'migration'])
      assert.match(history, new RegExp(`^${target}$`, 'm'))
    assert.match(history, /v1 +released/)
  })

  test('a release is named after the commit, and the record says who, from where, and which image', async () => {
    await done('deploy', 'service/admin')
    const [release] = await recorded('service/admin')
    assert.deepEqual(
      [release?.version, release?.state, release?.from, release?.commit],
      [commit.slice(0, 12), 'succeeded', 'v1', commit],
    )
    assert.match(release?.by ?? '', /@/)
    assert.match(Object.values(release?.images ?? {})[0] ?? '', /@sha256:[0-9a-f]{64}$/)
  })

  test('status, logs, events and addresses say what runs and what happened, here and on AWS alike', async () => {
    for (const line of (await done('env')).split('\n')) {
      const [, name = '', value = ''] = /^export (\w+)='(.*)'$/.exec(line) ?? []
      if (name !== '') workspace.environment[name] = value
    }
    for (const on of [[], ['--on', 'aws']]) {
      const { services, sites, alarms } = JSON.parse(await done('--json', 'status', ...on))
      const [admin] = services
      assert.deepEqual(
        [admin.name, admin.version, admin.commit, admin.runningCount, admin.desiredCount, admin.healthyCount],
        ['admin', commit.slice(0, 12), commit, 1, 1, 1],
      )
      assert.ok(Date.parse(admin.since) > 0)
      assert.deepEqual([sites[0].name, sites[0].version, alarms], ['admin', 'v1', []])
      assert.match(
        await done('status', ...on),
        new RegExp(`service +admin +${commit.slice(0, 12)}.*1 healthy.*by `),
      )
      const logs = await done('logs', 'service/admin', '--since', '1h', '--grep', 'listening', ...on)
      assert.match(logs, new RegExp(`admin ${commit.slice(0, 12)} [0-9a-f]{8} .*listening`))
      const old = await done('--json', 'logs', 'service/admin', '--since', '1h', '--app-version', 'v1', ...on)
      for (const line of old.trim().split('\n')) assert.equal(JSON.parse(line).version, 'v1')
      assert.match(await done('logs', 'migration', '--since', '1h', ...on), /database is up to date/)
      const events = await done('events', 'service/admin', ...on)
      assert.match(events, /codedeploy +d-\w+ created \(baton v1\)/)
      assert.match(events, /release +release of v1 succeeded/)
      assert.match(events, /ecs .*has reached a steady state/)
    }
    assert.match(
      await done('open', 'site/admin', '--print'),
      /^http:\/\/app-admin\.keencho\.com\.localhost:\d+$/m,
    )
    assert.match(
      await done('open', 'admin', '--print', '--on', 'aws'),
      /^https:\/\/app-admin\.keencho\.com$/m,
    )
    for (const [command, says] of [
      [['logs', 'site/admin'], /no target "site\/admin" that writes a log/],
      [['logs', '--since', 'yesterday'], /--since is "yesterday"/],
      [['logs', '--grep', '('], /--grep is no regular expression/],
      [['open', 'missing'], /no site "missing"/],
      [['events', 'service/missing'], /no target "service\/missing"/],
    ] as const) {
      const refused = await baton(...command)
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, says)
      assertNoStack(refused)
    }
  })

  test('files that are in no commit change the name, and the same files give the same name', async () => {
    writeFileSync(join(workspace.root, 'notes.txt'), 'not committed')
    await done('deploy', 'site/admin')
    const [first] = await recorded('site/admin')
    assert.match(first?.version ?? '', new RegExp(`^${commit.slice(0, 12)}-dirty-[0-9a-f]{6}$`))
    assert.equal(first?.dirty, true)
    await done('deploy', 'site/admin')
    assert.equal((await recorded('site/admin'))[0]?.version, first?.version)
  })

  test('to production on AWS they are refused, unless forced', async () => {
    const refused = await baton('deploy', 'site/admin', '--on', 'aws')
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /differ from the commit[\s\S]*--force/)
    assertNoStack(refused)
    git('add', '-A')
    git('commit', '-qm', 'second')
  })

  test('a rollback of a site is one switch, and a second one goes back further', async () => {
    await done('deploy', 'site/admin', '--version', 'v3')
    const [, before] = await recorded('site/admin')
    assert.match(
      await done('rollback', 'site/admin'),
      new RegExp(`${before?.version} serves again, instead of v3`),
    )
    await done('rollback', 'site/admin')
    assert.equal((await running()).site.admin, 'v1')
    assert.equal((await recorded('site/admin'))[0]?.action, 'rollback')
    const last = await baton('rollback', 'site/admin')
    assert.equal(last.code, 1)
    assert.match(last.stderr, /no version before v1/)
  })

  test('a rollback of a service deploys the earlier revision, by the commands for AWS alike', async () => {
    const stdout = await done('rollback', 'service/admin', '--on', 'aws')
    assert.match(stdout, new RegExp(`service/admin v1 serves again, instead of ${commit.slice(0, 12)}`))
    const [back, release, first] = await recorded('service/admin', '--on', 'aws')
    assert.deepEqual([back?.action, back?.version, back?.state], ['rollback', 'v1', 'succeeded'])
    assert.deepEqual(back?.images, first?.images, 'the image of then, not a new one')
    assert.equal(release?.version, commit.slice(0, 12))
    assert.equal((await running()).service.admin, 'v1')
  })

  test('follows a log until Ctrl-C', async () => {
    const following = workspace.start('--config', config, 'logs', 'service/user', '--follow', '--since', '1h')
    await eventually(async () => assert.match(await done('status'), /service +user/))
    following.interrupt()
    const { code, stdout } = await following.ended
    assert.deepEqual([code, /user v1/.test(stdout)], [0, true])
  })

  test('a version that was never released is refused with those that were', async () => {
    const refused = await baton('rollback', 'service/admin', '--to', 'v99')
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /no revision of v99[\s\S]*Released versions: .*v1/)
  })

  test('with an approval demanded, a deployment waits until a person gives it', async () => {
    await done('down')
    workspace.configure((input) => {
      const plain = plainSites(input)
      return { ...plain, delivery: { ...plain.delivery, approval: true } }
    })
    await done('up', '--detach', ...anyPorts)
    const deploy = workspace.start('--config', config, 'deploy', 'service/admin', '--version', 'v4')
    await deploy.shows(/· admin: Approval/)
    assert.match(await done('status'), /v4 is under way \(d-\w+\): .*baton approve service\/admin/)
    assert.match(await done('approve', 'service/admin'), /service\/admin v4 serves\./)
    assert.equal((await deploy.ended).code, 0)
  })

  test('of two people at once, the second one is answered who the first one is', async () => {
    const first = workspace.start('--config', config, 'deploy', 'service/admin', '--version', 'v5')
    await first.shows(/· admin: Approval/)
    const second = await baton('deploy', 'service/admin', '--version', 'v6')
    assert.equal(second.code, 1, second.stdout)
    assert.match(second.stderr, /v5 is being released by .+@.+ since /)
    assert.match(second.stderr, /baton resume service\/admin/)
    assertNoStack(second)
    assert.match(await done('stop', 'service/admin'), /service\/admin v5: .*rolled back/)
    assert.equal((await first.ended).code, 1)
    assert.equal((await running()).service.admin, 'v4')
    const [v5] = await recorded('service/admin')
    assert.deepEqual([v5?.version, v5?.state], ['v5', 'rolled-back'])
  })

  test('a deployment whose command was killed is followed again to its end', async () => {
    const cut = workspace.start('--config', config, 'deploy', 'service/admin', '--version', 'v7')
    await cut.shows(/· admin: Approval/)
    cut.interrupt('SIGKILL')
    await cut.ended
    assert.equal((await recorded('service/admin'))[0]?.state, 'under-way')
    const resumed = workspace.start('--config', config, 'resume')
    await resumed.shows(/· admin: Approval/)
    await done('approve', 'service/admin')
    const { code, stdout, stderr } = await resumed.ended
    assert.equal(code, 0, stderr)
    assert.match(stdout, /service\/admin v7 serves\./)
    assert.equal((await running()).service.admin, 'v7')
    assert.equal((await recorded('service/admin'))[0]?.state, 'succeeded')
  })

  test('one that ended while no one watched is settled, and then nothing is left to resume', async () => {
    const cut = workspace.start('--config', config, 'deploy', 'service/user', '--version', 'v8')
    await cut.shows(/· user: Approval/)
    cut.interrupt('SIGKILL')
    await cut.ended
    const approve = workspace.start('--config', config, 'approve', 'service/user')
    await approve.shows(/✓ user: BeforeAllowTraffic[\s\S]*… user: AllowTraffic/)
    approve.interrupt('SIGKILL')
    await approve.ended
    for (let looks = 0; (await running()).service.user !== 'v8'; looks++)
      assert.ok(looks < 60, 'it never ended')
    assert.match(await done('resume', 'service/user'), /service\/user v8 serves/)
    assert.equal((await recorded('service/user'))[0]?.state, 'succeeded')
    assert.match(await done('resume'), /No deployment is under way/)
  })

  test('nothing under way can be neither stopped nor approved', async () => {
    for (const command of ['stop', 'approve']) {
      const refused = await baton(command, 'service/user')
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /No deployment of user is under way/)
      assertNoStack(refused)
    }
  })
})
