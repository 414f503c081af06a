import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplyContext, Attributes } from '../../terraform/type/resource-type.ts'
import { blocks, onlyBlock } from './resources/values.ts'
import { get, startTestBalancer, type TestBalancer } from './test-kit/elbv2.test-kit.ts'

const context: ApplyContext = {
  address: 'test',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}

function typeOf(balancer: TestBalancer, name: string) {
  const found = balancer.elb.resourceTypes?.find((each) => each.type === name)
  if (!found) throw new Error(`no type ${name}`)
  return {
    create: async (planned: Attributes) => found.create(planned, context),
    read: async (prior: Attributes) => found.read?.(prior, context),
    update: async (planned: Attributes, prior: Attributes) => found.update?.(planned, prior, context) ?? {},
    delete: async (prior: Attributes) => found.delete?.(prior, context),
  }
}

const targetGroup = (name: string): Attributes => ({
  name,
  port: 8080,
  protocol: 'HTTP',
  target_type: 'ip',
  deregistration_delay: '30',
  health_check: [
    { path: '/api/health', interval: 10, timeout: 5, healthy_threshold: 2, unhealthy_threshold: 3 },
  ],
})

test('applies a platform, shows what a deployment changed, and destroys it', async () => {
  await using balancer = await startTestBalancer()
  const types = {
    lb: typeOf(balancer, 'aws_lb'),
    listener: typeOf(balancer, 'aws_lb_listener'),
    rule: typeOf(balancer, 'aws_lb_listener_rule'),
    group: typeOf(balancer, 'aws_lb_target_group'),
  }
  const lb = await types.lb.create({
    name: 'keencho-production',
    internal: false,
    subnets: ['subnet-1', 'subnet-2'],
    security_groups: ['sg-1'],
    idle_timeout: 60,
    drop_invalid_header_fields: true,
    enable_deletion_protection: true,
    tags_all: { project: 'keencho' },
  })
  assert.deepEqual([lb.zone_id, lb.id, lb.enable_deletion_protection], ['ZWKZPGTI48KDX', lb.arn, true])
  assert.match(String(lb.arn_suffix), /^app\/keencho-production\/[0-9a-f]{16}$/)
  const listener = await types.listener.create({
    load_balancer_arn: lb.arn ?? null,
    port: 80,
    protocol: 'HTTP',
    default_action: [
      {
        type: 'fixed-response',
        fixed_response: [{ content_type: 'text/plain', message_body: 'Not found', status_code: '404' }],
      },
    ],
  })
  const blue = await types.group.create(targetGroup('blue'))
  const green = await types.group.create(targetGroup('green'))
  assert.match(String(blue.arn_suffix), /^targetgroup\/blue\/[0-9a-f]{16}$/)
  const weights = (...each: [Attributes, number][]) => [
    {
      type: 'forward',
      forward: [
        { target_group: each.map(([group, weight]) => ({ arn: group.arn ?? null, weight })), stickiness: [] },
      ],
    },
  ]
  const planned: Attributes = {
    listener_arn: listener.arn ?? null,
    priority: 10,
    action: weights([blue, 100], [green, 0]),
    condition: [{ host_header: [{ values: ['a.example.com'] }] }, { path_pattern: [{ values: ['/api/*'] }] }],
  }
  const rule = await types.rule.create(planned)
  const same = await types.rule.read(rule)
  assert.deepEqual(same, rule)

  balancer.elb.setForward(String(rule.arn), [
    { targetGroupArn: String(blue.arn), weight: 0 },
    { targetGroupArn: String(green.arn), weight: 100 },
  ])
  const drifted = (await types.rule.read(rule)) ?? {}
  const [action] = blocks(drifted, 'action')
  assert.deepEqual(onlyBlock(action, 'forward')?.target_group, [
    { arn: blue.arn, weight: 0 },
    { arn: green.arn, weight: 100 },
  ])
  const moved = await types.rule.update({ ...planned, priority: 20 }, rule)
  assert.deepEqual([moved.id, moved.priority], [rule.id, 20])
  assert.deepEqual(
    balancer.elb.forwardingRules(String(listener.arn))[0]?.targetGroups.map(({ weight }) => weight),
    [100, 0],
  )

  const updated = await types.group.update({ ...targetGroup('blue'), deregistration_delay: '5' }, blue)
  assert.deepEqual([updated.id, updated.deregistration_delay], [blue.id, '5'])
  const port = balancer.context.names.lookup(String(lb.dns_name), 80)?.socket?.port ?? 0
  assert.equal((await get(port, '/api/x', { headers: { Host: 'a.example.com' } })).status, 503)
  assert.equal((await get(port, '/x', { headers: { Host: 'a.example.com' } })).body, 'Not found')

  await assert.rejects(types.lb.delete(lb), /deletion protection/)
  const unprotected = await types.lb.update({ ...lb, enable_deletion_protection: false }, lb)
  await types.rule.delete(rule)
  await types.listener.delete(listener)
  await types.lb.delete(unprotected)
  await types.group.delete(blue)
  await types.group.delete(green)
  assert.equal(await types.rule.read(rule), undefined)
  assert.deepEqual(balancer.context.names.all(), [])
})

