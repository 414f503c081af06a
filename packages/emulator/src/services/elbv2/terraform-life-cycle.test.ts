/** What a changed configuration does to a load balancer that serves: in place, or replaced, and with what effect. */
import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { EmulatorError } from '../../client/index.ts'
import { type LifeCycle, startLifeCycle } from '../../test-kit/terraform-life-cycle.test-kit.ts'
import { balancerResources } from './test-kit/terraform-life-cycle.test-kit.ts'

describe('a load balancer whose configuration changes', { timeout: 120_000 }, () => {
  let life: LifeCycle
  let elb: sdk.ElasticLoadBalancingV2Client
  before(async () => {
    life = await startLifeCycle(balancerResources())
    elb = new sdk.ElasticLoadBalancingV2Client(life.settings)
    await life.apply()
    assert.deepEqual(await life.plan(), [])
  })
  after(async () => {
    elb?.destroy()
    await life?.[Symbol.asyncDispose]()
  })

  const group = async (name = 'blue') => {
    const { TargetGroups = [] } = await elb.send(new sdk.DescribeTargetGroupsCommand({}))
    return TargetGroups.find(({ TargetGroupName = '' }) => TargetGroupName.startsWith(name))
  }
  const balancer = async () => {
    const { LoadBalancers } = await elb.send(new sdk.DescribeLoadBalancersCommand({}))
    const [found] = LoadBalancers ?? []
    assert.ok(found)
    return found
  }
  const listener = async (protocol: string) => {
    const { LoadBalancerArn } = await balancer()
    const { Listeners = [] } = await elb.send(new sdk.DescribeListenersCommand({ LoadBalancerArn }))
    const found = Listeners.find(({ Protocol }) => Protocol === protocol)
    assert.ok(found)
    return found
  }
  const ask = async (path: string, port = 80) => {
    const at = await life.socket((await balancer()).DNSName ?? '', port)
    assert.ok(at, `nothing listens on port ${port}`)
    return fetchText(at, path)
  }

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
  test('a target group’s health check and deregistration delay change in place and count at once', async () => {
    const before = await group()
    Object.assign(life.of('aws_lb_target_group.blue'), {
      deregistration_delay: 5,
      health_check: { path: '/healthy', interval: 15, healthy_threshold: 2 },
    })
    assert.deepEqual(await life.apply(), ['update aws_lb_target_group.blue'])
    const { TargetGroupArn, HealthCheckPath, HealthCheckIntervalSeconds, HealthyThresholdCount } =
      (await group()) ?? {}
    assert.equal(TargetGroupArn, before?.TargetGroupArn)
    assert.deepEqual(
      [HealthCheckPath, HealthCheckIntervalSeconds, HealthyThresholdCount],
      ['/healthy', 15, 2],
    )
    const { Attributes = [] } = await elb.send(
      new sdk.DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
    )
    const delay = Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')
    assert.equal(delay?.Value, '5')
    assert.deepEqual(await life.plan(), [])
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
  test('a target group that a rule forwards to cannot be replaced by deleting it first', async () => {
    const before = await group()
    life.of('aws_lb_target_group.blue').port = 9090
    assert.deepEqual(await life.plan(), [
      'replace aws_lb_target_group.blue (port)',
      'update aws_lb_listener_rule.api',
    ])
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.match(
        error.diagnostics[0]?.detail ?? '',
        /^ResourceInUse: .*is currently in use by a listener or a rule/,
      )
      assert.deepEqual(
        error.unfinished?.pending.map(({ action, address }) => `${action} ${address}`),
        ['replace aws_lb_target_group.blue', 'update aws_lb_listener_rule.api'],
      )
      return true
    })
    assert.equal((await group())?.TargetGroupArn, before?.TargetGroupArn)
    assert.equal((await group())?.Port, 8080)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
  test('nor by one of the same name that is made before it', async () => {
    life.of('aws_lb_target_group.blue').lifecycle = { create_before_destroy: true }
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.match(
        error.diagnostics[0]?.detail ?? '',
        /^DuplicateTargetGroupName: A target group with the same name 'blue' exists/,
      )
      return true
    })
    assert.equal((await group())?.Port, 8080)
  })

  test('with a name of its own the new target group comes first, and the rule moves to it', async () => {
    const before = await group()
    const { name: _fixed, ...rest } = life.of('aws_lb_target_group.blue')
    Object.assign(life.resources.aws_lb_target_group ?? {}, { blue: { ...rest, name_prefix: 'blue-' } })
    assert.deepEqual(await life.apply(), [
      'replace aws_lb_target_group.blue (name_prefix, port) first',
      'update aws_lb_listener_rule.api',
    ])
    const now = await group()
    assert.notEqual(now?.TargetGroupArn, before?.TargetGroupArn)
    assert.equal(now?.Port, 9090)
    const { TargetGroups = [] } = await elb.send(new sdk.DescribeTargetGroupsCommand({}))
    assert.equal(TargetGroups.length, 1, 'the old one was deleted')
    assert.deepEqual(await life.plan(), [])
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
  test('a rule’s priority and conditions change in place, for the very next request', async () => {
    assert.equal(await ask('/called'), 'called')
    Object.assign(life.of('aws_lb_listener_rule.called'), {
      priority: 30,
      condition: { path_pattern: { values: ['/heard'] } },
    })
    assert.deepEqual(await life.apply(), ['update aws_lb_listener_rule.called'])
    assert.deepEqual([await ask('/called'), await ask('/heard')], ['default', 'called'])
    const { Rules = [] } = await elb.send(
      new sdk.DescribeRulesCommand({ ListenerArn: (await listener('HTTP')).ListenerArn }),
    )
    assert.deepEqual(
      Rules.map(({ Priority }) => Priority),
      ['20', '30', 'default'],
    )
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
  test('a listener’s port changes in place: it listens on the new one, and no longer on the old one', async () => {
    const before = await listener('HTTP')
    const old = await life.socket((await balancer()).DNSName ?? '', 80)
    life.of('aws_lb_listener.http').port = 8081
    assert.deepEqual(await life.apply(), ['update aws_lb_listener.http'])
    const now = await listener('HTTP')
    assert.deepEqual([now.ListenerArn, now.Port], [before.ListenerArn, 8081])
    assert.equal(await ask('/heard', 8081), 'called')
    const same = await life.socket((await balancer()).DNSName ?? '', 8081)
    assert.equal(await life.socket((await balancer()).DNSName ?? '', 80), undefined)
    if (old && old.port !== same?.port) await assert.rejects(fetchText(old, '/'))
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-update-certificates.html
  test('a listener’s certificate is exchanged in place, and no connection is dropped for it', async () => {
    const at = await life.socket((await balancer()).DNSName ?? '', 443)
    assert.ok(at)
    const open = (servername: string) =>
      new Promise<TLSSocket>((resolve, reject) => {
        const socket = connectTls({ ...at, servername, rejectUnauthorized: false }, () => resolve(socket))
        socket.once('error', reject)
      })
    const early = await open('one.example.com')
    assert.equal(namesOf(early), 'DNS:one.example.com')
    assert.match(await request(early), /secure$/)
    life.of('aws_lb_listener.https').certificate_arn = '${aws_acm_certificate_validation.two.certificate_arn}'
    assert.deepEqual(await life.apply(), ['update aws_lb_listener.https'])
    assert.match(await request(early), /secure$/)
    const late = await open('two.example.com')
    assert.equal(namesOf(late), 'DNS:two.example.com')
    assert.match(await request(late), /secure$/)
    for (const socket of [early, late]) socket.destroy()
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
  test('a listener changes from HTTPS to HTTP in place, and back', async () => {
    const before = await listener('HTTPS')
    const secure = { ...life.of('aws_lb_listener.https') }
    const { certificate_arn: _none, ...rest } = secure
    Object.assign(life.resources.aws_lb_listener ?? {}, { https: { ...rest, protocol: 'HTTP' } })
    assert.deepEqual(await life.apply(), ['update aws_lb_listener.https'])
    assert.deepEqual(await life.plan(), [])
    assert.equal(await ask('/', 443), 'secure')
    Object.assign(life.resources.aws_lb_listener ?? {}, { https: secure })
    assert.deepEqual(await life.apply(), ['update aws_lb_listener.https'])
    assert.deepEqual(await life.plan(), [])
    const after = await listener('HTTPS')
    assert.deepEqual([after.ListenerArn, after.Certificates], [before.ListenerArn, before.Certificates])
  })

  test('another name makes another load balancer, and with it new listeners and rules', async () => {
    const before = await balancer()
    life.of('aws_lb.main').name = 'other'
    assert.deepEqual(await life.apply(), [
      'replace aws_lb.main (name)',
      'replace aws_lb_listener.http (load_balancer_arn)',
      'replace aws_lb_listener.https (load_balancer_arn)',
      'replace aws_lb_listener_rule.api (listener_arn)',
      'replace aws_lb_listener_rule.called (listener_arn)',
    ])
    const now = await balancer()
    assert.notEqual(now.DNSName, before.DNSName)
    assert.equal(await life.socket(before.DNSName ?? '', 443), undefined)
    assert.equal(await ask('/heard', 8081), 'called')
    life.of('aws_lb.main').internal = true
    assert.ok((await life.plan()).includes('replace aws_lb.main (internal)'))
    life.of('aws_lb.main').internal = false
    assert.deepEqual(await life.plan(), [])
  })

  test('destroyed, nothing of it listens or resolves', async () => {
    await life.destroy()
    assert.deepEqual((await life.emulator.status()).names, [])
    assert.deepEqual((await elb.send(new sdk.DescribeLoadBalancersCommand({}))).LoadBalancers, [])
    assert.deepEqual((await elb.send(new sdk.DescribeTargetGroupsCommand({}))).TargetGroups, [])
  })
})

const namesOf = (socket: TLSSocket) => socket.getPeerCertificate().subjectaltname

/** One request over a connection that stays open. */
function request(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was dropped')))
    socket.once('data', (data) => resolve(String(data)))
    socket.write('GET / HTTP/1.1\r\nHost: any\r\n\r\n')
  })
}

function fetchText(at: { host: string; port: number }, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ ...at, path, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.once('end', () => resolve(text))
    }).once('error', reject)
  })
}
