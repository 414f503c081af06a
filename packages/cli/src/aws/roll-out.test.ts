import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadPlatform, type Platform } from '@baton/config'
import { UsageError } from '../failure.ts'
import type { Builds } from './first-release.ts'
import { type RollOutSteps, rollOutOnAws } from './roll-out.ts'
import { applyStack } from './stack/apply-stack.ts'
import type { Standing } from './stack/standing.ts'
import { memoryTerminal, memoryTerraform } from './test-kit/terraform.test-kit.ts'

const platform = await loadPlatform(
  join(import.meta.dirname, '../../../../examples/accounts/baton.config.ts'),
)
const yes = async () => {}
const summary = { create: 0, update: 0, replace: 0, delete: 0, import: 0 }

/** An account in memory: what a step does stays, and what is there decides what the next run does. */
function account(options: { failAt?: string; secretsWithoutValue?: string[] } = {}) {
  const there = new Set<string>()
  const log: string[] = []
  let { failAt } = options
  const make = (what: string) => {
    if (failAt === what) {
      failAt = undefined
      throw new Error(`the power failed at: ${what}`)
    }
    if (!there.has(what)) log.push(what)
    there.add(what)
  }
  const waiting = (kind: 'service' | 'site', names: readonly string[]) =>
    names.filter((name) => !there.has(`${kind} ${name}`))
  const unreleased = (): Standing => ({
    services: waiting(
      'service',
      platform.services.map(({ name }) => name),
    ),
    sites: waiting(
      'site',
      platform.sites.map(({ name }) => name),
    ),
  })
  const steps: RollOutSteps = {
    identify: async () => ({ id: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }),
    unreleased: async () => unreleased(),
    // Images are only told apart by their names here.
    build: async ({ services, sites }) =>
      ({
        ...(services.length > 0 ? { migrations: 'migrations' } : {}),
        services: Object.fromEntries(services.map((name) => [name, name])),
        sites: Object.fromEntries(sites.map((name) => [name, `/built/${name}`])),
      }) as unknown as Builds,
    stateBucket: {
      name: 'state',
      exists: async () => there.has('bucket'),
      create: async () => make('bucket'),
    },
    async applyStack(name) {
      const changed = !there.has(name)
      make(name)
      return { name, changed, summary }
    },
    nameServers: async () => ['ns-1.example'],
    waitForDelegation: async () => make('delegation'),
    async push(builds) {
      const names = Object.keys(builds.services)
      for (const name of names) make(`image ${name}`)
      return {
        ...(builds.migrations ? { migrations: 'migrations@sha256:1' } : {}),
        services: Object.fromEntries(names.map((name) => [name, `${name}@sha256:1`])),
      }
    },
    missingSecrets: async () =>
      (options.secretsWithoutValue ?? []).map((name) => ({ service: 'admin', name })),
    migrate: async () => make('migration'),
    releaseService: async (name, image) => {
      assert.equal(image, `${name}@sha256:1`)
      make(`service ${name}`)
    },
    releaseSite: async (name) => make(`site ${name}`),
  }
  return { steps, log, there }
}

const runbook = [
  'bucket',
  'bootstrap',
  'delegation',
  'image admin',
  'image user',
  'platform',
  'migration',
  'service admin',
  'service user',
  'site admin',
  'site user',
]

const run = (steps: RollOutSteps, more: Partial<Parameters<typeof rollOutOnAws>[1]> = {}) =>
  rollOutOnAws(steps, { platform, version: 'v1', confirm: yes, terminal: memoryTerminal(), ...more })

