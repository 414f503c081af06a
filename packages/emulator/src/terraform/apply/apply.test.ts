import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApplyEvent, TerraformError } from '../index.ts'
import { createFixture } from '../test-kit/engine.test-kit.ts'

const chain = (name: string, more: object = {}) => ({
  resource: {
    aws_thing: {
      top: { name: 'top', needs: ['${aws_thing.middle.id}'] },
      middle: { name: 'middle', needs: ['${aws_thing.base.arn}'] },
      base: { name, ...more },
    },
  },
})

test('creates what is referred to first, fills in what it learns, and deletes in reverse', async (t) => {
  const { apply, write, ledger, things, given, terraform, plan } = createFixture(t)
  write({
    ...chain('base'),
    output: { id: { value: '${aws_thing.top.id}' }, key: { value: 'k', sensitive: true } },
  })
  assert.deepEqual((await plan()).outputs, {})
  const result = await apply()
  assert.deepEqual(ledger, ['create aws_thing.base', 'create aws_thing.middle', 'create aws_thing.top'])
  assert.deepEqual(given.get('aws_thing.middle')?.needs, ['arn:aws:thing:::thing-1'])
  assert.equal(given.get('aws_thing.base')?.size, 1, 'defaults are filled in')
  assert.deepEqual(result.outputs, { id: 'thing-3', key: 'k' })
  assert.deepEqual(result.sensitiveOutputs, ['key'])
  assert.deepEqual(terraform.outputs('test'), result.outputs)
  assert.deepEqual((await plan()).changes, [])
  ledger.length = 0
  await terraform.destroy('test')
  assert.deepEqual(ledger, ['delete aws_thing.top', 'delete aws_thing.middle', 'delete aws_thing.base'])
  assert.equal(things.size, 0)
  assert.deepEqual(terraform.resources(), [])
  assert.deepEqual(terraform.outputs('test'), {})
})

test('changes in place what can be changed in place', async (t) => {
  const { apply, write, ledger } = createFixture(t)
  write(chain('base'))
  await apply()
  write(chain('base', { size: 3 }))
  ledger.length = 0
  const { changes } = await apply()
  assert.deepEqual(changes, [{ address: 'aws_thing.base', action: 'update', changed: ['size'] }])
  assert.deepEqual(ledger, ['update aws_thing.base'])
})

test('replaces by deleting first, and changes afterwards who used it', async (t) => {
  const { apply, write, ledger, plan } = createFixture(t)
  write(chain('base'))
  await apply()
  write(chain('renamed'))
  ledger.length = 0
  const planned = await plan()
  assert.deepEqual(planned.changes, [
    {
      address: 'aws_thing.base',
      action: 'replace',
      changed: ['name'],
      reason: 'name forces replacement',
      forcedBy: ['name'],
    },
    { address: 'aws_thing.middle', action: 'update', changed: ['needs'] },
  ])
  await apply()
  assert.deepEqual(ledger, ['delete aws_thing.base', 'create aws_thing.base', 'update aws_thing.middle'])
  assert.deepEqual((await plan()).changes, [])
})

test('with create_before_destroy the old one goes last', async (t) => {
  const { apply, write, ledger, plan } = createFixture(t)
  const lifecycle = { create_before_destroy: true }
  write(chain('base', { lifecycle }))
  await apply()
  write(chain('renamed', { lifecycle }))
  ledger.length = 0
  const { changes } = await apply()
  assert.equal(changes.find(({ action }) => action === 'replace')?.createBeforeDestroy, true)
  assert.deepEqual(ledger, ['create aws_thing.base', 'update aws_thing.middle', 'delete aws_thing.base'])
  assert.deepEqual((await plan()).changes, [])
})

