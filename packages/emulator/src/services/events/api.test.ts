import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as events from '@aws-sdk/client-eventbridge'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createEventBridge } from './index.ts'

async function bridge(t: TestContext) {
  const context = testContext()
  const published: string[] = []
  const { api } = createEventBridge(context, {
    publish(topic, _subject, message) {
      published.push(`${topic} ${message}`)
      return true
    },
    invoke: () => false,
  })
  assert.ok(api)
  const wire = await serveForTest([api])
  t.after(async () => {
    await wire[Symbol.asyncDispose]()
    context.store.close()
  })
  return { client: new events.EventBridgeClient(wire.client), published }
}

const EventPattern = '{"source":["shop"]}'
const Arn = 'arn:aws:sns:ap-northeast-2:000000000000:orders'

test('events of an application reach the targets of the rules of their bus', async (t) => {
  const { client, published } = await bridge(t)
  await client.send(new events.CreateEventBusCommand({ Name: 'shop' }))
  await client.send(new events.PutRuleCommand({ Name: 'r', EventBusName: 'shop', EventPattern }))
  await client.send(
    new events.PutTargetsCommand({
      Rule: 'r',
      EventBusName: 'shop',
      Targets: [{ Id: 'a', Arn, InputPath: '$.detail.id' }],
    }),
  )
  const order = { Source: 'shop', DetailType: 'Order', Detail: '{"id":7}' }
  const { Entries, FailedEntryCount } = await client.send(
    new events.PutEventsCommand({
      Entries: [
        { ...order, EventBusName: 'shop' },
        order,
        { ...order, Source: 'aws.shop' },
        { ...order, Detail: '[]' },
      ],
    }),
  )
  assert.deepEqual(published, [`${Arn} 7`])
  assert.equal(FailedEntryCount, 2)
  assert.deepEqual(
    Entries?.map(({ ErrorCode }) => ErrorCode),
    [undefined, undefined, 'NotAuthorizedForSourceException', 'MalformedDetail'],
  )
})

test('a rule is written, read, disabled, tagged, and deleted once its targets are gone', async (t) => {
  const { client } = await bridge(t)
  const Name = 'nightly'
  const { RuleArn } = await client.send(
    new events.PutRuleCommand({
      Name,
      ScheduleExpression: 'rate(1 day)',
      Description: 'd',
      Tags: [{ Key: 'a', Value: '1' }],
    }),
  )
  await client.send(new events.PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'a', Arn, Input: '{}' }] }))
  await client.send(new events.DisableRuleCommand({ Name }))
  const rule = await client.send(new events.DescribeRuleCommand({ Name }))
  assert.deepEqual(
    [rule.Arn, rule.State, rule.ScheduleExpression, rule.EventBusName],
    [RuleArn, 'DISABLED', 'rate(1 day)', 'default'],
  )
  const { Targets } = await client.send(new events.ListTargetsByRuleCommand({ Rule: Name }))
  assert.deepEqual(Targets, [{ Id: 'a', Arn, Input: '{}' }])
  const { Tags } = await client.send(new events.ListTagsForResourceCommand({ ResourceARN: RuleArn }))
  assert.deepEqual(Tags, [{ Key: 'a', Value: '1' }])
  await assert.rejects(client.send(new events.DeleteRuleCommand({ Name })), /since it has targets/)
  await client.send(new events.RemoveTargetsCommand({ Rule: Name, Ids: ['a'] }))
  await client.send(new events.DeleteRuleCommand({ Name }))
  await assert.rejects(client.send(new events.DescribeRuleCommand({ Name })), {
    name: 'ResourceNotFoundException',
    message: 'Rule nightly does not exist on EventBus default.',
  })
})

test('refuses a pattern that it does not understand, and a rule with neither pattern nor schedule', async (t) => {
  const { client } = await bridge(t)
  const wrong = { Name: 'r', EventPattern: '{"source":[{"regex":"a"}]}' }
  await assert.rejects(client.send(new events.PutRuleCommand(wrong)), {
    name: 'InvalidEventPatternException',
  })
  await assert.rejects(client.send(new events.PutRuleCommand({ Name: 'r' })), /must be specified/)
})
