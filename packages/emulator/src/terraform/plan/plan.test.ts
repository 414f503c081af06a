import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TerraformError } from '../index.ts'
import { createFixture } from '../test-kit/engine.test-kit.ts'

const actions = (changes: readonly { address: string; action: string }[]) =>
  changes.map(({ action, address }) => `${action} ${address}`)

/** The diagnostics of a plan that must fail, as `address: summary`. */
async function refusals(plan: Promise<unknown>): Promise<string[]> {
  try {
    await plan
  } catch (error) {
    assert.ok(error instanceof TerraformError, String(error))
    return error.diagnostics.map(
      ({ address, attribute, summary }) => `${[address, attribute].filter(Boolean).join('.')}: ${summary}`,
    )
  }
  throw new Error('the plan was accepted')
}

test('collects everything that is wrong with a folder, each with its place', async (t) => {
  const { plan, write } = createFixture(t)
  write({
    variable: { size: { type: 'number' }, wrong: { type: 'number', default: 'x' } },
    locals: { broken: '${var.nowhere}' },
    resource: {
      aws_thing: {
        a: { name: 'a', colour: 'red', rule: [{ port: 1, speed: 2 }], arn: 'x' },
        b: { name: '${aws_thing.missing.id}', size: '${aws_thing.a.nothing}' },
        c: { name: '${upper(1, 2)}', rule: { port: '${"x" + 1}' } },
        d: { name: 'd', for_each: ['x'] },
      },
      aws_unheard_of: { e: { anything: 1 } },
    },
    output: { o: { value: '${local.broken}' } },
  })
  assert.deepEqual(await refusals(plan()), ['var.size: Missing value', 'var.wrong: Invalid value'])
  assert.deepEqual(await refusals(plan({ variables: { size: 1, wrong: 2 } })), [
    'aws_thing.a.colour: Unknown attribute',
    'aws_thing.a.rule[0].speed: Unknown attribute',
    'aws_thing.a.arn: Attribute cannot be set',
    'aws_thing.b.name: Reference to undeclared aws_thing.missing',
    'aws_thing.b.size: Unsupported attribute',
    'aws_thing.c.name: Error in function call',
    'aws_thing.c.rule[0].port: Invalid value',
    'aws_thing.d: Invalid for_each',
    'aws_unheard_of.e: Unknown resource type "aws_unheard_of"',
    'local.broken: Reference to undeclared var.nowhere',
    'output.o: Reference to undeclared var.nowhere',
  ])
})

test('names the addresses on a cycle', async (t) => {
  const { plan, write } = createFixture(t)
  write({
    locals: { through: '${aws_thing.b.id}' },
    resource: { aws_thing: { a: { name: '${local.through}' }, b: { name: '${aws_thing.a.id}' } } },
  })
  await assert.rejects(plan(), /local\.through → aws_thing\.b → aws_thing\.a → local\.through/)
})

test('refuses what it does not rehearse: modules, provisioners, HCL', async (t) => {
  const { plan, write } = createFixture(t)
  write({
    module: { m: { source: './m' } },
    resource: { aws_thing: { a: { name: 'a', provisioner: [{ 'local-exec': {} }] } } },
  })
  assert.deepEqual(await refusals(plan()), [
    'module: Blocks "module" are not rehearsed',
    'aws_thing.a: A provisioner is not rehearsed',
  ])
})

test('accepts a type that is named inert, and says that it is not rehearsed', async (t) => {
  const { apply, write, given, plan, terraform } = createFixture(t)
  write({
    data: { aws_strange: { d: {} } },
    resource: {
      aws_stream: { s: { name: 'stream' } },
      aws_thing: {
        a: { name: '${aws_stream.s.name}', note: '${aws_stream.s.arn} ${data.aws_strange.d.list[0].x}' },
      },
    },
  })
  const result = await apply({ inert: ['aws_stream', 'aws_strange'] })
  assert.deepEqual(result.inert, ['aws_stream.s', 'data.aws_strange.d'])
  assert.equal(given.get('aws_thing.a')?.name, 'stream')
  assert.equal(given.get('aws_thing.a')?.note, 'aws_stream.s.arn data.aws_strange.d.list[0].x')
  assert.deepEqual((await plan({ inert: ['aws_stream', 'aws_strange'] })).changes, [])
  await terraform.destroy('test')
  assert.deepEqual(terraform.resources(), [])
})

