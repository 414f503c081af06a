/** Releases after the first: what has changed goes out, in order, and nothing else. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Image, withFiles } from '@baton/image'
import { scaledClock } from '../clock.ts'
import type { ReleaseTarget } from '../record/release-record.ts'
import { releaseRecords } from '../record/store.ts'
import { type EmptyAccount, openEmptyAccount } from '../test-kit/empty-account.test-kit.ts'
import type { PlatformBuilder } from './builder.ts'
import { findChanges } from './changes.ts'
import { emulatorDestination } from './emulator-destination.ts'
import { releaseChanges } from './release-changes.ts'
import { rollOut } from './roll-out.ts'

const noTime = scaledClock(10_000)

interface Running {
  readonly account: EmptyAccount
  /** Lays a file over an image, or over all of them. */
  change(part: 'migrations' | 'service' | 'site', name?: string): void
  release(version: string, only?: ReleaseTarget): ReturnType<typeof releaseChanges>
  /** What was done since the last call. */
  done(): string[]
}

/** A platform whose first release is v1. */
async function onRunning(work: (running: Running) => Promise<void>): Promise<void> {
  await using account = await openEmptyAccount()
  const { platform, aws, builder } = account
  const changed = new Set<string>()
  const folder = mkdtempSync(join(tmpdir(), 'baton-changed-site-'))
  writeFileSync(join(folder, 'index.html'), '<html>changed</html>')
  const altered = async (image: Promise<Image>, part: string) =>
    changed.has(part) ? withFiles(await image, { files: { 'changed.js': part } }) : image
  const now: PlatformBuilder = {
    migrations: () => altered(builder.migrations(), 'migrations'),
    service: (service) => altered(builder.service(service), `service ${service.name}`),
    sidecars: builder.sidecars,
    job: builder.job,
    site: (site) => (changed.has(`site ${site.name}`) ? Promise.resolve(folder) : builder.site(site)),
  }
  const destination = emulatorDestination({
    clients: aws.clients,
    platform,
    secrets: {},
    apply: async (stack) => account.apply(stack),
    retry: '',
  })
  await rollOut(aws.clients, { platform, version: 'v1', builder, destination, origin: { by: 'kim' } }, noTime)
  let seen = account.log.length
  try {
    await work({
      account,
      change: (part, name) => void changed.add(name === undefined ? part : `${part} ${name}`),
      release: (version, only) =>
        releaseChanges(
          aws.clients,
          { platform, version, builderOf: () => now, origin: { by: 'kim' }, ...(only ? { only } : {}) },
          noTime,
        ),
      done() {
        const since = account.log.slice(seen)
        seen = account.log.length
        return since
      },
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const onRunningPlatform = (name: string, work: (running: Running) => Promise<void>) =>
  test(name, () => onRunning(work))

describe('a release of what has changed', () => {
  onRunningPlatform('releases nothing where nothing has', async ({ release, done }) => {
    const released = await release('v2')
    assert.deepEqual(done(), [])
    assert.deepEqual([released.migrated, released.services, released.sites], [false, [], []])
    assert.deepEqual([...released.unchanged].sort(), [
      'migration',
      'service/admin',
      'service/user',
      'site/admin',
      'site/user',
    ])
  })

  onRunningPlatform('releases the migration first, then services, then sites', async (running) => {
    running.change('site', 'user')
    running.change('service', 'admin')
    running.change('migrations')
    const released = await running.release('v2')
    const order = running.done().filter((step) => !step.startsWith('image '))
    assert.deepEqual(order, ['migration', 'service admin', 'site user'])
    assert.deepEqual(released.unchanged, ['service/user', 'site/admin'])
    assert.deepEqual((await running.release('v3')).services, [], 'and not again')
    assert.deepEqual(running.done(), [])
  })

  onRunningPlatform(
    'knows a new template of a service, and of the migration',
    async ({ account, release, done }) => {
      const { name } = account.platform
      account.templates.set(`${name}-user-template`, 2).set(`${name}-migration-template`, 2)
      await release('v2')
      assert.deepEqual(
        done().filter((step) => !step.startsWith('image ')),
        ['migration', 'service user'],
      )
    },
  )

  onRunningPlatform(
    'releases the one target that is named, changed or not, after new migrations',
    async (running) => {
      running.change('migrations')
      running.change('service', 'user')
      await running.release('v2', 'site/admin')
      assert.deepEqual(running.done(), ['site admin'])
      await running.release('v3', 'service/admin')
      assert.deepEqual(
        running.done().filter((step) => !step.startsWith('image ')),
        ['migration', 'service admin'],
      )
    },
  )

  onRunningPlatform('stops at a migration that fails, with nothing else begun', async (running) => {
    running.change('migrations')
    running.change('service', 'admin')
    running.account.exitCode = 1
    await assert.rejects(running.release('v2'), { code: 'migration-failed' })
    assert.ok(!running.done().includes('service admin'))
    const [failed] = await releaseRecords(
      running.account.aws.clients,
      running.account.platform.name,
      'migration',
    )
    assert.deepEqual([failed?.version, failed?.state], ['v2', 'failed'])
    running.account.exitCode = 0
    await running.release('v3')
    assert.deepEqual(
      running.done().filter((step) => !step.startsWith('image ')),
      ['migration', 'service admin'],
      'the same again does the rest',
    )
  })

  onRunningPlatform(
    'stops at a service that fails, says what is left, and releases it the next time',
    async (running) => {
      running.change('service', 'admin')
      running.change('service', 'user')
      running.change('site', 'admin')
      running.account.failingService = 'user'
      await assert.rejects(running.release('v2'), {
        code: 'deployment-failed',
        message: /user v2 was not released: Failed\..*Released: service\/admin\..*Not begun: site\/admin\./,
        fix: /only what is left is released/,
      })
      running.done()
      running.account.failingService = undefined
      await running.release('v3')
      assert.deepEqual(
        running.done().filter((step) => !step.startsWith('image ')),
        ['service user', 'site admin'],
      )
    },
  )

  onRunningPlatform('can be asked for without being done', async ({ account, change, done }) => {
    change('service', 'admin')
    const builderOf = () => account.builder
    const changes = await findChanges(account.aws.clients, {
      platform: account.platform,
      version: 'v2',
      builderOf,
    })
    assert.deepEqual([changes.migration, changes.services, changes.sites], [undefined, {}, {}])
    assert.deepEqual(done(), [])
  })
})
