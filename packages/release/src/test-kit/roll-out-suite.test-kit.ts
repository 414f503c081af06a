/**
 * What every destination's roll-out must do: one suite, run by `@baton/release` for an emulator and by `@baton/cli` for
 * AWS. The account begins empty, and the official clients speak to it over a socket.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PlatformBuilder } from '../roll-out/builder.ts'
import type { UnreleasedTargets } from '../roll-out/unreleased-targets.ts'
import { type EmptyAccount, openEmptyAccount } from './empty-account.test-kit.ts'

/** Rolls the account's platform out once, as v1; resolves with the names of what was released. */
export type RunRollOut = (
  account: EmptyAccount,
  options?: { readonly builder?: PlatformBuilder; readonly signal?: AbortSignal },
) => Promise<UnreleasedTargets>

/** The steps of one group happen in any order. */
const runbook = [
  ['bootstrap'],
  ['image migrations'],
  ['image admin', 'image user'],
  ['platform'],
  ['migration'],
  ['service admin', 'service user'],
  ['site admin', 'site user'],
]

/** `destination` ends the name of the suite; `own` are the steps that only this destination has. */
export function describeRollOut(destination: string, run: RunRollOut): void {
  const rollOutTest = (name: string, work: (account: EmptyAccount) => Promise<void>) =>
    test(name, async () => {
      await using account = await openEmptyAccount()
      await work(account)
    })

  describe(`a roll-out to ${destination}`, () => {
    rollOutTest(
      'brings an empty account to a serving platform, in the order of the runbook',
      async (account) => {
        const released = await run(account)
        assertFollows(account.log)
        assert.deepEqual([...account.log].sort(), runbook.flat().sort())
        assert.deepEqual(released, { services: ['admin', 'user'], sites: ['admin', 'user'], jobs: [] })
      },
    )

    for (const what of runbook.flat()) {
      rollOutTest(
        `that fails at "${what}" does the rest the next time, and releases nothing twice`,
        async (account) => {
          account.failAt(what)
          await assert.rejects(run(account))
          assertFollows(account.log)
          const group = runbook.findIndex((names) => names.includes(what))
          const later = runbook.slice(group + 1).flat()
          assert.deepEqual(
            account.log.filter((done) => later.includes(done)),
            [],
            'it stops where it failed',
          )
          await run(account)
          for (const done of runbook.flat().filter((name) => / (admin|user)$/.test(name)))
            assert.equal(account.log.filter((each) => each === done).length, 1, done)
        },
      )
    }

    rollOutTest('releases nothing again, and builds nothing either', async (account) => {
      await run(account)
      const before = account.aws.calls.length
      const fail = async () => assert.fail('there is nothing to build')
      const builder: PlatformBuilder = {
        migrations: fail,
        service: fail,
        sidecars: fail,
        job: fail,
        site: fail,
      }
      assert.deepEqual(await run(account, { builder }), { services: [], sites: [], jobs: [] })
      const calls = account.aws.calls.slice(before).map(({ name }) => name)
      const changes = ['RunTask', 'CreateDeployment', 'RegisterTaskDefinition', 'UpdateKeys', 'UpdateService']
      assert.deepEqual(
        calls.filter((name) => changes.includes(name)),
        [],
      )
    })

    for (const target of ['service user', 'site user']) {
      rollOutTest(`releases a new ${target} alone`, async (account) => {
        await run(account)
        account.forget(target)
        const [kind, name] = target.split(' ')
        const expected =
          kind === 'service' ? { services: [name], sites: [] } : { services: [], sites: [name] }
        assert.deepEqual(await run(account), { ...expected, jobs: [] })
      })
    }

    rollOutTest('releases no service after a migration that failed', async (account) => {
      account.exitCode = 1
      await assert.rejects(run(account), { code: 'migration-failed' })
      assert.deepEqual(account.aws.inputsOf('CreateDeployment'), [])
    })

    rollOutTest('releases no site while a service does not work, and says how to go on', async (account) => {
      account.deploymentStatus = 'Failed'
      const message = /^The first release of (admin|user) did not succeed: Failed\.$/
      await assert.rejects(run(account), { code: 'not-healthy', message, fix: /log.*(again|then)/i })
      assert.deepEqual(account.aws.inputsOf('UpdateKeys'), [])
    })

    rollOutTest(
      'that is interrupted stops its deployments, and gives the interruption as the reason',
      async (account) => {
        const controller = new AbortController()
        const reason = new Error('interrupted')
        account.deploymentStatus = 'InProgress'
        account.aws.on({
          GetDeployment() {
            controller.abort(reason)
            return { deploymentInfo: { status: account.deploymentStatus } }
          },
          StopDeployment() {
            account.deploymentStatus = 'Stopped'
            return { status: 'Succeeded' }
          },
        })
        await assert.rejects(run(account, { signal: controller.signal }), reason)
        assert.ok(account.aws.inputsOf('StopDeployment').length > 0)
        assert.deepEqual(account.aws.inputsOf('UpdateKeys'), [], 'no site is released')
      },
    )

    rollOutTest('that is interrupted waits no longer for the first tasks', async (account) => {
      const controller = new AbortController()
      const reason = new Error('interrupted')
      account.aws.on({
        UpdateService() {
          controller.abort(reason)
          return {}
        },
      })
      await assert.rejects(run(account, { signal: controller.signal }), reason)
    })

    rollOutTest('that is interrupted while a stack is applied begins no other step', async (account) => {
      const controller = new AbortController()
      const builder: PlatformBuilder = {
        ...account.builder,
        migrations() {
          controller.abort(new Error('interrupted'))
          return account.builder.migrations()
        },
      }
      await assert.rejects(run(account, { builder, signal: controller.signal }), /interrupted/)
      assert.deepEqual(account.log, [])
    })
  })
}

/** Each group is done before the next one begins. */
function assertFollows(log: readonly string[]): void {
  const groups = log.map((done) => runbook.findIndex((names) => names.includes(done)))
  assert.deepEqual(
    groups,
    groups.toSorted((a, b) => a - b),
    log.join(', '),
  )
}
