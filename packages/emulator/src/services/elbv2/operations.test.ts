import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
  SetRulePrioritiesCommand,
  waitUntilTargetInService,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { forward, get, startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

async function clientOf(balancer: TestBalancer) {
  const { api } = balancer.elb
  if (!api) throw new Error('invariant: the load balancer has an API')
  const wire = await serveForTest([api])
  const client = new ElasticLoadBalancingV2Client(wire.client)
  return { client, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() }
}

const fixed = (status: string) => ({
  Type: 'fixed-response' as const,
  FixedResponseConfig: { StatusCode: status, ContentType: 'text/plain' },
})
const host = (name: string) => ({ Field: 'host-header', HostHeaderConfig: { Values: [name] } })

test('gives load balancers, listeners and rules in the shapes of AWS', async () => {
  await using balancer = await startTestBalancer()
  await using api = await clientOf(balancer)
  const { client } = api
  const listenerArn = await balancer.listener([fixed('404')])
  const { LoadBalancers: [loadBalancer] = [] } = await client.send(
    new DescribeLoadBalancersCommand({ Names: ['main'] }),
  )
  assert.match(
    loadBalancer?.LoadBalancerArn ?? '',
    /^arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer\/app\/main\/[0-9a-f]{16}$/,
  )
  assert.match(loadBalancer?.DNSName ?? '', /^main-\d{10}\.ap-northeast-2\.elb\.amazonaws\.com$/)
  assert.deepEqual(
    [loadBalancer?.State?.Code, loadBalancer?.CanonicalHostedZoneId],
    ['active', 'ZWKZPGTI48KDX'],
  )
  const group = await balancer.group('blue')
  const { Rules: [rule] = [] } = await client.send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: 5,
      Conditions: [host('a.example.com')],
      Actions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  )
  assert.deepEqual(rule, {
    RuleArn: rule?.RuleArn,
    Priority: '5',
    Conditions: [
      { Field: 'host-header', Values: ['a.example.com'], HostHeaderConfig: { Values: ['a.example.com'] } },
    ],
    Actions: [
      {
        Type: 'forward',
        TargetGroupArn: group,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ],
    IsDefault: false,
    Transforms: [],
  })
  assert.ok(rule?.RuleArn?.startsWith(listenerArn.replace(':listener/', ':listener-rule/')))
  const { Listeners: [listener] = [] } = await client.send(
    new DescribeListenersCommand({ ListenerArns: [listenerArn] }),
  )
  assert.deepEqual(
    [listener?.Port, listener?.Protocol, listener?.DefaultActions?.[0]?.Type],
    [80, 'HTTP', 'fixed-response'],
  )
})

test('pages rules in the order of their priority, the default rule last', async () => {
  await using balancer = await startTestBalancer()
  await using api = await clientOf(balancer)
  const ListenerArn = await balancer.listener([fixed('404')])
  for (const Priority of [30, 10, 20]) {
    await api.client.send(
      new CreateRuleCommand({ ListenerArn, Priority, Conditions: [host('a.b')], Actions: [fixed('200')] }),
    )
  }
  const pages = []
  for (let Marker: string | undefined, last = false; !last; ) {
    const page = await api.client.send(new DescribeRulesCommand({ ListenerArn, PageSize: 2, Marker }))
    pages.push(page.Rules?.map((rule) => rule.Priority))
    Marker = page.NextMarker
    last = Marker === undefined
  }
  assert.deepEqual(pages, [
    ['10', '20'],
    ['30', 'default'],
  ])
})

test('changes what a rule does, and in which order rules are asked, all or nothing', async () => {
  await using balancer = await startTestBalancer()
  await using api = await clientOf(balancer)
  const { client } = api
  const ListenerArn = await balancer.listener([fixed('404')])
  const make = async (Priority: number, status: string) => {
    const input = {
      ListenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [fixed(status)],
    }
    return (await client.send(new CreateRuleCommand(input))).Rules?.[0]?.RuleArn ?? ''
  }
  const [first, second] = [await make(1, '201'), await make(2, '202')]
  assert.equal((await get(balancer.portOf(80))).status, 201)
  await client.send(
    new SetRulePrioritiesCommand({
      RulePriorities: [
        { RuleArn: first, Priority: 2 },
        { RuleArn: second, Priority: 1 },
      ],
    }),
  )
  assert.equal((await get(balancer.portOf(80))).status, 202)
  await client.send(new ModifyRuleCommand({ RuleArn: second, Actions: [fixed('299')] }))
  assert.equal((await get(balancer.portOf(80))).status, 299)
  await assert.rejects(
    client.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn: first, Priority: 1 }] })),
    { name: 'PriorityInUseException', message: "Priority '1' is currently in use" },
  )
  await client.send(new ModifyListenerCommand({ ListenerArn, Port: 8080 }))
  assert.equal(balancer.context.names.lookup(balancer.dnsName, 80), undefined)
  assert.equal((await get(balancer.portOf(8080))).status, 299)
})

