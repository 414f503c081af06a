/** `import` blocks: what exists already is brought into the state instead of being created. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFixture } from '../test-kit/engine.test-kit.ts'

const things = (of: Record<string, object>) => ({ resource: { aws_thing: of } })
const adopt = (id: string, to = 'aws_thing.a') => ({ import: [{ to, id }] })

/** A thing that Terraform does not know. */
async function orphan(fixture: ReturnType<typeof createFixture>): Promise<string> {
  fixture.write(things({ old: { name: 'a', tags: { owner: 'me' } } }))
  await fixture.apply()
  const [id = ''] = fixture.things.keys()
  fixture.write({ ...things({}), removed: [{ from: 'aws_thing.old', lifecycle: [{ destroy: false }] }] })
  await fixture.apply()
  return id
}

// https://developer.hashicorp.com/terraform/language/block/import
test('what exists is imported, changed in place, and found imported by the next plan', async (t) => {
  const fixture = createFixture(t)
  const id = await orphan(fixture)
  fixture.write({ ...things({ a: { name: 'a', size: 2, tags: { owner: 'me' } } }), ...adopt(id) })
  const { changes } = await fixture.apply()
  assert.deepEqual(
    changes.map(({ action, address, changed }) => [action, address, changed]),
    [
      ['import', 'aws_thing.a', undefined],
      ['update', 'aws_thing.a', ['size']],
    ],
  )
  assert.deepEqual([...fixture.things.keys()], [id])
  assert.deepEqual((await fixture.plan()).changes, [])
  await fixture.terraform.destroy('test')
  assert.equal(fixture.things.size, 0)
})

test('what is as the configuration says is in the state after the apply, though nothing is done to it', async (t) => {
  const fixture = createFixture(t)
  const id = await orphan(fixture)
  fixture.write({ ...things({ a: { name: 'a', tags: { owner: 'me' } } }), ...adopt(id) })
  await fixture.apply()
  assert.deepEqual(
    fixture.terraform.resources('test').map(({ address, attributes }) => [address, attributes.id]),
    [['aws_thing.a', id]],
  )
})

test('an import without its object, its block or its type is refused by name', async (t) => {
  const fixture = createFixture(t)
  fixture.write({ ...things({ a: { name: 'a' } }), ...adopt('nowhere') })
  await assert.rejects(fixture.apply(), /aws_thing\.a.*Cannot import non-existent remote object/s)
  fixture.write({ ...things({ a: { name: 'a' } }), ...adopt('nowhere', 'aws_thing.b') })
  await assert.rejects(fixture.apply(), /aws_thing\.b.*There is no resource block with this address/s)
  fixture.write({ resource: { terraform_data: { d: {} } }, ...adopt('x', 'terraform_data.d') })
  await assert.rejects(fixture.apply(), /The emulator does not import terraform_data/)
  fixture.write({ ...things({ a: { name: 'a' } }), ...adopt('${var.id}') })
  await assert.rejects(fixture.apply(), /This import is not rehearsed/)
  assert.equal(fixture.things.size, 0)
})
