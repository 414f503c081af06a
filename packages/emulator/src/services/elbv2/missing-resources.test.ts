/** What Elastic Load Balancing answers, operation by operation, about something that does not exist. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let wire: TestWire
let client: sdk.ElasticLoadBalancingV2Client

before(async () => {
  balancer = await startTestBalancer()
  wire = await serveForTest(balancer.elb.api ? [balancer.elb.api] : [])
  client = new sdk.ElasticLoadBalancingV2Client(wire.client)
})
after(async () => {
  await wire[Symbol.asyncDispose]()
  await balancer[Symbol.asyncDispose]()
})

const arn = (kind: string, path: string) =>
  `arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:${kind}/${path}`
const noBalancer = arn('loadbalancer', 'app/none/0123456789abcdef')
const noListener = arn('listener', 'app/none/0123456789abcdef/0123456789abcdef')
const noRule = arn('listener-rule', 'app/none/0123456789abcdef/0123456789abcdef/0123456789abcdef')
const noGroup = arn('targetgroup', 'none/0123456789abcdef')
const noStore = arn('truststore', 'none/0123456789abcdef')
const condition = [{ Field: 'path-pattern', Values: ['/b'] }]

type Send = () => Promise<unknown>
type Case = readonly [what: string, send: Send, code: string, message: string | RegExp]

// Each command has types of its own; the client takes them all.
const send =
  (command: unknown): Send =>
  () =>
    client.send(command as sdk.DescribeLoadBalancersCommand)

describe('what does not exist', () => {
  const groups = 'One or more target groups not found'
  const balancers = 'One or more load balancers not found'
  const listeners = 'One or more listeners not found'
  const rules = 'One or more rules not found'
  const stores = 'One or more trust stores not found'
  const cases: Case[] = [
    [
      'a load balancer by name',
      send(new sdk.DescribeLoadBalancersCommand({ Names: ['none'] })),
      'LoadBalancerNotFound',
      "Load balancers '[none]' not found",
    ],
    ...(
      [
        new sdk.DescribeLoadBalancersCommand({ LoadBalancerArns: [noBalancer] }),
        new sdk.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: noBalancer }),
        new sdk.DescribeListenersCommand({ LoadBalancerArn: noBalancer }),
        new sdk.DescribeTargetGroupsCommand({ LoadBalancerArn: noBalancer }),
        new sdk.DescribeTagsCommand({ ResourceArns: [noBalancer] }),
        new sdk.DescribeCapacityReservationCommand({ LoadBalancerArn: noBalancer }),
        new sdk.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: noBalancer, Attributes: [] }),
        new sdk.SetSubnetsCommand({ LoadBalancerArn: noBalancer, Subnets: ['a', 'b'] }),
        new sdk.SetSecurityGroupsCommand({ LoadBalancerArn: noBalancer, SecurityGroups: [] }),
        new sdk.SetIpAddressTypeCommand({ LoadBalancerArn: noBalancer, IpAddressType: 'ipv4' }),
        new sdk.CreateListenerCommand({ LoadBalancerArn: noBalancer, DefaultActions: [] }),
      ] as object[]
    ).map((command): Case => [nameOf(command), send(command), 'LoadBalancerNotFound', balancers]),
    ...(
      [
        new sdk.DescribeListenersCommand({ ListenerArns: [noListener] }),
        new sdk.DescribeListenerAttributesCommand({ ListenerArn: noListener }),
        new sdk.DescribeListenerCertificatesCommand({ ListenerArn: noListener }),
        new sdk.DescribeRulesCommand({ ListenerArn: noListener }),
        new sdk.DescribeTagsCommand({ ResourceArns: [noListener] }),
        new sdk.ModifyListenerCommand({ ListenerArn: noListener }),
        new sdk.ModifyListenerAttributesCommand({ ListenerArn: noListener, Attributes: [] }),
        new sdk.DeleteListenerCommand({ ListenerArn: noListener }),
        new sdk.AddListenerCertificatesCommand({ ListenerArn: noListener, Certificates: [] }),
        new sdk.RemoveListenerCertificatesCommand({ ListenerArn: noListener, Certificates: [] }),
        new sdk.CreateRuleCommand({
          ListenerArn: noListener,
          Priority: 1,
          Conditions: condition,
          Actions: [],
        }),
      ] as object[]
    ).map((command): Case => [nameOf(command), send(command), 'ListenerNotFound', listeners]),
    ...(
      [
        new sdk.DescribeRulesCommand({ RuleArns: [noRule] }),
        new sdk.DescribeTagsCommand({ ResourceArns: [noRule] }),
        new sdk.ModifyRuleCommand({ RuleArn: noRule }),
        new sdk.DeleteRuleCommand({ RuleArn: noRule }),
        new sdk.SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn: noRule, Priority: 1 }] }),
      ] as object[]
    ).map((command): Case => [nameOf(command), send(command), 'RuleNotFound', rules]),
    ...(
      [
        new sdk.DescribeTargetGroupsCommand({ TargetGroupArns: [noGroup] }),
        new sdk.DescribeTargetGroupsCommand({ Names: ['none'] }),
        new sdk.DescribeTargetGroupAttributesCommand({ TargetGroupArn: noGroup }),
        new sdk.DescribeTargetHealthCommand({ TargetGroupArn: noGroup }),
        new sdk.DescribeTagsCommand({ ResourceArns: [noGroup] }),
        new sdk.ModifyTargetGroupCommand({ TargetGroupArn: noGroup }),
        new sdk.ModifyTargetGroupAttributesCommand({ TargetGroupArn: noGroup, Attributes: [] }),
        new sdk.RegisterTargetsCommand({ TargetGroupArn: noGroup, Targets: [] }),
        new sdk.DeregisterTargetsCommand({ TargetGroupArn: noGroup, Targets: [] }),
      ] as object[]
    ).map((command): Case => [nameOf(command), send(command), 'TargetGroupNotFound', groups]),
    ...(
      [
        new sdk.DescribeTrustStoresCommand({ TrustStoreArns: [noStore] }),
        new sdk.DescribeTrustStoreAssociationsCommand({ TrustStoreArn: noStore }),
        new sdk.DescribeTrustStoreRevocationsCommand({ TrustStoreArn: noStore }),
        new sdk.GetTrustStoreCaCertificatesBundleCommand({ TrustStoreArn: noStore }),
        new sdk.GetTrustStoreRevocationContentCommand({ TrustStoreArn: noStore, RevocationId: 1 }),
      ] as object[]
    ).map((command): Case => [nameOf(command), send(command), 'TrustStoreNotFound', stores]),
    [
      'a policy of a resource',
      send(new sdk.GetResourcePolicyCommand({ ResourceArn: noStore })),
      'ResourceNotFound',
      /not found/,
    ],
    [
      'an SSL policy',
      send(new sdk.DescribeSSLPoliciesCommand({ Names: ['none'] })),
      'SSLPolicyNotFound',
      "SSL policy 'none' not found",
    ],
  ]
  for (const [what, call, code, message] of cases) {
    test(what, () => assert.rejects(call, refusal(code, message)))
  }
})

function nameOf(command: object): string {
  return command.constructor.name.replace(/Command$/, '')
}
