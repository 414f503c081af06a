/**
 * What is believed of Terraform, asked of a real one where this machine has it. Only `terraform_data` is used,
 * which is built in: no registry, no account.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findTerraform } from './binary.ts'
import { describePlan } from './plan.ts'
import { openTerraform } from './terraform.ts'
import type { UiEvent } from './ui.ts'

const binary = await findTerraform().catch(() => undefined)
const skip = binary === undefined ? 'SKIPPED: no terraform or tofu of 1.11 or later on this machine' : false
if (skip) console.warn(`\n*** ${skip} ***\n`)

describe('a real Terraform', { skip }, () => {
  if (binary === undefined) return
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-real-'))
  })
  after(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content))
  const events: UiEvent[] = []

  test('says its version', () => assert.match(binary.version, /^\d+\.\d+\.\d+/))

  test('plans, adopts, replaces and destroys in the formats that are read here', async () => {
    const stack = (input: string) => ({
      // An override replaces the backend of a stack: no bucket is asked.
      terraform: { backend: { s3: { bucket: 'none', key: 'none', region: 'us-east-1' } } },
      resource: { terraform_data: { kept: { input: 'x' }, other: { triggers_replace: [input] } } },
      output: { name_servers: { value: ['a', 'b'] } },
    })
    write('cdk.tf.json', stack('1'))
    write('backend_override.tf.json', { terraform: { backend: { local: { path: 'test.tfstate' } } } })
    write('adopt.tf.json', { import: [{ to: 'terraform_data.kept', id: 'known' }] })
    const terraform = openTerraform(binary, { folder, onEvent: (event) => events.push(event) })
    await terraform.init()
    assert.deepEqual(await terraform.addresses(), [])
    assert.equal(describePlan(await terraform.plan()), '1 to create, 1 to change, 1 to adopt')
    assert.deepEqual(await terraform.apply(), { add: 1, change: 1, remove: 0, import: 1 })
    assert.deepEqual(await terraform.outputs(), { name_servers: ['a', 'b'] })
    // An import block stays where it is: what is adopted is not adopted again.
    assert.equal(describePlan(await terraform.plan()), 'nothing to do')
    write('cdk.tf.json', stack('2'))
    const plan = await terraform.plan()
    assert.deepEqual(
      plan.changes.map(({ address, action, forcedBy }) => ({ address, action, forcedBy })),
      [{ address: 'terraform_data.other', action: 'replace', forcedBy: ['triggers_replace'] }],
    )
    await terraform.forget(['terraform_data.kept'])
    assert.deepEqual(await terraform.addresses(), ['terraform_data.other'])
    assert.equal(describePlan(await terraform.plan({ destroy: true })), '1 to delete')
    assert.equal((await terraform.apply()).remove, 1)
    assert.ok(events.some((event) => event.type === 'finished' && event.action === 'delete'))
  })

  test('an interrupted apply ends in good order and goes on later', async () => {
    write('cdk.tf.json', {
      resource: {
        terraform_data: {
          first: {},
          slow: {
            depends_on: ['terraform_data.first'],
            provisioner: [{ 'local-exec': { command: 'sleep 20' } }],
          },
        },
      },
    })
    write('adopt.tf.json', {})
    const controller = new AbortController()
    const terraform = openTerraform(binary, {
      folder,
      signal: controller.signal,
      onEvent(event) {
        if (event.type === 'started' && event.address === 'terraform_data.slow') controller.abort()
      },
    })
    await terraform.init()
    await terraform.plan()
    await assert.rejects(terraform.apply(), { code: 'interrupted' })
    const again = openTerraform(binary, { folder })
    assert.ok((await again.addresses()).includes('terraform_data.first'))
    // Interrupted before Terraform had begun it, the slow one is still to be made; after, it is tainted.
    assert.match(describePlan(await again.plan()), /^1 to (create|replace)$/)
    await again.discardPlan()
  })

  test('a mistake is reported with its address and place', async () => {
    write('cdk.tf.json', { resource: { terraform_data: { wrong: { inputt: 'x' } } } })
    const terraform = openTerraform(binary, { folder })
    await assert.rejects(terraform.plan(), (error: Error) => {
      assert.match(error.message, /terraform_data\.wrong: .*inputt.* \(cdk\.tf\.json:1\)/s)
      return true
    })
  })
})