test('create_before_destroy reaches what the resource needs', async (t) => {
  const { apply, write, ledger } = createFixture(t)
  const folder = (name: string) => ({
    resource: {
      aws_thing: {
        base: { name },
        user: { name: '${aws_thing.base.id}', lifecycle: { create_before_destroy: true } },
      },
    },
  })
  write(folder('one'))
  await apply()
  write(folder('two'))
  ledger.length = 0
  await apply()
  assert.deepEqual(ledger, [
    'create aws_thing.base',
    'create aws_thing.user',
    'delete aws_thing.user',
    'delete aws_thing.base',
  ])
})

test('a replacement can be triggered by another resource', async (t) => {
  const { apply, write, plan } = createFixture(t)
  const folder = (size: number) => ({
    resource: {
      aws_thing: {
        a: { name: 'a', size },
        b: { name: 'b', lifecycle: { replace_triggered_by: ['aws_thing.a'] } },
        c: { name: 'c', lifecycle: { replace_triggered_by: ['${aws_thing.a.note}'] } },
      },
      terraform_data: { d: { input: '${aws_thing.a.size}', triggers_replace: [`\${aws_thing.a.size}`] } },
    },
  })
  write(folder(1))
  await apply()
  write(folder(2))
  const actions = (await plan()).changes.map(({ address, action }) => `${action} ${address}`)
  assert.deepEqual(actions, ['update aws_thing.a', 'replace aws_thing.b', 'replace terraform_data.d'])
})

test('deletes what is no longer in the configuration', async (t) => {
  const { apply, write, ledger } = createFixture(t)
  write(chain('base'))
  await apply()
  write({ resource: { aws_thing: { base: { name: 'base' } } } })
  ledger.length = 0
  await apply()
  assert.deepEqual(ledger, ['delete aws_thing.top', 'delete aws_thing.middle'])
})

test('an apply that failed goes on where it stopped, also after a restart', async (t) => {
  const { apply, write, ledger, failing, folder, reopen } = createFixture(t)
  write({ resource: { aws_thing: { ...chain('base').resource.aws_thing, beside: { name: 'beside' } } } })
  failing.add('aws_thing.middle')
  const events: ApplyEvent[] = []
  const failed = apply({ onProgress: (event: ApplyEvent) => events.push(event) })
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof TerraformError)
    assert.match(error.message, /aws_thing\.middle: It could not be applied\. ThingRefused: try again\./)
    const { changes = [], pending = [] } = error.unfinished ?? {}
    assert.deepEqual(changes.map(({ address }) => address).sort(), ['aws_thing.base', 'aws_thing.beside'])
    assert.deepEqual(pending, [{ address: 'aws_thing.top', action: 'create' }])
    return true
  })
  assert.deepEqual([...ledger].sort(), ['create aws_thing.base', 'create aws_thing.beside'])
  const last = events.find((event) => event.type === 'resource' && event.state === 'failed')
  assert.deepEqual(last?.type === 'resource' && [last.address, last.action, last.total], [
    'aws_thing.middle',
    'create',
    4,
  ])
  ledger.length = 0
  await reopen().apply(folder, { stack: 'test' })
  assert.deepEqual(ledger, ['create aws_thing.middle', 'create aws_thing.top'])
})

test('a replaced object that could not be deleted is deleted by the next apply', async (t) => {
  const { apply, write, ledger, failing, things, plan } = createFixture(t)
  const folder = (name: string) => ({
    resource: {
      aws_thing: {
        base: { name, lifecycle: { create_before_destroy: true } },
        user: { name: '${aws_thing.base.id}' },
      },
    },
  })
  write(folder('one'))
  await apply()
  write(folder('two'))
  failing.add('aws_thing.user')
  await assert.rejects(apply())
  assert.deepEqual(
    [...things.values()].map((thing) => thing.name),
    ['one', 'two'],
  )
  ledger.length = 0
  await apply()
  assert.deepEqual(
    [...things.values()].map((thing) => thing.name),
    ['two', 'thing-3'],
  )
  assert.deepEqual((await plan()).changes, [])
})

