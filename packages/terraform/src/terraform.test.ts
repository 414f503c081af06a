import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { findTerraform } from './binary.ts'
import { type Faults, installFake } from './fake-terraform.test-kit.ts'
import { stoppedChanges } from './guard.ts'
import { describePlan, summarize } from './plan.ts'
import { openTerraform, type TerraformOptions } from './terraform.ts'
import { TerraformError } from './terraform-error.ts'
import type { UiEvent } from './ui.ts'

const bin = installFake()
const binary = await findTerraform({ PATH: bin })
let folder = ''
beforeEach(() => {
  if (folder) rmSync(folder, { recursive: true })
  folder = mkdtempSync(join(tmpdir(), 'baton-stack-'))
})
after(() => {
  for (const made of [bin, folder]) rmSync(made, { recursive: true })
})

const open = (options: Partial<TerraformOptions> = {}) => openTerraform(binary, { folder, ...options })
const configure = (resource: Record<string, Record<string, object>>) =>
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ resource }))
const break_ = (faults: Faults) => writeFileSync(join(folder, 'fake.json'), JSON.stringify(faults))
const state = () => JSON.parse(readFileSync(join(folder, 'fake.tfstate'), 'utf8'))
const failing = async (work: Promise<unknown>, code: TerraformError['code']): Promise<TerraformError> => {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(error instanceof TerraformError, `a TerraformError is expected, not ${error}`)
  assert.equal(error.code, code)
  return error
}

