/** Making a second time what is there: the same again is no other one, and what differs is refused. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let wire: TestWire
let client: sdk.ElasticLoadBalancingV2Client

before(async () => {
  balancer = await startTestBalancer()
  assert.ok(balancer.elb.api)
  wire = await serveForTest([balancer.elb.api])
  client = new sdk.ElasticLoadBalancingV2Client(wire.client)
})
after(async () => {
  await wire[Symbol.asyncDispose]()
  await balancer[Symbol.asyncDispose]()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
test('a target group made again with the same settings is the same one, with others it is refused', async () => {
  const make = async (change: Partial<sdk.CreateTargetGroupInput>) => {
    const input = {
      Name: 'blue',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-1',
      TargetType: 'ip',
      HealthCheckPath: '/health',
    } as const
    const { TargetGroups } = await client.send(new sdk.CreateTargetGroupCommand({ ...input, ...change }))
    return TargetGroups?.[0]?.TargetGroupArn
  }
  const first = await make({})
  assert.equal(await make({}), first)
  // What is the default, said.
  assert.equal(
    await make({ IpAddressType: 'ipv4', HealthyThresholdCount: 5, ProtocolVersion: 'HTTP1' }),
    first,
  )
  const others: Partial<sdk.CreateTargetGroupInput>[] = [
    { Port: 81 },
    { Protocol: 'HTTPS' },
    { TargetType: 'instance' },
    { VpcId: 'vpc-2' },
    { IpAddressType: 'ipv6' },
    { HealthCheckPath: '/' },
    { HealthCheckPort: '9000' },
    { HealthCheckProtocol: 'HTTPS' },
    { HealthCheckIntervalSeconds: 10 },
    { HealthCheckTimeoutSeconds: 3 },
    { HealthyThresholdCount: 2 },
    { UnhealthyThresholdCount: 3 },
    { Matcher: { HttpCode: '204' } },
  ]
  const refused = refusal(
    'DuplicateTargetGroupName',
    "A target group with the same name 'blue' exists, but with different settings",
  )
  for (const other of others) await assert.rejects(make(other), refused, JSON.stringify(other))
  await client.send(new sdk.ModifyTargetGroupCommand({ TargetGroupArn: first, HealthCheckPath: '/' }))
  await assert.rejects(make({}), refused)
  assert.equal(await make({ HealthCheckPath: '/' }), first)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
test('a load balancer made again with the same settings is the same one, with others it is refused', async () => {
  const make = async (change: Partial<sdk.CreateLoadBalancerInput>) => {
    const input = { Name: 'again', Subnets: ['subnet-a', 'subnet-b'], SecurityGroups: ['sg-1', 'sg-2'] }
    const { LoadBalancers } = await client.send(new sdk.CreateLoadBalancerCommand({ ...input, ...change }))
    return LoadBalancers?.[0]?.LoadBalancerArn
  }
  const first = await make({})
  assert.equal(await make({ SecurityGroups: ['sg-2', 'sg-1'], Subnets: ['subnet-b', 'subnet-a'] }), first)
  const others: Partial<sdk.CreateLoadBalancerInput>[] = [
    { Scheme: 'internal' },
    { Subnets: ['subnet-a', 'subnet-c'] },
    { Subnets: ['subnet-a', 'subnet-b', 'subnet-c'] },
    { SecurityGroups: ['sg-1', 'sg-3'] },
    { SecurityGroups: ['sg-1'] },
    { IpAddressType: 'dualstack' },
  ]
  const refused = refusal(
    'DuplicateLoadBalancerName',
    "A load balancer with the same name 'again' exists, but with different settings",
  )
  for (const other of others) await assert.rejects(make(other), refused, JSON.stringify(other))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
test('a listener made again with the same settings is the same one, with others it is refused', async () => {
  const fixed = (StatusCode: string): sdk.Action => ({
    Type: 'fixed-response',
    FixedResponseConfig: { StatusCode, ContentType: 'text/plain' },
  })
  const secure = await balancer.secureListener([fixed('200')])
  const { Listeners: [listener] = [] } = await client.send(
    new sdk.DescribeListenersCommand({ ListenerArns: [secure] }),
  )
  const { Certificates } = listener ?? {}
  const make = async (change: Partial<sdk.CreateListenerInput>) => {
    const input: sdk.CreateListenerInput = {
      LoadBalancerArn: balancer.loadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      DefaultActions: [fixed('200')],
      Certificates,
    }
    const { Listeners } = await client.send(new sdk.CreateListenerCommand({ ...input, ...change }))
    return Listeners?.[0]?.ListenerArn
  }
  assert.equal(await make({}), secure)
  const others: Partial<sdk.CreateListenerInput>[] = [
    { DefaultActions: [fixed('201')] },
    { SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' },
    { Protocol: 'HTTP', Certificates: undefined },
  ]
  for (const other of others) {
    await assert.rejects(make(other), refusal('DuplicateListener', /^A listener already exists on this port/))
  }
  // Rules are not: the same one again has a priority that is taken.
  const rule = new sdk.CreateRuleCommand({
    ListenerArn: secure,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
    Actions: [fixed('200')],
  })
  await client.send(rule)
  await assert.rejects(client.send(rule), refusal('PriorityInUse', "Priority '1' is currently in use"))
})
