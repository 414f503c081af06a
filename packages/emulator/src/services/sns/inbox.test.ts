/** What a subscriber would get, how long it is kept, and what is refused before it gets that far. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-sns'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { openStore } from '../../store.ts'
import type { Notice } from './contract.ts'
import { createInbox } from './inbox.ts'
import { createSns } from './index.ts'
import { delivered } from './notification.ts'

async function served() {
  const context = testContext()
  const invocations: { arn: string; payload: string }[] = []
  const sns = createSns(context, {
    invoke: (arn, payload) => arn.endsWith(':reaction') && invocations.push({ arn, payload }) > 0,
  })
  if (!sns.api) throw new Error('SNS has an API')
  const wire = await serveForTest([sns.api])
  const client = new sdk.SNSClient(wire.client)
  const { TopicArn = '' } = await client.send(new sdk.CreateTopicCommand({ Name: 'notices' }))
  return {
    sns,
    context,
    invocations,
    topic: TopicArn,
    subscribe: (Protocol: string, Endpoint: string) =>
      client.send(new sdk.SubscribeCommand({ TopicArn, Protocol, Endpoint })),
    publish: (input: Partial<sdk.PublishCommandInput>) =>
      client.send(new sdk.PublishCommand({ TopicArn, Message: 'text', ...input })),
    publishBatch: (PublishBatchRequestEntries: sdk.PublishBatchRequestEntry[]) =>
      client.send(new sdk.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

// https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
test('shows a notice as the document that a subscriber gets', async () => {
  await using emulator = await served()
  const { MessageId } = await emulator.publish({
    Subject: 'Release',
    MessageAttributes: { stage: { DataType: 'String', StringValue: 'production' } },
  })
  await emulator.publish({ Message: 'without a subject' })
  const [first, second] = delivered(emulator.sns.inbox())
  const { Timestamp = '', ...notification } = first?.notification ?? {}
  assert.deepEqual(notification, {
    Type: 'Notification',
    MessageId,
    TopicArn: emulator.topic,
    Subject: 'Release',
    Message: 'text',
    MessageAttributes: { stage: { Type: 'String', Value: 'production' } },
  })
  assert.match(Timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.equal('Subject' in (second?.notification ?? {}), false)
})

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
test('sends a separate text to each protocol that a message with structure names, and the default to the others', async () => {
  await using emulator = await served()
  await emulator.subscribe('email', 'ops@example.com')
  await emulator.subscribe('sqs', 'arn:aws:sqs:ap-northeast-2:000000000000:q')
  const Message = JSON.stringify({ default: 'short', email: 'at length', http: 7 })
  await emulator.publish({ MessageStructure: 'json', Message })
  const [notice] = emulator.sns.inbox()
  assert.equal(notice?.message, 'short')
  assert.deepEqual(
    notice?.recipients.map(({ protocol, message }) => [protocol, message]),
    [
      ['email', 'at length'],
      ['sqs', undefined],
    ],
  )
  for (const Message of ['{"email":"a"}', 'not JSON', '[]']) {
    await assert.rejects(emulator.publish({ MessageStructure: 'json', Message }), {
      name: 'InvalidParameterException',
    })
  }
})

// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
test('invokes a Lambda function that has subscribed with a record of the notification', async () => {
  await using emulator = await served()
  const arn = 'arn:aws:lambda:ap-northeast-2:000000000000:function:reaction'
  const { SubscriptionArn } = await emulator.subscribe('lambda', arn)
  await emulator.subscribe('lambda', `${arn}-that-is-gone`)
  await emulator.publish({
    Subject: 'Release',
    MessageStructure: 'json',
    Message: JSON.stringify({ default: 'short', lambda: 'for functions' }),
    MessageAttributes: { stage: { DataType: 'String', StringValue: 'production' } },
  })
  assert.deepEqual(
    emulator.invocations.map((invocation) => invocation.arn),
    [arn],
  )
  const { Records } = JSON.parse(emulator.invocations[0]?.payload ?? '{}')
  const { Timestamp, MessageId, ...Sns } = Records[0].Sns
  assert.deepEqual(
    [MessageId, new Date(Timestamp).getTime()],
    [emulator.sns.inbox()[0]?.id, emulator.sns.inbox()[0]?.at],
  )
  assert.deepEqual(
    { ...Records[0], Sns },
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: SubscriptionArn,
      Sns: {
        Type: 'Notification',
        TopicArn: emulator.topic,
        Subject: 'Release',
        Message: 'for functions',
        MessageAttributes: { stage: { Type: 'String', Value: 'production' } },
      },
    },
  )
  const failed = emulator.context.events.since(0).find(({ detailType }) => detailType === 'Delivery Failed')
  assert.match(String(failed?.detail.endpoint), /that-is-gone$/)
})

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
test('refuses an empty message, one beyond 256 KiB with its attributes, and a subject of 100 characters or with a line break', async () => {
  await using emulator = await served()
  const refused = { name: 'InvalidParameterException' }
  await assert.rejects(emulator.publish({ Message: '' }), refused)
  await emulator.publish({ Message: 'x'.repeat(262_144) })
  await assert.rejects(emulator.publish({ Message: 'x'.repeat(262_145) }), refused)
  await assert.rejects(
    emulator.publish({
      Message: 'x'.repeat(262_140),
      MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
    }),
    refused,
  )
  await emulator.publish({ Subject: '배포 '.repeat(33) })
  await assert.rejects(emulator.publish({ Subject: 'x'.repeat(100) }), refused)
  await assert.rejects(emulator.publish({ Subject: 'a\nb' }), refused)
  assert.equal(emulator.sns.inbox().length, 2)
})

// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
test('publishes at most ten messages at once, under distinct ids, each with its own result', async () => {
  await using emulator = await served()
  const entry = (n: number) => ({ Id: `m${n}`, Message: `message ${n}` })
  const { Successful = [], Failed = [] } = await emulator.publishBatch([entry(1), { Id: 'm2', Message: '' }])
  assert.deepEqual([Successful.map(({ Id }) => Id), Failed.map(({ Id }) => Id)], [['m1'], ['m2']])
  const eleven = Array.from({ length: 11 }, (_, n) => entry(n))
  await assert.rejects(emulator.publishBatch(eleven), { name: 'TooManyEntriesInBatchRequestException' })
  await assert.rejects(emulator.publishBatch([]), { name: 'EmptyBatchRequestException' })
  await assert.rejects(emulator.publishBatch([entry(1), entry(1)]), {
    name: 'BatchEntryIdsNotDistinctException',
  })
})

const notice = (id: string, message: string): Notice => ({
  id,
  topicArn: 'arn:aws:sns:ap-northeast-2:000000000000:notices',
  subject: undefined,
  message,
  attributes: {},
  at: 0,
  recipients: [],
})

test('the inbox survives a restart, and lets the oldest go when there are too many or they are too large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'))
  try {
    const limits = { noticesMax: 3, bytesMax: 5000 }
    const open = () => {
      const store = openStore(join(folder, 'emulator.sqlite'))
      return { store, inbox: createInbox(store.collection<Notice>('sns.inbox'), limits) }
    }
    const ids = (inbox: ReturnType<typeof open>['inbox']) => inbox.all().map(({ id }) => id)
    const before = open()
    for (const id of ['1', '2', '3', '4']) before.inbox.put(notice(id, 'short'))
    assert.deepEqual(ids(before.inbox), ['2', '3', '4'])
    before.store.close()

    const after = open()
    assert.deepEqual(ids(after.inbox), ['2', '3', '4'])
    after.inbox.put(notice('5', 'x'.repeat(3500)))
    assert.deepEqual(ids(after.inbox), ['4', '5'])
    after.inbox.put(notice('6', 'x'.repeat(9000)))
    assert.deepEqual(ids(after.inbox), ['6'], 'the newest stays, whatever its size')
    after.store.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('reads the inbox by topic, named or by ARN, and from a moment on', () => {
  const arn = (topic: string) => `arn:aws:sns:ap-northeast-2:000000000000:${topic}`
  const notices = ['a', 'b', 'a-b'].map((topic, at) => ({
    ...notice(topic, 'text'),
    topicArn: arn(topic),
    at,
  }))
  const found = (filter: Parameters<typeof delivered>[1]) =>
    delivered(notices, filter).map(({ notification }) => notification.MessageId)
  assert.deepEqual(found({ topic: 'b' }), ['b'])
  assert.deepEqual(found({ topic: arn('a-b') }), ['a-b'])
  assert.deepEqual(found({ since: 1 }), ['b', 'a-b'])
})