describe('Terraform over a folder', () => {
  test('plans, applies exactly that plan, and has nothing to do afterwards', async () => {
    configure({ aws_vpc: { main: { cidr: '10.0.0.0/16' } }, aws_lb: { main: { name: 'x' } } })
    const events: UiEvent[] = []
    const terraform = open({ onEvent: (event) => events.push(event) })
    await terraform.init()
    const plan = await terraform.plan()
    assert.equal(describePlan(plan), '2 to create')
    assert.deepEqual(await terraform.apply(), { add: 2, change: 0, remove: 0, import: 0 })
    const again = await terraform.plan()
    assert.equal(again.applicable, false)
    assert.equal(describePlan(again), 'nothing to do')
    assert.deepEqual(
      events.filter(({ type }) => type === 'finished'),
      ['aws_vpc.main', 'aws_lb.main'].map((address) => ({
        type: 'finished',
        address,
        action: 'create',
        elapsedSeconds: 1,
      })),
    )
    assert.ok(events.some((event) => event.type === 'message' && event.text === 'a line that is no JSON'))
    assert.deepEqual(await terraform.addresses(), ['aws_vpc.main', 'aws_lb.main'])
    assert.deepEqual(await terraform.outputs(), { name_servers: ['ns-1.example'] })
  })

  test('leaves no plan behind, and lets no other user read one', async () => {
    configure({ aws_vpc: { main: {} } })
    const terraform = open()
    await terraform.plan()
    const file = join(folder, 'baton.tfplan')
    assert.equal(statSync(file).mode & 0o077, 0)
    await terraform.discardPlan()
    assert.equal(existsSync(file), false)
    await terraform.plan()
    await terraform.apply()
    assert.equal(existsSync(file), false)
  })

  test('reports what init complains of, and how to fix a registry out of reach', async () => {
    break_({
      init: {
        severity: 'error',
        summary: 'Failed to query available provider packages',
        detail:
          'Could not retrieve the list of available versions for provider hashicorp/aws: could not connect to registry.terraform.io',
      },
    })
    const error = await failing(open().init(), 'init-failed')
    assert.match(
      error.message,
      /^Terraform init failed:\n {2}Failed to query available provider packages: Could not/,
    )
    assert.match(error.fix, /mirror/)
  })

  test('reports a plan’s errors with address, place and fix', async () => {
    break_({
      plan: {
        severity: 'error',
        summary: 'Extraneous JSON object property',
        detail: 'No argument or block type is named "nmae". Did you mean "name"?',
        range: { filename: 'cdk.tf.json', start: { line: 2, column: 36, byte: 82 } },
        snippet: { context: 'resource.aws_lb.main', code: '"nmae": 1' },
      },
    })
    const error = await failing(open().plan(), 'plan-failed')
    assert.deepEqual(error.diagnostics, [
      {
        severity: 'error',
        summary: 'Extraneous JSON object property',
        detail: 'No argument or block type is named "nmae". Did you mean "name"?',
        address: 'aws_lb.main',
        place: 'cdk.tf.json:2',
      },
    ])
    assert.match(
      error.message,
      /aws_lb\.main: Extraneous JSON object property: No argument.*\(cdk\.tf\.json:2\)/,
    )
  })

  test('goes on where a failed apply stopped', async () => {
    configure({ aws_vpc: { main: {} }, aws_lb: { main: {} }, aws_ecs_cluster: { main: {} } })
    break_({
      apply: { address: 'aws_lb.main', detail: 'api error AccessDenied: not authorized to perform: x' },
    })
    const terraform = open()
    await terraform.plan()
    const error = await failing(terraform.apply(), 'apply-failed')
    assert.match(error.message, /aws_lb\.main: creating aws_lb\.main: api error AccessDenied/)
    assert.match(error.fix, /lacks this permission/)
    break_({})
    assert.equal(describePlan(await terraform.plan()), '2 to create')
    await terraform.apply()
    assert.equal((await terraform.plan()).applicable, false)
  })

  test('an interrupt reaches Terraform once, and its state is complete when the call ends', async () => {
    configure(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`aws_${name}`, { main: {} }])))
    break_({ applyMs: 300 })
    const controller = new AbortController()
    const messages: string[] = []
    const terraform = open({
      signal: controller.signal,
      onEvent(event) {
        if (event.type === 'started') controller.abort()
        if (event.type === 'message') messages.push(event.text)
      },
    })
    await terraform.plan()
    const error = await failing(terraform.apply(), 'interrupted')
    assert.match(error.message, /stopped in good order/)
    assert.equal(messages.filter((text) => text.startsWith('Interrupt received')).length, 1)
    assert.deepEqual(Object.keys(state()), ['aws_a.main'])
    break_({})
    const second = open()
    assert.equal(describePlan(await second.plan()), '3 to create')
    await second.apply()
    assert.equal(Object.keys(state()).length, 4)
  })

  test('nothing is started once the signal is aborted', async () => {
    const error = await failing(open({ signal: AbortSignal.abort() }).plan(), 'interrupted')
    assert.match(error.message, /not started/)
  })

  test('plans for some addresses, to destroy, and forgets the addresses that it is given', async () => {
    configure({ aws_vpc: { main: {} }, aws_lb: { main: { name: 'x' } } })
    const terraform = open()
    assert.deepEqual(await terraform.addresses(), [])
    await terraform.plan({ targets: ['aws_lb.main'] })
    assert.equal((await terraform.apply()).add, 1)
    await terraform.plan()
    await terraform.apply()
    await terraform.forget(['aws_vpc.main'])
    await terraform.forget([])
    const plan = await terraform.plan({ destroy: true })
    assert.deepEqual(summarize(plan), { create: 0, update: 0, replace: 0, delete: 1, import: 0 })
    assert.equal((await terraform.apply()).remove, 1)
  })

  test('a renamed bucket stops at the guard until its address is named', async () => {
    configure({ aws_s3_bucket: { sites: { name: 'a' } } })
    const terraform = open()
    await terraform.plan()
    await terraform.apply()
    configure({ aws_s3_bucket: { sites: { name: 'b' } } })
    const plan = await terraform.plan()
    assert.deepEqual(
      stoppedChanges(plan).map(({ address, action, forcedBy }) => ({ address, action, forcedBy })),
      [{ address: 'aws_s3_bucket.sites', action: 'replace', forcedBy: ['name'] }],
    )
    assert.deepEqual(stoppedChanges(plan, ['aws_s3_bucket.sites']), [])
  })
})
