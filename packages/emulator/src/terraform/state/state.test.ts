/** What the state says of an instance that an apply finds as it should be, and the order that follows from it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFixture } from '../test-kit/engine.test-kit.ts'

const things = (of: Record<string, object>) => ({ resource: { aws_thing: of } })

test('a protection that is taken off, or put on, counts at the next destroy though nothing else changed', async (t) => {
  const { apply, terraform, write } = createFixture(t)
  const isProtected = (prevent_destroy: boolean) =>
    write(things({ a: { name: 'a', lifecycle: { prevent_destroy } } }))
  isProtected(false)
  await apply()
  isProtected(true)
  assert.deepEqual((await apply()).changes, [])
  await assert.rejects(terraform.destroy('test'), /prevent_destroy protects it/)
  isProtected(false)
  assert.deepEqual((await apply()).changes, [])
  await terraform.destroy('test')
})

test('a dependency that was added later orders the destroy', async (t) => {
  const { apply, ledger, terraform, write } = createFixture(t)
  write(things({ b: { name: 'b' }, a: { name: 'a' } }))
  await apply()
  write(things({ b: { name: 'b', depends_on: ['aws_thing.a'] }, a: { name: 'a' } }))
  await apply()
  await terraform.destroy('test')
  assert.deepEqual(ledger.slice(-2), ['delete aws_thing.b', 'delete aws_thing.a'])
})

test('what depended on another through a third goes first, though the third stays', async (t) => {
  const { apply, ledger, write } = createFixture(t)
  write(
    things({
      base: { name: 'base' },
      middle: { name: 'middle', depends_on: ['aws_thing.base'] },
      top: { name: 'top', depends_on: ['aws_thing.middle'] },
    }),
  )
  await apply()
  write(things({ middle: { name: 'middle' } }))
  await apply()
  assert.deepEqual(ledger.slice(-2), ['delete aws_thing.top', 'delete aws_thing.base'])
})

// AWS provider's guide to resource tagging
test('ignored tags are ignored in tags_all, which still follows the default tags', async (t) => {
  const { apply, plan, write } = createFixture(t)
  const tagged = (version: string, team: string, ignored = 'tags') =>
    write({
      provider: { aws: [{ default_tags: [{ tags: { team } }] }] },
      ...things({ a: { name: 'a', tags: { version }, lifecycle: { ignore_changes: [ignored] } } }),
    })
  tagged('1', 'shop')
  await apply()
  tagged('2', 'shop')
  assert.deepEqual((await plan()).changes, [])
  tagged('2', 'shop', 'tags["version"]')
  assert.deepEqual((await plan()).changes, [])
  tagged('2', 'stock')
  assert.deepEqual(
    (await plan()).changes.map(({ changed }) => changed),
    [['tags_all']],
  )
})

// https://developer.hashicorp.com/terraform/language/data-sources#dependencies
test('data waits for what it depends on by name: one instance, or what another data source waits for', async (t) => {
  const { apply, ledger, write } = createFixture(t)
  const lookups = (of: Record<string, object>) => ({ data: { aws_lookup: of } })
  write({
    ...things({ a: { name: 'a', count: 1 } }),
    ...lookups({
      first: { key: 'x', depends_on: ['aws_thing.a[0]'] },
      second: { key: 'y', depends_on: ['data.aws_lookup.first'] },
    }),
  })
  await apply()
  assert.deepEqual(ledger, [
    'create aws_thing.a[0]',
    'read data.aws_lookup.first',
    'read data.aws_lookup.second',
  ])
})