test('expands count, for_each and dynamic blocks', async (t) => {
  const { apply, write, terraform } = createFixture(t)
  write({
    variable: { zones: { type: 'list(string)', default: ['a', 'b'] } },
    resource: {
      aws_thing: {
        counted: { count: '${length(var.zones)}', name: '${var.zones[count.index]}' },
        each: {
          for_each: '${{for z in var.zones : z => upper(z)}}',
          name: '${each.key}-${each.value}',
          dynamic: {
            rule: { for_each: '${[80, 443]}', iterator: 'door', content: { port: '${door.value}' } },
          },
        },
        user: {
          name: '${join(",", aws_thing.counted[*].name)} ${aws_thing.each["b"].name} ${aws_thing.each["a"].rule[1].port}',
        },
      },
    },
  })
  await apply()
  const names = Object.fromEntries(
    terraform.resources('test').map(({ address, attributes }) => [address, attributes.name]),
  )
  assert.deepEqual(names, {
    'aws_thing.counted[0]': 'a',
    'aws_thing.counted[1]': 'b',
    'aws_thing.each["a"]': 'a-A',
    'aws_thing.each["b"]': 'b-B',
    'aws_thing.user': 'a,b b-B 443',
  })
})

test('adds default tags to tags_all, and takes the region of the block, of the alias, of the provider', async (t) => {
  const { apply, write, terraform } = createFixture(t)
  write({
    provider: {
      aws: [
        { region: 'eu-west-1', default_tags: [{ tags: { project: 'p', owner: 'o' } }] },
        { alias: 'edge', region: 'us-east-1' },
      ],
    },
    resource: {
      aws_thing: {
        a: { name: 'a', tags: { owner: 'me' } },
        b: { name: 'b', provider: 'aws.edge' },
        c: { name: 'c', region: 'sa-east-1' },
      },
    },
  })
  await apply()
  const [a, b, c] = terraform.resources('test').map(({ attributes }) => attributes)
  assert.deepEqual(a?.tags_all, { project: 'p', owner: 'me' })
  assert.deepEqual(a?.tags, { owner: 'me' })
  assert.deepEqual([a?.region, b?.region, c?.region], ['eu-west-1', 'us-east-1', 'sa-east-1'])
})

test('sees what changed outside of Terraform, and leaves alone what is ignored', async (t) => {
  const { apply, write, plan, things } = createFixture(t)
  const thing = { name: 'a', size: 1, rule: [{ port: 80, target: [{ arn: 'x', weight: 100 }] }] }
  write({ resource: { aws_thing: { a: thing, b: { name: 'b' } } } })
  await apply()
  const [id = '', other = ''] = things.keys()
  things.set(id, {
    ...things.get(id),
    size: 5,
    rule: [{ port: 80, target: [{ arn: 'y', weight: 0 }], rule_id: 'r' }],
  })
  things.delete(other)
  const drifted = await plan()
  assert.deepEqual(actions(drifted.changes), ['update aws_thing.a', 'create aws_thing.b'])
  assert.deepEqual(drifted.changes[0]?.changed, ['size', 'rule[0].target[0].arn', 'rule[0].target[0].weight'])
  assert.equal(drifted.changes[1]?.reason, 'it is gone')
  assert.deepEqual(drifted.drift, ['aws_thing.a', 'aws_thing.b'])
  assert.deepEqual((await plan({ refresh: false })).changes, [])

  const ignoring = (lifecycle: object) => write({ resource: { aws_thing: { a: { ...thing, lifecycle } } } })
  ignoring({ ignore_changes: ['size', 'rule[0].target[0].arn'] })
  assert.deepEqual((await plan()).changes[0]?.changed, ['rule[0].target[0].weight'])
  ignoring({ ignore_changes: ['size', 'rule'] })
  assert.deepEqual(actions((await plan()).changes), ['forget aws_thing.b'])
  ignoring({ ignore_changes: 'all' })
  assert.deepEqual(actions((await plan()).changes), ['forget aws_thing.b'])
  ignoring({ ignore_changes: ['colour'] })
  assert.deepEqual(await refusals(plan()), [
    'aws_thing.a: ignore_changes names an unknown attribute "colour"',
  ])
})

test('compares sets without their order, numbers with their texts, and nothing with empty', async (t) => {
  const { apply, write, plan } = createFixture(t)
  write({
    resource: {
      aws_thing: { a: { name: 'a', size: 2, members: ['x', 'y'], peer: [{ port: 1 }, { port: 2 }] } },
    },
  })
  await apply()
  write({
    resource: {
      aws_thing: {
        a: {
          name: 'a',
          size: '2',
          members: ['y', 'x'],
          note: '',
          peer: [{ port: 2 }, { port: 1, label: null }],
        },
      },
    },
  })
  assert.deepEqual((await plan()).changes, [])
  write({
    resource: {
      aws_thing: { a: { name: 'a', size: 2, members: ['y', 'z'], peer: [{ port: 2 }, { port: 3 }] } },
    },
  })
  assert.deepEqual((await plan()).changes[0]?.changed, ['members', 'peer[0].port', 'peer[1].port'])
})