test('keeps target_group_arn as it was written until a second group joins', async () => {
  await using balancer = await startTestBalancer()
  const type = typeOf(balancer, 'aws_lb_listener')
  const [blue, green] = [await balancer.group('blue'), await balancer.group('green')]
  const listener = await type.create({
    load_balancer_arn: balancer.loadBalancerArn,
    port: 80,
    protocol: 'HTTP',
    default_action: [{ type: 'forward', target_group_arn: blue }],
  })
  const action = async () => blocks(await type.read(listener), 'default_action')[0]
  assert.deepEqual([(await action())?.target_group_arn, (await action())?.forward], [blue, []])
  const [rule] = balancer.elb.forwardingRules(String(listener.arn))
  balancer.elb.setForward(rule?.ruleArn ?? '', [
    { targetGroupArn: blue, weight: 50 },
    { targetGroupArn: green, weight: 50 },
  ])
  assert.equal((await action())?.target_group_arn, null)
  assert.equal(blocks(await action(), 'forward').length, 1)
})

test('every attribute that is accepted without effect says why', async () => {
  await using balancer = await startTestBalancer()
  for (const type of balancer.elb.resourceTypes ?? []) {
    for (const [name, spec] of Object.entries(type.attributes)) {
      if (spec.kind === 'ignored') assert.ok(spec.reason, `${type.type}.${name}`)
    }
  }
})

test('keeps the transforms of a rule and the attributes that shape requests, and changes them in place', async () => {
  await using balancer = await startTestBalancer()
  const [lbs, rules] = [typeOf(balancer, 'aws_lb'), typeOf(balancer, 'aws_lb_listener_rule')]
  const planned = {
    name: 'shaped',
    subnets: ['subnet-1', 'subnet-2'],
    preserve_host_header: true,
    desync_mitigation_mode: 'strictest',
    enable_http2: false,
    enable_tls_version_and_cipher_suite_headers: true,
  }
  const lb = await lbs.create(planned)
  for (const name of Object.keys(planned).slice(2)) {
    assert.equal(lb[name], planned[name as keyof typeof planned], name)
  }
  const changed = await lbs.update({ ...lb, desync_mitigation_mode: 'monitor', enable_http2: true }, lb)
  assert.deepEqual([changed.desync_mitigation_mode, changed.enable_http2], ['monitor', true])
  const gone = [
    { type: 'fixed-response', fixed_response: [{ status_code: '410', content_type: 'text/plain' }] },
  ]
  const listener = await balancer.listener([
    { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } },
  ])
  const transform = [
    { type: 'url-rewrite', url_rewrite_config: [{ rewrite: [{ regex: '^/a', replace: '/b' }] }] },
    {
      type: 'host-header-rewrite',
      host_header_rewrite_config: [{ rewrite: [{ regex: '^a', replace: 'b' }] }],
    },
  ]
  const condition = [{ path_pattern: [{ values: ['/a/*'] }] }]
  const rule = await rules.create({ listener_arn: listener, priority: 1, action: gone, condition, transform })
  const types = (attributes: Attributes | undefined) =>
    blocks(attributes ?? {}, 'transform').map(({ type, url_rewrite_config: url }) => [type, url])
  const expected = [
    ['url-rewrite', [{ rewrite: [{ regex: '^/a', replace: '/b' }] }]],
    ['host-header-rewrite', []],
  ]
  assert.deepEqual(types(await rules.read(rule)), expected)
  const kept = await rules.update({ ...rule, transform: transform.slice(0, 1) }, rule)
  assert.deepEqual(types(kept), expected.slice(0, 1))
  assert.deepEqual(types(await rules.update({ ...kept, transform: [] }, kept)), [])
})