test('registers targets, tells their health, and the waiter of the client understands it', async () => {
  await using balancer = await startTestBalancer()
  await using api = await clientOf(balancer)
  const { client } = api
  const TargetGroupArn = await balancer.group('blue', { 'deregistration_delay.timeout_seconds': '60' })
  await balancer.listener([forward(TargetGroupArn)])
  const { target } = await balancer.target(TargetGroupArn, (_, response) => response.end())
  await waitUntilTargetInService({ client, maxWaitTime: 5, minDelay: 1 }, { TargetGroupArn })
  const health = async () =>
    (await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.map(
      ({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.State, TargetHealth?.Reason],
    )
  assert.deepEqual(await health(), [[target.port, 'healthy', undefined]])
  await client.send(
    new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: target.port }] }),
  )
  await client.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1' }] }))
  assert.deepEqual(await health(), [[target.port, 'draining', 'Target.DeregistrationInProgress']])
  await assert.rejects(
    client.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '10.0.0.1', Port: 1 }] })),
    { name: 'InvalidTargetException' },
  )
})

test("answers with AWS's errors", async () => {
  await using balancer = await startTestBalancer()
  await using api = await clientOf(balancer)
  const { client } = api
  const { loadBalancerArn: LoadBalancerArn } = balancer
  const group = await balancer.group('blue')
  const ListenerArn = await balancer.listener([forward(group)])
  const refused = (answer: Promise<unknown>, name: string) => assert.rejects(answer, { name })
  const Actions = [fixed('200')]
  const Conditions = [host('a.b')]
  await refused(
    client.send(new DescribeLoadBalancersCommand({ Names: ['none'] })),
    'LoadBalancerNotFoundException',
  )
  await refused(
    client.send(new DescribeTargetGroupsCommand({ Names: ['none'] })),
    'TargetGroupNotFoundException',
  )
  await refused(
    client.send(new DescribeRulesCommand({ ListenerArn: `${ListenerArn}0` })),
    'ListenerNotFoundException',
  )
  await refused(
    client.send(
      new DescribeRulesCommand({
        RuleArns: ['arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:listener-rule/app/main/0/0/0'],
      }),
    ),
    'RuleNotFoundException',
  )
  await refused(
    client.send(
      new CreateListenerCommand({ LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions: Actions }),
    ),
    'DuplicateListenerException',
  )
  await refused(
    client.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: 443,
        Protocol: 'HTTPS',
        DefaultActions: Actions,
        Certificates: [{ CertificateArn: 'arn:x' }],
      }),
    ),
    'CertificateNotFoundException',
  )
  await refused(
    client.send(new CreateRuleCommand({ ListenerArn, Priority: 0, Conditions, Actions })),
    'ValidationError',
  )
  await refused(
    client.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 1,
        Conditions,
        Actions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }],
      }),
    ),
    'InvalidLoadBalancerActionException',
  )
  await refused(
    client.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 1,
        Conditions,
        Actions: [
          forward('arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/none/0'),
        ] as never,
      }),
    ),
    'TargetGroupNotFoundException',
  )
  await refused(
    client.send(new CreateTargetGroupCommand({ Name: 'blue', Protocol: 'HTTP', Port: 1, TargetType: 'ip' })),
    'DuplicateTargetGroupNameException',
  )
  await refused(
    client.send(
      new CreateTargetGroupCommand({ Name: 'x'.repeat(33), Protocol: 'HTTP', Port: 1, TargetType: 'ip' }),
    ),
    'ValidationError',
  )
  await refused(
    client.send(new DeleteTargetGroupCommand({ TargetGroupArn: group })),
    'ResourceInUseException',
  )
  await refused(
    client.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: [{ Key: 'no.such', Value: '1' }],
      }),
    ),
    'ValidationError',
  )
  const protect = (Value: string) =>
    client.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      }),
    )
  await protect('true')
  await refused(
    client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
    'OperationNotPermittedException',
  )
  await protect('false')
  await client.send(new AddTagsCommand({ ResourceArns: [group], Tags: [{ Key: 'a', Value: 'b' }] }))
  const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [group] }))
  assert.deepEqual(TagDescriptions, [{ ResourceArn: group, Tags: [{ Key: 'a', Value: 'b' }] }])
  await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }))
  await client.send(new DeleteTargetGroupCommand({ TargetGroupArn: group }))
  assert.deepEqual(balancer.context.names.all(), [])
})
