/** Elastic Load Balancing's API as its callers meet it: what it has, what it refuses, its errors, its pages. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ServiceApi } from '../../protocol/api.ts'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { assertDecided, assertRefuses, refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { forward, startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let wire: TestWire
let client: sdk.ElasticLoadBalancingV2Client
let api: ServiceApi
let group: string
let listener: string
let rule: string

before(async () => {
  balancer = await startTestBalancer()
  assert.ok(balancer.elb.api)
  api = balancer.elb.api
  wire = await serveForTest([api])
  client = new sdk.ElasticLoadBalancingV2Client(wire.client)
  group = await balancer.group('blue')
  listener = await balancer.listener([forward(group)])
  const { Rules } = await client.send(
    new sdk.CreateRuleCommand({
      ListenerArn: listener,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
      Actions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  )
  rule = Rules?.[0]?.RuleArn ?? ''
})
after(async () => {
  await wire[Symbol.asyncDispose]()
  await balancer[Symbol.asyncDispose]()
})

test('serves or refuses by name every operation that AWS has', async () => {
  assertDecided(api)
  await assertRefuses(wire, api)
})

const noBalancer =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer/app/none/0123456789abcdef'
const condition = [{ Field: 'path-pattern', Values: ['/b'] }]

type Send = () => Promise<unknown>
type Case = readonly [what: string, send: Send, code: string, message: string | RegExp]

// Each command has types of its own; the client takes them all.
const send =
  (command: unknown): Send =>
  () =>
    client.send(command as sdk.DescribeLoadBalancersCommand)

describe('what is wrong', () => {
  const many = Array.from({ length: 21 }, (_, index) => `name-${index}`)
  const cases: Case[] = [
    [
      'an ARN of something else',
      () => client.send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn: listener })),
      'ValidationError',
      /^'arn:.*' is not a valid target group ARN$/,
    ],
    [
      'no ARN at all',
      send(new sdk.DescribeLoadBalancersCommand({ LoadBalancerArns: ['main'] })),
      'ValidationError',
      "'main' is not a valid load balancer ARN",
    ],
    [
      'a required member that is not there',
      send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn: undefined })),
      'ValidationError',
      "1 validation error detected: Value null at 'targetGroupArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      'more than 20 target groups at a time',
      send(new sdk.DescribeTargetGroupsCommand({ Names: many })),
      'ValidationError',
      "You cannot describe more than '20' target groups at a time",
    ],
    [
      'more than 20 load balancers at a time',
      send(new sdk.DescribeLoadBalancersCommand({ Names: many })),
      'ValidationError',
      "You cannot describe more than '20' load balancers at a time",
    ],
    [
      'neither listeners nor their load balancer',
      send(new sdk.DescribeListenersCommand({})),
      'ValidationError',
      /You must specify either listener ARNs or a load balancer ARN/,
    ],
    [
      'two filters of target groups',
      send(new sdk.DescribeTargetGroupsCommand({ Names: ['blue'], LoadBalancerArn: noBalancer })),
      'ValidationError',
      /Only one of/,
    ],
    [
      'a page of 401',
      send(new sdk.DescribeTargetGroupsCommand({ PageSize: 401 })),
      'ValidationError',
      "1 validation error detected: Value '401' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to 400",
    ],
    [
      'a page of 0',
      send(new sdk.DescribeAccountLimitsCommand({ PageSize: 0 })),
      'ValidationError',
      /Value '0' at 'pageSize' .* greater than or equal to 1/,
    ],
    [
      'a marker that was never given out',
      send(new sdk.DescribeTargetGroupsCommand({ Marker: 'nonsense' })),
      'ValidationError',
      /marker/,
    ],
    [
      'a priority that a rule has',
      () =>
        client.send(
          new sdk.CreateRuleCommand({
            ListenerArn: listener,
            Priority: 10,
            Conditions: condition,
            Actions: [{ Type: 'forward', TargetGroupArn: group }],
          }),
        ),
      'PriorityInUse',
      "Priority '10' is currently in use",
    ],
    [
      'a target group that a rule forwards to',
      () => client.send(new sdk.DeleteTargetGroupCommand({ TargetGroupArn: group })),
      'ResourceInUse',
      /^Target group 'arn:.*' is currently in use by a listener or a rule$/,
    ],
    [
      'a target that is not registered',
      () =>
        client.send(
          new sdk.DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '10.0.0.1', Port: 1 }] }),
        ),
      'InvalidTarget',
      /not registered with the target group: '10\.0\.0\.1:1'/,
    ],
    [
      'the default rule',
      async () => {
        const { Rules = [] } = await client.send(new sdk.DescribeRulesCommand({ ListenerArn: listener }))
        await client.send(new sdk.DeleteRuleCommand({ RuleArn: Rules.at(-1)?.RuleArn }))
      },
      'OperationNotPermitted',
      /^Default rule 'arn:.*' cannot be deleted$/,
    ],
    [
      'an attribute that there is not',
      () =>
        client.send(
          new sdk.ModifyTargetGroupAttributesCommand({
            TargetGroupArn: group,
            Attributes: [{ Key: 'none', Value: '1' }],
          }),
        ),
      'ValidationError',
      "Attribute key 'none' is not recognized",
    ],
    [
      'tags of nothing that has tags',
      send(new sdk.DescribeTagsCommand({ ResourceArns: ['nothing'] })),
      'ValidationError',
      /'nothing' is not a valid/,
    ],
  ]
  for (const [what, call, code, message] of cases) {
    test(what, () => assert.rejects(call, refusal(code, message)))
  }
})

test('a refused call has its request id, which the client shows', async () => {
  await assert.rejects(
    client.send(new sdk.DescribeLoadBalancersCommand({ Names: ['none'] })),
    (error: sdk.ElasticLoadBalancingV2ServiceException) =>
      /^[0-9a-f-]{36}$/.test(error.$metadata.requestId ?? '') && error.$fault === 'client',
  )
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
test('gives lists in pages of at most PageSize, each with the marker of the next', async () => {
  for (let index = 0; index < 5; index++) await balancer.group(`page-${index}`)
  const names: string[] = []
  let pages = 0
  for await (const page of sdk.paginateDescribeTargetGroups({ client }, { PageSize: 2 })) {
    pages += 1
    assert.ok((page.TargetGroups ?? []).length <= 2)
    names.push(...(page.TargetGroups ?? []).map(({ TargetGroupName }) => TargetGroupName ?? ''))
  }
  const all = await client.send(new sdk.DescribeTargetGroupsCommand({}))
  assert.deepEqual([names.length, pages, new Set(names).size], [6, 3, 6])
  assert.deepEqual([all.TargetGroups?.length, all.NextMarker], [6, undefined])
  const limits: string[] = []
  for await (const page of sdk.paginateDescribeAccountLimits({ client }, { PageSize: 3 }))
    limits.push(...(page.Limits ?? []).map(({ Name }) => Name ?? ''))
  assert.equal(new Set(limits).size, limits.length)
  assert.ok(limits.includes('rules-per-application-load-balancer'))
})

test('the client’s waiters see load balancers that exist, and that were deleted', async () => {
  const wait = { client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }
  const main = { Names: ['main'] }
  const gone = { Names: ['none'] }
  const ended = await Promise.all([
    sdk.waitUntilLoadBalancerExists(wait, main),
    sdk.waitUntilLoadBalancerAvailable(wait, main),
    sdk.waitUntilLoadBalancersDeleted(wait, gone),
    sdk.waitUntilTargetDeregistered(wait, { TargetGroupArn: group, Targets: [{ Id: '10.0.0.9', Port: 1 }] }),
  ])
  assert.deepEqual(
    ended.map(({ state }) => state),
    ['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS'],
  )
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
test('lists rules by priority, the default rule last', async () => {
  const { Rules = [] } = await client.send(new sdk.DescribeRulesCommand({ ListenerArn: listener }))
  assert.deepEqual(
    Rules.map(({ RuleArn, Priority, IsDefault }) => [RuleArn === rule, Priority, IsDefault]),
    [
      [true, '10', false],
      [false, 'default', true],
    ],
  )
})