test('stops when asked to, and keeps what was done', async (t) => {
  const { apply, write, ledger } = createFixture(t)
  write(chain('base'))
  const stop = new AbortController()
  const onProgress = (event: ApplyEvent) => {
    if (event.type === 'resource' && event.state === 'done') stop.abort()
  }
  await assert.rejects(apply({ signal: stop.signal, onProgress }), /1 of 3 steps were done and are kept/)
  assert.deepEqual(ledger, ['create aws_thing.base'])
  await apply()
  assert.equal(ledger.length, 3)
})

test('two applies of one stack do not run at once', async (t) => {
  const { apply, write } = createFixture(t)
  write(chain('base'))
  const first = apply()
  await assert.rejects(apply(), /The state of "test" is locked/)
  await first
})

test('reads data at once where it can, and during the apply where it must wait', async (t) => {
  const { apply, write, ledger, given, plan } = createFixture(t)
  write({
    data: {
      aws_lookup: {
        early: { key: 'k' },
        late: { key: '${aws_thing.a.arn}' },
        waiting: { key: 'w', depends_on: ['aws_thing.a'] },
      },
    },
    resource: {
      aws_thing: {
        a: { name: '${data.aws_lookup.early.value}' },
        b: { name: '${data.aws_lookup.late.value}', note: '${data.aws_lookup.waiting.value}' },
      },
    },
  })
  const planned = await plan()
  assert.deepEqual(ledger, ['read data.aws_lookup.early'])
  assert.deepEqual(
    planned.changes.map(({ address, action }) => `${action} ${address}`),
    ['create aws_thing.a', 'create aws_thing.b', 'read data.aws_lookup.late', 'read data.aws_lookup.waiting'],
  )
  await apply()
  assert.equal(given.get('aws_thing.b')?.name, 'value of arn:aws:thing:::thing-1')
  assert.equal(given.get('aws_thing.b')?.note, 'value of w')
  assert.deepEqual((await plan()).changes, [])
  write({ data: { aws_lookup: { gone: { key: 'missing' } } } })
  await assert.rejects(plan(), /data\.aws_lookup\.gone: It cannot be read\. NoSuchKey/)
})

test('ephemeral values reach write-only attributes and nothing that is kept', async (t) => {
  const { apply, write, given, ledger, store, plan } = createFixture(t)
  const folder = (version: number) => ({
    ephemeral: { aws_password: { p: { length: 4 } } },
    locals: { secret: '${ephemeral.aws_password.p.text}' },
    resource: { aws_thing: { a: { name: 'a', secret_wo: '${local.secret}', secret_wo_version: version } } },
  })
  write(folder(1))
  await apply()
  assert.equal(given.get('aws_thing.a')?.secret_wo, 'pppp')
  assert.ok(!JSON.stringify(store.collection('terraform.test').values()).includes('pppp'))
  ledger.length = 0
  assert.deepEqual((await apply()).changes, [])
  assert.deepEqual(ledger, [], 'nothing is opened where nothing changes')
  write(folder(2))
  await apply()
  assert.deepEqual(ledger, ['open ephemeral.aws_password.p', 'update aws_thing.a'])
  write({ ...folder(2), resource: { aws_thing: { a: { name: '${local.secret}' } } } })
  await assert.rejects(plan(), /aws_thing\.a\.name: Ephemeral value in a kept attribute/)
})

test('postconditions see what was made', async (t) => {
  const { apply, write, things } = createFixture(t)
  const postcondition = [
    { condition: '${self.endpoint == "x"}', error_message: 'the endpoint is ${self.endpoint}' },
  ]
  write({
    resource: {
      aws_thing: { a: { name: 'a', lifecycle: { postcondition } }, b: { name: '${aws_thing.a.id}' } },
    },
  })
  await assert.rejects(
    apply(),
    /aws_thing\.a: The postcondition does not hold\. the endpoint is thing-1\.example/,
  )
  assert.equal(things.size, 1)
})
