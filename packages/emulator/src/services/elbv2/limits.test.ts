/** What Elastic Load Balancing's API refuses because it is too much, or does not go together. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { forward, startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let wire: TestWire
let client: sdk.ElasticLoadBalancingV2Client
let group: string
let listener: string
let priority = 0

before(async () => {
  balancer = await startTestBalancer()
  assert.ok(balancer.elb.api)
  wire = await serveForTest([balancer.elb.api])
  client = new sdk.ElasticLoadBalancingV2Client(wire.client)
  group = await balancer.group('one')
  listener = await balancer.listener([forward(group)])
})
after(async () => {
  await wire[Symbol.asyncDispose]()
  await balancer[Symbol.asyncDispose]()
})

const paths = (...Values: string[]): sdk.RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
})
const hosts = (...Values: string[]): sdk.RuleCondition => ({
  Field: 'host-header',
  HostHeaderConfig: { Values },
})
const header = (HttpHeaderName: string, ...Values: string[]): sdk.RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
})
const query = (...Values: sdk.QueryStringKeyValuePair[]): sdk.RuleCondition => ({
  Field: 'query-string',
  QueryStringConfig: { Values },
})

/** A rule with these conditions, made and deleted. */
async function make(...Conditions: sdk.RuleCondition[]): Promise<void> {
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: group }]
  const input = { ListenerArn: listener, Priority: ++priority, Conditions, Actions }
  const { Rules } = await client.send(new sdk.CreateRuleCommand(input))
  await client.send(new sdk.DeleteRuleCommand({ RuleArn: Rules?.[0]?.RuleArn }))
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
test('a rule has at most five values, over all of its conditions and regular expressions', async () => {
  const tooMany = refusal('ValidationError', "A rule can only have '5' condition values and regex values")
  await make(paths('/1', '/2', '/3', '/4', '/5'))
  await assert.rejects(make(paths('/1', '/2', '/3', '/4', '/5', '/6')), tooMany)
  await make(paths('/1', '/2'), hosts('a.com', 'b.com'), header('x', 'y'))
  await assert.rejects(make(paths('/1', '/2'), hosts('a.com', 'b.com'), header('x', 'y', 'z')), tooMany)
  const mixed = (...Values: string[]): sdk.RuleCondition => ({
    Field: 'path-pattern',
    PathPatternConfig: { Values, RegexValues: ['^/a', '^/b', '^/c'] },
  })
  await make(mixed('/1', '/2'))
  await assert.rejects(make(mixed('/1', '/2', '/3')), tooMany)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
test('a rule has at most six wildcards, over all of its conditions', async () => {
  const tooMany = refusal('ValidationError', "A rule can only have '6' condition wildcards")
  await make(paths('/*/a?', '/*/*'), hosts('*.a.com'), query({ Key: 'a', Value: '*' }))
  await assert.rejects(
    make(paths('/*/a?', '/*/*'), hosts('*.a.com'), query({ Key: 'a?', Value: '*' })),
    tooMany,
  )
  await assert.rejects(make(header('x', '*'.repeat(7))), tooMany)
  // What is escaped stands for itself, and a regular expression has none.
  await make(paths('/******', '/\\*\\*\\?'), {
    Field: 'host-header',
    HostHeaderConfig: { RegexValues: ['^.*a.*b.*c.*d.*e.*f.*g?$'] },
  })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
test('a rule has one condition of hosts, paths, methods and sources, and several of headers and queries', async () => {
  const method: sdk.RuleCondition = {
    Field: 'http-request-method',
    HttpRequestMethodConfig: { Values: ['PUT'] },
  }
  const source: sdk.RuleCondition = { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }
  for (const condition of [hosts('a.com'), paths('/'), method, source]) {
    await make(condition)
    const twice = make(condition, condition)
    await assert.rejects(twice, refusal('ValidationError', new RegExp(`one '${condition.Field}' condition`)))
  }
  await make(header('x', 'y'), header('x', 'z'), query({ Value: 'a' }), query({ Value: 'b' }))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
test('a change of a rule keeps to the same limits, and leaves the rule as it was where it does not', async () => {
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: group }]
  const input = { ListenerArn: listener, Priority: ++priority, Conditions: [paths('/a')], Actions }
  const { Rules: [rule] = [] } = await client.send(new sdk.CreateRuleCommand(input))
  const change = (...Conditions: sdk.RuleCondition[]) =>
    client.send(new sdk.ModifyRuleCommand({ RuleArn: rule?.RuleArn, Conditions }))
  await assert.rejects(change(paths('/1', '/2', '/3', '/4', '/5', '/6')), refusal('ValidationError', /'5'/))
  await assert.rejects(change(paths('/*******')), refusal('ValidationError', /'6'/))
  const { Rules: [kept] = [] } = await client.send(
    new sdk.DescribeRulesCommand({ RuleArns: [rule?.RuleArn ?? ''] }),
  )
  assert.deepEqual(kept?.Conditions, rule?.Conditions)
  const { Rules: [changed] = [] } = await change(paths('/1', '/*'))
  assert.deepEqual(changed?.Conditions?.[0]?.Values, ['/1', '/*'])
})

/** Changes attributes of a new target group one after the other. */
async function set(name: string, ...steps: Record<string, string>[]): Promise<void> {
  const arn = await balancer.group(name)
  for (const step of steps) {
    const Attributes = Object.entries(step).map(([Key, Value]) => ({ Key, Value }))
    await client.send(new sdk.ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }))
  }
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
test('slow start does not go together with an algorithm other than round robin, whichever comes first', async () => {
  const slow = { 'slow_start.duration_seconds': '30' }
  const fast = { 'slow_start.duration_seconds': '0' }
  const algorithm = (type: string) => ({ 'load_balancing.algorithm.type': type })
  await set('round-robin', slow, algorithm('round_robin'))
  for (const [type, named] of [
    ['least_outstanding_requests', 'least outstanding requests'],
    ['weighted_random', 'weighted random'],
  ] as const) {
    const message = `You cannot enable both slow start and ${named} algorithm on a target group`
    const refused = refusal('InvalidConfigurationRequest', message)
    const name = type.slice(0, 8).replaceAll('_', '-')
    await assert.rejects(set(`${name}-together`, { ...slow, ...algorithm(type) }), refused)
    await assert.rejects(set(`${name}-later`, algorithm(type), slow), refused)
    await assert.rejects(set(`${name}-before`, slow, algorithm(type)), refused)
    await set(`${name}-fine`, slow, { ...fast, ...algorithm(type) })
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
test('automatic target weights need the weighted random algorithm, whichever comes first', async () => {
  const on = { 'load_balancing.algorithm.anomaly_mitigation': 'on' }
  const random = { 'load_balancing.algorithm.type': 'weighted_random' }
  const refused = refusal('InvalidConfigurationRequest', /weighted random/)
  await assert.rejects(set('weights-alone', on), refused)
  await assert.rejects(
    set('weights-left', { ...on, ...random }, { 'load_balancing.algorithm.type': 'round_robin' }),
    refused,
  )
  await set('weights', random, on)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
test('an application’s cookie cannot have a name that the load balancer keeps for itself', async () => {
  const named = (name: string) => ({ 'stickiness.app_cookie.cookie_name': name })
  for (const name of ['AWSALB', 'AWSALBAPP-0', 'AWSALBTG']) {
    await assert.rejects(
      set(`cookie-${name.toLowerCase()}`, named(name)),
      refusal('ValidationError', /AWSALB/),
    )
  }
  await set('cookie', named('SESSION'))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
test('a target group belongs to one load balancer', async () => {
  const { LoadBalancers: [other] = [] } = await client.send(
    new sdk.CreateLoadBalancerCommand({ Name: 'other', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const made = client.send(
    new sdk.CreateListenerCommand({
      LoadBalancerArn: other?.LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  )
  await assert.rejects(made, refusal('TargetGroupAssociationLimit', /with more than one load balancer/))
})

test('refuses Network and Gateway Load Balancers and their target groups by name', async () => {
  for (const Type of ['network', 'gateway'] as const) {
    const made = client.send(new sdk.CreateLoadBalancerCommand({ Name: Type, Type, Subnets: ['subnet-a'] }))
    await assert.rejects(made, {
      name: 'NotImplemented',
      message: new RegExp(`load balancers of type '${Type}'`),
    })
  }
  for (const Protocol of ['TCP', 'TLS', 'UDP', 'GENEVE'] as const) {
    const made = client.send(
      new sdk.CreateTargetGroupCommand({ Name: 'none', Protocol, Port: 80, TargetType: 'ip' }),
    )
    await assert.rejects(made, { name: 'NotImplemented', message: new RegExp(`protocol '${Protocol}'`) })
  }
})
