import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

const signal = () => AbortSignal.timeout(20_000)

describe('a target that leaves', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('drains: no new requests at once, running ones finish, unused when the compressed delay is over', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '30' })
    await balancer.listener([forward(group)])
    let answer: (() => void) | undefined
    const { target: leaving } = await balancer.target(group, (_, response) => {
      answer = () => response.end('slow')
    })
    const slow = get(balancer.portOf(80))
    await until(() => answer !== undefined)
    await balancer.target(group, (_, response) => response.end('other'))
    let gone = false
    const started = performance.now()
    const done = balancer.elb.deregisterTarget(group, leaving).then(() => {
      gone = true
    })
    assert.equal(balancer.elb.targetHealth(group, leaving)?.state, 'draining')
    for (let sent = 0; sent < 4; sent++) assert.equal((await get(balancer.portOf(80))).body, 'other')
    // 30 s of AWS's time are 300 ms here; the request takes longer, and is waited for.
    await sleep(500)
    assert.equal(gone, false)
    answer?.()
    assert.equal((await slow).body, 'slow')
    await done
    assert.ok(performance.now() - started < 20_000, 'it did not wait for the delay in real time')
    assert.equal(balancer.elb.targetHealth(group, leaving), undefined)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('an idle target still drains for the whole delay', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '20' })
    await balancer.listener([forward(group)])
    const { target } = await balancer.target(group, (_, response) => response.end())
    const started = performance.now()
    const done = balancer.elb.deregisterTarget(group, target)
    // Not even where there is no other one.
    assert.equal((await get(balancer.portOf(80))).status, 503)
    await done
    assert.ok(performance.now() - started >= 199)
    assert.equal((await get(balancer.portOf(80))).status, 503)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('cuts with 502 what outlasts the real delay', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '1' })
    await balancer.listener([forward(group)])
    let asked = false
    const { target } = await balancer.target(group, () => {
      asked = true
    })
    const endless = get(balancer.portOf(80))
    await until(() => asked)
    const started = performance.now()
    await balancer.elb.deregisterTarget(group, target)
    assert.ok(performance.now() - started >= 999, 'the clock does not compress the cut-off')
    assert.equal((await endless).status, 502)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('a target registered again while it drains gets requests again', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '30' })
    await balancer.listener([forward(group)])
    const { target } = await balancer.target(group, (_, response) => response.end('back'))
    const reported: string[] = []
    balancer.elb.onTargetHealth((_group, _target, { state }) => void reported.push(state))
    const gone = balancer.elb.deregisterTarget(group, target)
    balancer.elb.registerTarget(group, target)
    await balancer.elb.targetHealthy(group, target, signal())
    await gone
    // Listeners of the target are not notified of the end of the earlier registration.
    assert.deepEqual([...new Set(reported)], ['draining', 'initial', 'healthy'])
    assert.equal(balancer.elb.targetHealth(group, target)?.state, 'healthy')
    assert.equal((await get(balancer.portOf(80))).body, 'back')
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('a client that keeps its connection goes on with other targets', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '3600' })
    await balancer.listener([forward(group)])
    const { target, server } = await balancer.target(group, (_, response) => response.end('leaving'))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async () => {
      const sent = request({ port: balancer.portOf(80), agent }).end()
      const [response] = await once(sent, 'response')
      let body = ''
      for await (const part of response) body += part
      return [body, sent.reusedSocket]
    }
    assert.deepEqual(await ask(), ['leaving', false])
    await balancer.target(group, (_, response) => response.end('other'))
    assert.deepEqual([(await ask())[0], (await ask())[0]].sort(), ['leaving', 'other'])
    void balancer.elb.deregisterTarget(group, target)
    assert.deepEqual(balancer.elb.targetHealth(group, target), {
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    })
    // What is idle is closed at once, so that the target can stop as soon as it likes.
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
    await until(async () => (await connections()) === 0)
    assert.equal(balancer.elb.targetHealth(group, target)?.state, 'draining')
    for (let sent = 0; sent < 3; sent++) assert.deepEqual(await ask(), ['other', true])
    agent.destroy()
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
  test('a WebSocket to a draining target goes on until the delay is over, and is cut then', async () => {
    await using balancer = await startTestBalancer({ speed: 100 })
    const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '3' })
    await balancer.listener([forward(group)])
    const { target, server } = await balancer.target(group, (_, response) => response.end())
    server.on('upgrade', (_incoming, socket: Duplex) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      socket.on('data', (part) => socket.write(part))
    })
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
    const [, socket] = await once(
      request({ port: balancer.portOf(80), agent: false, headers }).end(),
      'upgrade',
    )
    const started = performance.now()
    const closed = once(socket, 'close')
    const done = balancer.elb.deregisterTarget(group, target)
    await sleep(100)
    socket.write('still here')
    assert.equal(String((await once(socket, 'data'))[0]), 'still here')
    await closed
    assert.ok(performance.now() - started >= 2990, 'the clock does not compress the cut-off')
    await done
  })
})