describe('baton apply', () => {
  test('brings an empty account to a serving platform, in the order of the runbook', async () => {
    const { steps, log } = account()
    const done = await run(steps)
    assert.deepEqual(log, runbook)
    assert.deepEqual(done.released, { services: ['admin', 'user'], sites: ['admin', 'user'] })
    assert.ok(done.urls.includes('https://app-admin.keencho.com'))
  })

  for (const step of runbook) {
    test(`stopped at "${step}", a second run does the rest and nothing twice`, async () => {
      const { steps, log } = account({ failAt: step })
      await assert.rejects(run(steps), /the power failed/)
      assert.deepEqual(log, runbook.slice(0, runbook.indexOf(step)))
      await run(steps)
      assert.deepEqual(log, runbook)
    })
  }

  test('a platform that serves is asked about, and nothing is released again', async () => {
    const { steps, log } = account()
    await run(steps)
    const done = await run(steps, { confirm: async (question) => assert.fail(question) })
    assert.deepEqual(log, runbook)
    assert.deepEqual(done.released, { services: [], sites: [] })
  })

  test('a new service is released alone', async () => {
    const { steps, log, there } = account()
    await run(steps)
    there.delete('service user')
    there.delete('image user')
    log.length = 0
    await run(steps)
    assert.deepEqual(log, ['image user', 'service user'])
  })

  test('a zone that exists already needs no delegation', async () => {
    const { steps, log } = account()
    const existing: Platform = { ...platform, hostedZone: 'existing' }
    await run(steps, { platform: existing })
    assert.ok(!log.includes('delegation'))
  })

  test('stops before the first task when a secret has no value, and says the command', async () => {
    const { steps, log } = account({ secretsWithoutValue: ['API_KEY'] })
    await assert.rejects(run(steps), (error: Error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.fix, /baton secret set admin API_KEY/)
      return true
    })
    assert.equal(log.at(-1), 'platform')
  })

  test('a no changes nothing', async () => {
    const { steps, log } = account()
    const no = async () => {
      throw new UsageError('Nothing more was changed.', 'Run it again.')
    }
    await assert.rejects(run(steps, { confirm: no }), /Nothing more was changed/)
    assert.deepEqual(log, [])
  })

  test('asks before the release, before the bucket, and names the account', async () => {
    const questions: string[] = []
    const { steps } = account()
    await run(steps, { confirm: async (question) => void questions.push(question) })
    assert.match(questions[0] ?? '', /First release, as v1: services admin, user; sites admin, user/)
    assert.match(questions[1] ?? '', /Account 123456789012 has no platform keencho-production yet/)
  })

  test('an interrupt ends it between two steps', async () => {
    const { steps, log } = account()
    const controller = new AbortController()
    const interrupted: RollOutSteps = {
      ...steps,
      applyStack(name) {
        controller.abort()
        return steps.applyStack(name)
      },
    }
    await assert.rejects(run(interrupted, { signal: controller.signal }))
    assert.deepEqual(log, ['bucket', 'bootstrap'])
  })
})

describe('the apply of a stack', () => {
  const stack = (options: { wanted: string[]; state?: string[]; replaced?: string }) => {
    const log: string[] = []
    const terraform = memoryTerraform({
      wanted: options.wanted,
      state: new Set(options.state ?? []),
      log,
      actions: (address) => (address === options.replaced ? 'replace' : undefined),
    })
    return { terraform, log }
  }

  test('asks, and then applies what it has shown', async () => {
    const { terraform, log } = stack({ wanted: ['aws_vpc.main'] })
    const terminal = memoryTerminal()
    const questions: string[] = []
    const confirm = async (question: string) => void questions.push(question)
    const done = await applyStack('platform', terraform, { confirm, terminal, allowReplace: [] })
    assert.deepEqual(questions, ['Apply this to platform (1 to create)?'])
    assert.deepEqual(log, ['create aws_vpc.main'])
    assert.equal(done.changed, true)
    assert.ok(terminal.lines.includes('  + aws_vpc.main'))
  })

  test('says that there is nothing to do, and asks nothing', async () => {
    const { terraform } = stack({ wanted: ['aws_vpc.main'], state: ['aws_vpc.main'] })
    const terminal = memoryTerminal()
    const confirm = async (question: string) => assert.fail(question)
    assert.equal(
      (await applyStack('platform', terraform, { confirm, terminal, allowReplace: [] })).changed,
      false,
    )
    assert.ok(terminal.lines.includes('platform: nothing to do'))
  })

  test('stops at what would be lost, names it, and goes on when it is allowed by name', async () => {
    const address = 'aws_db_instance.main'
    const { terraform, log } = stack({ wanted: [address], state: [address], replaced: address })
    const terminal = memoryTerminal()
    await assert.rejects(
      applyStack('platform', terraform, { confirm: yes, terminal, allowReplace: [] }),
      (error: Error) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, /aws_db_instance\.main would be replaced; lost: the database/)
        assert.match(error.fix, /--allow-replace aws_db_instance\.main/)
        return true
      },
    )
    assert.deepEqual(log, [])
    await applyStack('platform', terraform, { confirm: yes, terminal, allowReplace: [address] })
    assert.deepEqual(log, [`replace ${address}`])
  })
})
