import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TerraformError } from './index.ts'
import { createFixture } from './test-kit/engine.test-kit.ts'

function folderOf(t: TestContext, document: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-check-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(document))
  return folder
}

const first = { resource: { aws_thing: { a: { name: 'a', colour: 'red' } } } }
const second = {
  data: { aws_lookup: { made_by_first: { key: 'missing' } } },
  resource: {
    aws_unheard_of: { u: { name: 'u' } },
    aws_thing: {
      // Known once the first stack is applied, and only then.
      each: { for_each: '${toset([data.aws_lookup.made_by_first.value])}', name: '${each.key}' },
      b: { name: '${data.aws_lookup.made_by_first.value}', rule: [{ port: 1, speed: 2 }] },
    },
  },
}

test('a check tells what is wrong with every stack at once, and does nothing', async (t) => {
  const { terraform, ledger } = createFixture(t)
  const stacks = [
    { name: 'first', folder: folderOf(t, first) },
    { name: 'second', folder: folderOf(t, second) },
  ]
  const error = await terraform.check(stacks).then(
    () => assert.fail('the stacks were accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof TerraformError, String(error))
  assert.deepEqual(
    error.diagnostics.map(({ stack, address, attribute, summary }) => [stack, address, attribute, summary]),
    [
      ['first', 'aws_thing.a', 'colour', 'Unknown attribute'],
      ['second', 'aws_unheard_of.u', undefined, 'Unknown resource type "aws_unheard_of"'],
      ['second', 'aws_thing.b', 'rule[0].speed', 'Unknown attribute'],
    ],
  )
  assert.match(error.message, /^first: aws_thing\.a\.colour: Unknown attribute/)
  assert.deepEqual(ledger, [], 'no data source was read')
  assert.deepEqual(terraform.resources(), [])
})

test('a check accepts what an apply accepts: inert types, and what only an apply can know', async (t) => {
  const { terraform } = createFixture(t)
  const { aws_unheard_of, aws_thing } = second.resource
  const { b: _wrong, ...rest } = aws_thing
  const folder = folderOf(t, { ...second, resource: { aws_unheard_of, aws_thing: rest } })
  await terraform.check([{ name: 'second', folder }], { inert: ['aws_unheard_of'] })
})

test('a check takes the variables of each stack', async (t) => {
  const { terraform } = createFixture(t)
  const folder = folderOf(t, {
    variable: { size: { type: 'number' } },
    resource: { aws_thing: { a: { name: 'a', size: '${var.size}' } } },
  })
  await assert.rejects(terraform.check([{ name: 's', folder }]), /s: var\.size: Missing value/)
  await terraform.check([{ name: 's', folder, variables: { size: 2 } }])
})
