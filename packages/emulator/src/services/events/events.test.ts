/** Rules over the emulator's events, and their targets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { createSns } from '../sns/index.ts'
import { eventPattern } from './event-pattern.ts'
import { createEventBridge } from './index.ts'

const apply = {
  address: 'aws_cloudwatch_event_rule.a',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}
const event = {
  source: 'aws.codedeploy',
  'detail-type': 'CodeDeploy Deployment State-change Notification',
  detail: { application: 'keencho-production', state: 'FAILURE', count: 3 },
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
test('matches events by value, prefix, suffix, wildcard, anything-but, exists and numbers', () => {
  const table: [pattern: string, matches: boolean][] = [
    ['{"source":["aws.codedeploy"]}', true],
    ['{"source":["aws.ecs","aws.codedeploy"]}', true],
    ['{"source":["aws.ecs"]}', false],
    ['{"source":["aws.codedeploy"],"detail":{"state":["SUCCESS"]}}', false],
    ['{"detail":{"state":["SUCCESS","FAILURE"],"application":["keencho-production"]}}', true],
    ['{"detail":{"application":[{"prefix":"keencho-"}]}}', true],
    ['{"detail":{"application":[{"suffix":"-staging"}]}}', false],
    ['{"detail":{"application":[{"wildcard":"keencho-*tion"}]}}', true],
    ['{"detail":{"state":[{"anything-but":["FAILURE"]}]}}', false],
    ['{"detail":{"state":[{"anything-but":{"prefix":"SUCC"}}]}}', true],
    ['{"detail":{"other":[{"exists":false}]}}', true],
    ['{"detail":{"state":[{"exists":false}]}}', false],
    ['{"detail":{"count":[{"numeric":[">",1,"<=",3]}]}}', true],
    ['{"detail":{"count":[{"numeric":["<",3]}]}}', false],
  ]
  for (const [pattern, matches] of table) assert.equal(eventPattern(pattern)(event), matches, pattern)
})

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
test('a wildcard takes a backslash before * and itself only, and refuses two * in a row', () => {
  const matches = (wildcard: string, name: string) =>
    eventPattern(JSON.stringify({ name: [{ wildcard }] }))({ name })
  assert.equal(matches('a\\*b', 'a*b'), true)
  assert.equal(matches('a\\*b', 'axb'), false)
  assert.equal(matches('a\\\\*', 'a\\b'), true)
  assert.equal(matches('a.c', 'abc'), false)
  assert.equal(matches('a*', 'a\nb'), true)
  assert.throws(() => matches('a\\b', ''), /name: Invalid escape character/)
  assert.throws(() => matches('a**b', ''), /name: Consecutive wildcard characters/)
  assert.throws(() => eventPattern('{"name":[{"wildcard":1}]}'), /must be a string/)
})

test('no pattern and no event holds the emulator up', () => {
  const matches = eventPattern(JSON.stringify({ name: [{ wildcard: `${'*a'.repeat(20)}*b` }] }))
  const started = performance.now()
  assert.equal(matches({ name: 'a'.repeat(20_000) }), false)
  assert.ok(performance.now() - started < 1_000)
})

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
test('matches by $or, by ranges of addresses, and by a prefix or suffix in either case', () => {
  const of = {
    source: 'aws.ecs',
    detail: { ip: '10.1.2.3', six: '2001:db8::1', name: 'Admin-Blue', load: 7 },
  }
  const table: [pattern: string, matches: boolean][] = [
    ['{"$or":[{"source":["aws.rds"]},{"detail":{"load":[7]}}]}', true],
    ['{"$or":[{"source":["aws.rds"]},{"detail":{"load":[8]}}]}', false],
    ['{"source":["aws.rds"],"$or":[{"source":["aws.ecs"]},{"detail":{"load":[7]}}]}', false],
    ['{"detail":{"$or":[{"name":[{"suffix":"-Green"}]},{"load":[{"numeric":[">",5]}]}]}}', true],
    ['{"$or":[{"prefix":"aws"},{"prefix":"a"}]}', false],
    ['{"detail":{"ip":[{"cidr":"10.1.0.0/16"}]}}', true],
    ['{"detail":{"ip":[{"cidr":"10.2.0.0/16"}]}}', false],
    ['{"detail":{"six":[{"cidr":"2001:db8::/32"}]}}', true],
    ['{"detail":{"name":[{"cidr":"10.0.0.0/8"}]}}', false],
    ['{"detail":{"name":[{"prefix":{"equals-ignore-case":"admin"}}]}}', true],
    ['{"detail":{"name":[{"suffix":{"equals-ignore-case":"GREEN"}}]}}', false],
    ['{"detail":{"name":[{"anything-but":{"suffix":["-Green","-Blue"]}}]}}', false],
    ['{"detail":{"name":[{"anything-but":{"wildcard":"*-Green"}}]}}', true],
  ]
  for (const [pattern, matches] of table) assert.equal(eventPattern(pattern)(of), matches, pattern)
})

test('refuses a pattern that it does not understand instead of never matching', () => {
  assert.throws(() => eventPattern('{"source":[{"regex":"aws"}]}'), /Unrecognized match type regex/)
  assert.throws(() => eventPattern('{"source":[{"toString":"aws"}]}'), /Unrecognized match type/)
  assert.throws(() => eventPattern('{"source":[{"cidr":"10.0.0.0"}]}'), /not a range of addresses/)
  assert.throws(() => eventPattern('{"source":[]}'), /Empty arrays/)
  assert.throws(() => eventPattern('{"source":"aws.ecs"}'), /array/)
})

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
test('hands an event that a rule matches to the topic, whole or transformed', async () => {
  const context = testContext()
  const sns = createSns(context)
  const events = createEventBridge(context, { publish: sns.publish, invoke: () => false })
  const [topicType] = sns.resourceTypes ?? []
  const [ruleType, targetType] = events.resourceTypes ?? []
  const topic = await topicType?.create({ name: 'notices' }, apply)
  await events.start?.()
  const pattern = '{"source":["aws.codedeploy"],"detail":{"state":["FAILURE"]}}'
  const rule = await ruleType?.create({ name: 'deployments', event_pattern: pattern }, apply)
  assert.equal(rule?.arn, 'arn:aws:events:ap-northeast-2:000000000000:rule/deployments')
  const target = await targetType?.create({ rule: 'deployments', arn: topic?.arn ?? null }, apply)

  context.events.emit('aws.codedeploy', event['detail-type'], { state: 'SUCCESS' })
  context.events.emit('aws.codedeploy', event['detail-type'], { state: 'FAILURE', application: 'a' })
  const [notice, ...others] = sns.inbox()
  assert.equal(others.length, 0)
  const delivered = JSON.parse(notice?.message ?? '{}')
  assert.equal(delivered['detail-type'], event['detail-type'])
  assert.deepEqual(delivered.detail, { state: 'FAILURE', application: 'a' })

  const transformer = { input_paths: { app: '$.detail.application' }, input_template: '"<app> failed"' }
  await targetType?.update?.({ ...target, input_transformer: [transformer] }, target ?? {}, apply)
  context.events.emit('aws.codedeploy', event['detail-type'], { state: 'FAILURE', application: 'a' })
  assert.equal(sns.inbox().at(-1)?.message, '"a failed"')

  const empty = { ...target, input_transformer: [{ input_paths: {}, input_template: '' }] }
  await targetType?.update?.(empty, target ?? {}, apply)
  context.events.emit('aws.codedeploy', event['detail-type'], { state: 'FAILURE' }, ['arn:aws:codedeploy:a'])
  const failed = context.events.since(0).findLast(({ detailType }) => detailType === 'Delivery Failed')
  assert.match(String(failed?.detail.reason), /Empty message/, 'a message that cannot be sent undoes nothing')

  await ruleType?.delete?.(rule ?? {}, apply)
  context.events.emit('aws.codedeploy', event['detail-type'], { state: 'FAILURE' })
  assert.equal(sns.inbox().length, 2)
  await events.stop?.()
})

// https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchevents.html
test('invokes a Lambda function with an event that a rule matches, whole or transformed to JSON', async () => {
  const context = testContext()
  const arn = 'arn:aws:lambda:ap-northeast-2:000000000000:function:reaction'
  const payloads: unknown[] = []
  const events = createEventBridge(context, {
    publish: () => false,
    invoke: (to, payload) => to === arn && payloads.push(JSON.parse(payload)) > 0,
  })
  const [ruleType, targetType] = events.resourceTypes ?? []
  await events.start?.()
  await ruleType?.create({ name: 'all', event_pattern: '{"source":["aws.ecs"]}' }, apply)
  const target = await targetType?.create({ rule: 'all', target_id: 'a', arn }, apply)
  context.events.emit('aws.ecs', 'ECS Task State Change', { lastStatus: 'RUNNING' }, ['arn:task'])
  const { id, time, ...rest } = payloads[0] as Record<string, unknown>
  assert.deepEqual(rest, {
    version: '0',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: '000000000000',
    region: 'ap-northeast-2',
    resources: ['arn:task'],
    detail: { lastStatus: 'RUNNING' },
  })

  const failures = () =>
    context.events
      .since(0)
      .filter(({ detailType }) => detailType === 'Delivery Failed')
      .map(({ detail }) => String(detail.reason))
  const change = async (changes: Record<string, string | object[]>) => {
    await targetType?.update?.({ ...target, ...changes } as typeof target & object, target ?? {}, apply)
    context.events.emit('aws.ecs', 'ECS Task State Change', { lastStatus: 'STOPPED' })
  }
  const paths = { input_paths: { status: '$.detail.lastStatus' } }
  await change({ input_transformer: [{ ...paths, input_template: '{"is": "<status>"}' }] })
  assert.deepEqual(payloads[1], { is: 'STOPPED' })
  await change({ input_transformer: [{ ...paths, input_template: 'it is <status>' }] })
  assert.match(failures().at(-1) ?? '', /JSON/)
  await change({ arn: `${arn}-that-is-gone` })
  assert.match(failures().at(-1) ?? '', /does not exist/)
  assert.equal(payloads.length, 2)
  await events.stop?.()
})
