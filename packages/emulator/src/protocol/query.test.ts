import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as iam from '@aws-sdk/client-iam'
import * as sns from '@aws-sdk/client-sns'
import * as sts from '@aws-sdk/client-sts'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'

const elbv2Api: ServiceApi = {
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  sdk: elbv2,
  operations: {
    // Gives back what it was given, so that both directions are held against each other.
    ModifyRule: (input) => ({
      Rules: [{ RuleArn: input.RuleArn, Conditions: input.Conditions, Actions: input.Actions }],
    }),
    DescribeTargetGroups() {
      throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found')
    },
    DescribeLoadBalancers: () => ({
      LoadBalancers: [{ DNSName: 'a.elb.amazonaws.com', CreatedTime: new Date('2025-06-01T10:00:00Z') }],
    }),
  } satisfies Operations<typeof elbv2>,
}

test('carries nested structures and lists through a form and back through XML', async () => {
  await using wire = await serveForTest([elbv2Api])
  const client = new elbv2.ElasticLoadBalancingV2Client(wire.client)
  const rule = {
    RuleArn: 'arn:aws:elasticloadbalancing:rule/1',
    Conditions: [
      { Field: 'host-header', HostHeaderConfig: { Values: ['app.example.com', 'b & <c>'] } },
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } },
    ],
    Actions: [
      {
        Type: 'forward' as const,
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: 'blue', Weight: 90 },
            { TargetGroupArn: 'green', Weight: 10 },
          ],
          TargetGroupStickinessConfig: { Enabled: false, DurationSeconds: 60 },
        },
      },
    ],
  }
  const answer = await client.send(new elbv2.ModifyRuleCommand(rule))
  assert.deepEqual(answer.Rules, [rule])
})

test('gives the Query code of an error, and time stamps as dates', async () => {
  await using wire = await serveForTest([elbv2Api])
  const client = new elbv2.ElasticLoadBalancingV2Client(wire.client)
  const { LoadBalancers } = await client.send(new elbv2.DescribeLoadBalancersCommand({}))
  assert.deepEqual(LoadBalancers?.[0]?.CreatedTime, new Date('2025-06-01T10:00:00Z'))
  await assert.rejects(client.send(new elbv2.DescribeTargetGroupsCommand({})), (error) => {
    assert.ok(error instanceof elbv2.TargetGroupNotFoundException)
    assert.equal((error as unknown as { Code: string }).Code, 'TargetGroupNotFound')
    assert.equal(error.message, 'One or more target groups not found')
    return true
  })
})

test('names the parameter that is missing', async () => {
  await using wire = await serveForTest([elbv2Api])
  const client = new elbv2.ElasticLoadBalancingV2Client(wire.client)
  await assert.rejects(client.send(new elbv2.ModifyRuleCommand({} as elbv2.ModifyRuleInput)), {
    name: 'MissingParameter',
    message: /RuleArn/,
  })
})

const snsApi: ServiceApi = {
  signingName: 'sns',
  protocol: 'query',
  sdk: sns,
  operations: {
    CreateTopic: (input) => ({ TopicArn: JSON.stringify(input.Attributes) }),
    GetTopicAttributes: (input) => ({ Attributes: { TopicArn: input.TopicArn ?? '', DisplayName: 'a' } }),
  } satisfies Operations<typeof sns>,
}

test('carries maps both ways', async () => {
  await using wire = await serveForTest([snsApi])
  const client = new sns.SNSClient(wire.client)
  const created = await client.send(
    new sns.CreateTopicCommand({ Name: 't', Attributes: { A: '1', B: 'x=y&z' } }),
  )
  assert.deepEqual(JSON.parse(created.TopicArn ?? ''), { A: '1', B: 'x=y&z' })
  const read = await client.send(new sns.GetTopicAttributesCommand({ TopicArn: 'arn' }))
  assert.deepEqual(read.Attributes, { TopicArn: 'arn', DisplayName: 'a' })
})

const stsApi: ServiceApi = {
  signingName: 'sts',
  protocol: 'query',
  sdk: sts,
  anonymous: (operation) => operation === 'AssumeRoleWithWebIdentity',
  operations: {
    AssumeRoleWithWebIdentity: (input, call) => ({
      SubjectFromWebIdentityToken: `${input.RoleArn} ${call.principal.arn}`,
    }),
  } satisfies Operations<typeof sts>,
}

test('finds the service of an unsigned request by version and action', async () => {
  await using wire = await serveForTest([elbv2Api, stsApi])
  const client = new sts.STSClient(wire.client)
  const input = { RoleArn: 'role', RoleSessionName: 'ci', WebIdentityToken: 'jwt' }
  const answer = await client.send(new sts.AssumeRoleWithWebIdentityCommand(input))
  assert.equal(answer.SubjectFromWebIdentityToken, 'role *')
})

test('answers an operation without output', async () => {
  await using wire = await serveForTest([
    { signingName: 'iam', protocol: 'query', sdk: iam, operations: { DeleteRole: () => ({}) } },
  ])
  const client = new iam.IAMClient(wire.client)
  const answer = await client.send(new iam.DeleteRoleCommand({ RoleName: 'r' }))
  assert.equal(answer.$metadata.httpStatusCode, 200)
})
