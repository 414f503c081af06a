/** Filter policies: whom a message reaches, and which policies are refused. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-sns'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import type { Sns } from './contract.ts'
import { createSns } from './index.ts'

let sns: Sns
let wire: TestWire
let client: sdk.SNSClient
before(async () => {
  sns = createSns(testContext())
  wire = await serveForTest(sns.api === undefined ? [] : [sns.api])
  client = new sdk.SNSClient(wire.client)
})
after(async () => {
  client.destroy()
  await wire[Symbol.asyncDispose]()
})

/** A new topic, and the recipients of each message. */
async function topic(name: string) {
  const { TopicArn = '' } = await client.send(new sdk.CreateTopicCommand({ Name: name }))
  return {
    subscribe: (Endpoint: string, FilterPolicy?: object | string, FilterPolicyScope?: string) =>
      client.send(
        new sdk.SubscribeCommand({
          TopicArn,
          Protocol: 'sqs',
          Endpoint,
          ReturnSubscriptionArn: true,
          Attributes: {
            ...(FilterPolicy === undefined
              ? {}
              : {
                  FilterPolicy:
                    typeof FilterPolicy === 'string' ? FilterPolicy : JSON.stringify(FilterPolicy),
                }),
            ...(FilterPolicyScope === undefined ? {} : { FilterPolicyScope }),
          },
        }),
      ),
    async reached(Message: string, MessageAttributes: Record<string, sdk.MessageAttributeValue> = {}) {
      await client.send(new sdk.PublishCommand({ TopicArn, Message, MessageAttributes }))
      return sns
        .inbox(TopicArn)
        .at(-1)
        ?.recipients.map(({ endpoint }) => endpoint)
    },
  }
}
const text = (StringValue: string) => ({ DataType: 'String', StringValue })
const number = (StringValue: string) => ({ DataType: 'Number', StringValue })
const list = (...values: unknown[]) => ({ DataType: 'String.Array', StringValue: JSON.stringify(values) })

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
test('delivers only what the filter policy of a subscription lets through', async () => {
  const { subscribe, reached } = await topic('attributes')
  await subscribe('all')
  await subscribe('empty', {})
  await subscribe('high', { severity: ['high', { prefix: 'crit' }] })
  await subscribe('costly', { severity: ['high'], cost: [{ numeric: ['>=', 100] }] })
  await subscribe('others', { severity: [{ 'anything-but': ['high'] }] })
  await subscribe('untold', { severity: [{ exists: false }] })
  await subscribe('either', { $or: [{ cost: [7] }, { from: [{ cidr: '10.0.0.0/8' }] }] })
  for (const [attributes, expected] of [
    [{}, ['untold']],
    [{ severity: text('high') }, ['high']],
    [{ severity: text('critical') }, ['high', 'others']],
    [{ severity: text('high'), cost: number('100') }, ['high', 'costly']],
    [{ severity: text('high'), cost: text('100') }, ['high']],
    [{ severity: list('low', 'high') }, ['high', 'others']],
    [{ cost: number('7') }, ['untold', 'either']],
    [{ from: text('10.1.2.3') }, ['untold', 'either']],
    [{ severity: { DataType: 'Binary', BinaryValue: Buffer.from('high') } }, ['untold']],
  ] as const)
    assert.deepEqual(
      await reached('text', attributes),
      ['all', 'empty', ...expected],
      JSON.stringify(attributes),
    )
})

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html
test('filters by the body of a message where the scope of the policy says so', async () => {
  const { subscribe, reached } = await topic('body')
  await subscribe('alarms', { detail: { state: ['ALARM'] } }, 'MessageBody')
  await subscribe('any', {}, 'MessageBody')
  assert.deepEqual(await reached('{"detail":{"state":"ALARM","name":"errors"}}'), ['alarms', 'any'])
  assert.deepEqual(await reached('{"detail":{"state":["OK","ALARM"]}}'), ['alarms', 'any'])
  assert.deepEqual(await reached('{"detail":{"state":"OK"}}'), ['any'])
  assert.deepEqual(await reached('{"detail":{"state":"OK"}}', { state: text('ALARM') }), ['any'])
  assert.deepEqual(await reached('no JSON'), ['any'])
})

// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
test('a filter policy is set and taken away again, and holds for what is published then', async () => {
  const { subscribe, reached } = await topic('changing')
  const { SubscriptionArn } = await subscribe('queue')
  const set = (AttributeValue: string) =>
    client.send(
      new sdk.SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'FilterPolicy',
        AttributeValue,
      }),
    )
  assert.deepEqual(await reached('text'), ['queue'])
  await set('{"severity":["high"]}')
  assert.deepEqual(await reached('text'), [])
  await set('{}')
  assert.deepEqual(await reached('text'), ['queue'])
})

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
test('refuses a filter policy that is no JSON, nests attributes, has more than five keys or 150 combinations, or an operator that there is not', async () => {
  const { subscribe, reached } = await topic('refused')
  const ten = Array.from({ length: 10 }, (_, index) => `value ${index}`)
  for (const [policy, scope, message] of [
    ['no JSON', undefined, /FilterPolicy: failed to parse JSON/],
    ['["a"]', undefined, /failed to parse JSON/],
    [{ a: { b: ['c'] } }, undefined, /does not support nested filter policy/],
    [{ a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'], f: ['1'] }, undefined, /more than 5 keys/],
    [{ a: ten, b: ten, c: ['1', '2'] }, undefined, /too complex/],
    [{ a: { b: ten }, c: { d: ten } }, 'MessageBody', /too complex/],
    [{ a: [{ regex: '.*' }] }, undefined, /Unrecognized match type regex/],
    [{ a: ['1'] }, 'Message', /FilterPolicyScope: Invalid value \[Message\]/],
  ] as const)
    await assert.rejects(subscribe('queue', policy, scope), { name: 'InvalidParameterException', message })
  assert.deepEqual(await reached('text'), [], 'no one was subscribed')
})

// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
test('subscribing again gives the subscription that there is, and is refused with other attributes', async () => {
  const { subscribe } = await topic('again')
  const first = await subscribe('queue', { a: ['1'] })
  assert.equal((await subscribe('queue', { a: ['1'] })).SubscriptionArn, first.SubscriptionArn)
  assert.equal((await subscribe('queue')).SubscriptionArn, first.SubscriptionArn)
  await assert.rejects(subscribe('queue', { a: ['2'] }), {
    message: /already exists with different attributes/,
  })
})

test('no filter policy and no message holds the emulator up', async () => {
  const { subscribe, reached } = await topic('hostile')
  await subscribe('arn:aws:sqs:ap-northeast-2:000000000000:q', {
    name: [{ wildcard: `${'*a'.repeat(20)}*b` }],
  })
  const started = performance.now()
  assert.deepEqual(await reached('m', { name: text('a'.repeat(20_000)) }), [])
  assert.ok(performance.now() - started < 2_000)
})
