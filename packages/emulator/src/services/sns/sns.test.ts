/** Topics over the wire, and the inbox of what was published. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-sns'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createSns } from './index.ts'

async function served() {
  const sns = createSns(testContext())
  if (!sns.api) throw new Error('SNS has an API')
  const wire = await serveForTest([sns.api])
  return {
    sns,
    client: new sdk.SNSClient(wire.client),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

const apply = {
  address: 'aws_sns_topic.a',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
test('keeps what is published in an inbox, with those who would have got it', async () => {
  await using emulator = await served()
  const { client } = emulator
  const { TopicArn } = await client.send(new sdk.CreateTopicCommand({ Name: 'notices' }))
  assert.equal(TopicArn, 'arn:aws:sns:ap-northeast-2:000000000000:notices')
  await client.send(new sdk.SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ops@example.com' }))
  await client.send(
    new sdk.PublishCommand({
      TopicArn,
      Subject: 'ALARM: errors',
      Message: 'too many',
      MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } },
    }),
  )
  const [notice] = emulator.sns.inbox(TopicArn)
  assert.equal(notice?.subject, 'ALARM: errors')
  assert.deepEqual(notice?.attributes, { severity: { Type: 'String', Value: 'high' } })
  assert.deepEqual(notice?.recipients, [{ protocol: 'email', endpoint: 'ops@example.com', pending: true }])
  assert.equal(emulator.sns.publish('arn:aws:sns:ap-northeast-2:000000000000:none', 'a', 'b'), false)
})

// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
test('keeps an e-mail subscription pending', async () => {
  await using emulator = await served()
  const { client } = emulator
  const { TopicArn } = await client.send(new sdk.CreateTopicCommand({ Name: 'notices' }))
  const subscribe = { TopicArn, Protocol: 'email', Endpoint: 'ops@example.com' }
  const { SubscriptionArn } = await client.send(new sdk.SubscribeCommand(subscribe))
  assert.equal(SubscriptionArn, 'pending confirmation')
  const { Subscriptions } = await client.send(new sdk.ListSubscriptionsByTopicCommand({ TopicArn }))
  assert.equal(Subscriptions?.[0]?.SubscriptionArn, 'PendingConfirmation')
  await assert.rejects(client.send(new sdk.SubscribeCommand({ ...subscribe, Protocol: 'pigeon' })), {
    name: 'InvalidParameterException',
  })
  await assert.rejects(client.send(new sdk.PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'a' })), {
    name: 'NotFoundException',
  })
})

// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-key-concepts.html
test('applies a topic with its policy, and gives it back its default when the policy goes', async () => {
  await using emulator = await served()
  const [topicType, policyType] = emulator.sns.resourceTypes ?? []
  const topic = await topicType?.create({ name: 'notices', display_name: 'Notices' }, apply)
  const policy = await policyType?.create({ arn: topic?.arn ?? null, policy: '{"Statement":[]}' }, apply)
  const read = async () => {
    const TopicArn = String(topic?.arn)
    return (await emulator.client.send(new sdk.GetTopicAttributesCommand({ TopicArn }))).Attributes
  }
  assert.equal((await read())?.Policy, '{"Statement":[]}')
  assert.equal((await read())?.DisplayName, 'Notices')
  await policyType?.delete?.(policy ?? {}, apply)
  assert.match((await read())?.Policy ?? '', /__default_policy_ID/)
  await topicType?.delete?.(topic ?? {}, apply)
  assert.equal(await topicType?.read?.(topic ?? {}, apply), undefined)
})
