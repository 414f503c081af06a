import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ref, terraformOf } from '../rules.test-kit.ts'
import type { Resource } from './block.ts'
import { embeddedValue } from './embedded.ts'

function first(body: Readonly<Record<string, unknown>>, more = {}): Resource {
  const terraform = terraformOf(
    {
      'aws_lb.main': body,
      'aws_ecs_cluster.main': { name: '${local.prefix}-main' },
      'data.aws_ecr_repository.admin': { name: 'admin' },
    },
    {
      locals: { prefix: '${var.project}' },
      variable: { project: { default: 'keencho' }, secret: {} },
      ...more,
    },
  )
  const [found] = terraform.all('aws_lb')
  assert.ok(found)
  return found
}

describe('a block', () => {
  test('reads one object and a list of them alike', () => {
    for (const forward of [{ weight: 1 }, [{ weight: 1 }]]) {
      const lb = first({ action: [{ forward }] })
      assert.equal(lb.number('action', 'forward', 'weight'), 1)
      assert.equal(lb.number('action', 0, 'forward', 0, 'weight'), 1)
      assert.equal(lb.blocks('action', 'forward').length, 1)
    }
    assert.deepEqual(first({}).blocks('action'), [])
  })

  test('reads numbers and booleans that are written as strings', () => {
    const lb = first({ idle: '60', on: 'true', off: false, nothing: null, word: 'x' })
    assert.deepEqual([lb.number('idle'), lb.number('word'), lb.number('nothing')], [60, undefined, undefined])
    assert.deepEqual([lb.flag('on'), lb.flag('off'), lb.flag('word')], [true, false, undefined])
  })

  test('looks literals up behind references, and leaves what only an apply knows', () => {
    const lb = first({
      name: `a-${ref('aws_ecs_cluster.main', 'name')}`,
      arn: ref('aws_ecs_cluster.main', 'arn'),
      secret: '${var.secret}',
    })
    assert.equal(lb.text('name'), 'a-keencho-main')
    assert.equal(lb.text('arn'), '${aws_ecs_cluster.main.arn}')
    assert.equal(lb.text('secret'), '${var.secret}')
  })

  test('survives references in a loop', () => {
    const lb = first({ name: '${aws_lb.main.name}' })
    assert.equal(typeof lb.text('name'), 'string')
  })

  test('finds what is referred to, in functions and strings, and nothing that is escaped', () => {
    const addresses = (value: unknown) =>
      first({ value })
        .references('value')
        .map(({ address }) => address)
    assert.deepEqual(addresses({ a: [`x/${ref('aws_ecs_cluster.main')}`] }), ['aws_ecs_cluster.main'])
    assert.deepEqual(addresses('${tolist(data.aws_ecr_repository.admin.tags).0}'), [
      'data.aws_ecr_repository.admin',
    ])
    assert.deepEqual(addresses('$${aws_ecs_cluster.main.id}'), [])
    assert.deepEqual(addresses(['aws_ecs_cluster.main']), [])
  })
})

describe('values inside of strings', () => {
  const cases: readonly [string, unknown][] = [
    ['{"a":"${aws_lb.main.arn}/*"}', { a: '${aws_lb.main.arn}/*' }],
    [
      '${jsonencode({"a" = [1, true, null, -2.5], b = { c: "x" }})}',
      { a: [1, true, null, -2.5], b: { c: 'x' } },
    ],
    [
      '${jsonencode([{ arn = aws_lb.main.arn, all = "${aws_lb.main.arn}/*" }])}',
      [{ arn: '${aws_lb.main.arn}', all: '${aws_lb.main.arn}/*' }],
    ],
    [
      '${jsonencode({ a = join("-", ["x", "y"]), b = "say \\"hi\\"" })}',
      { a: '${join("-",["x","y"])}', b: 'say "hi"' },
    ],
    ['${file("policy.json")}', undefined],
    ['${jsonencode({ a = )}', undefined],
    ['plain', undefined],
  ]
  for (const [text, value] of cases) test(text, () => assert.deepEqual(embeddedValue(text), value))
})