test('checks variables, preconditions and checks', async (t) => {
  const { plan, write } = createFixture(t)
  const condition = { condition: '${var.n > 1}', error_message: 'n is ${var.n}' }
  write({
    variable: { n: { type: 'number', validation: [condition] } },
    resource: { aws_thing: { a: { name: 'a', lifecycle: { precondition: [condition] } } } },
    check: { c: { assert: [condition] } },
  })
  assert.deepEqual(await refusals(plan({ variables: { n: '1' } })), [
    'var.n: The validation does not hold',
    'aws_thing.a: The precondition does not hold',
    'check.c: Check failed',
  ])
  assert.deepEqual((await plan({ variables: { n: 2 } })).warnings, [])
})

test('moves instances instead of replacing them', async (t) => {
  const { apply, write, ledger, plan, terraform } = createFixture(t)
  write({ resource: { aws_thing: { old: { name: 'a' }, single: { name: 's' } } } })
  await apply()
  write({
    moved: [{ from: 'aws_thing.old', to: 'aws_thing.fresh["k"]' }],
    resource: {
      aws_thing: { fresh: { for_each: '${toset(["k"])}', name: 'a' }, single: { count: 1, name: 's' } },
    },
  })
  assert.deepEqual(actions((await plan()).changes), ['move aws_thing.fresh["k"]', 'move aws_thing.single[0]'])
  await apply()
  assert.deepEqual(ledger, ['create aws_thing.old', 'create aws_thing.single'])
  assert.deepEqual(
    terraform
      .resources('test')
      .map(({ address }) => address)
      .sort(),
    ['aws_thing.fresh["k"]', 'aws_thing.single[0]'],
  )
  assert.deepEqual((await plan()).changes, [])
})

test('forgets what a removed block says to leave, and protects what must not be destroyed', async (t) => {
  const { apply, write, things, plan, terraform } = createFixture(t)
  const lifecycle = { prevent_destroy: true }
  write({ resource: { aws_thing: { a: { name: 'a' }, b: { name: 'b', lifecycle } } } })
  await apply()
  write({
    removed: [{ from: 'aws_thing.a', lifecycle: { destroy: false } }],
    resource: { aws_thing: { b: { name: 'c', lifecycle } } },
  })
  assert.deepEqual(await refusals(plan()), ['aws_thing.b: The plan would destroy it'])
  assert.deepEqual(await refusals(terraform.destroy('test')), ['aws_thing.b: The plan would destroy it'])
  write({
    removed: [{ from: 'aws_thing.a', lifecycle: { destroy: false } }],
    resource: { aws_thing: { b: { name: 'b' } } },
  })
  assert.deepEqual(actions((await apply()).changes), ['forget aws_thing.a'])
  assert.equal(things.size, 2)
})

test('plans a platform of 2,500 resources with two seconds of computing', async (t) => {
  const { write, plan, apply } = createFixture(t)
  const aws_thing: Record<string, object> = { root: { name: 'root' } }
  for (let index = 0; index < 2500; index++) {
    const before = index < 10 ? 'root' : `t${Math.floor(index / 10)}`
    aws_thing[`t${index + 1}`] = {
      name: `thing-\${aws_thing.${before}.name == "" ? 1 : ${index}}`,
      needs: ['${aws_thing.root.id}', `\${aws_thing.${before}.arn}`],
      note: `\${jsonencode({"k" = aws_thing.${before}.id, "n" = ${index}})}`,
      rule: [{ port: 80, target: { arn: `\${aws_thing.${before}.arn}` } }],
      tags: { Name: `t${index}` },
    }
  }
  write({ resource: { aws_thing } })
  const started = process.cpuUsage()
  assert.equal((await plan()).changes.length, 2501)
  const planned = process.cpuUsage(started).user / 1000
  await apply()
  const applied = process.cpuUsage()
  assert.equal((await plan()).changes.length, 0)
  const replanned = process.cpuUsage(applied).user / 1000
  t.diagnostic(`first plan ${Math.round(planned)} ms, empty plan ${Math.round(replanned)} ms`)
  assert.ok(planned < 2000 && replanned < 2000, `${planned} ms, ${replanned} ms`)
})
