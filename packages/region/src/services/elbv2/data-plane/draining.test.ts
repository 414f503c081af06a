import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { forward, get, startTestBalancer } from '../testing.ts'

const signal = () => AbortSignal.timeout(5000)

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('drains: no new requests at once, running ones finish, unused when the compressed delay is over', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '30' })
  await balancer.listener([forward(group)])
  const { target: leaving } = await balancer.target(
    group,
    (_, response) => void setTimeout(() => response.end('slow'), 600),
  )
  const slow = get(balancer.portOf(80))
  await sleep(50)
  await balancer.target(group, (_, response) => response.end('other'))
  const started = performance.now()
  const done = balancer.elb.deregisterTarget(group, leaving).then(() => performance.now() - started)
  assert.equal(balancer.elb.targetHealth(group, leaving)?.state, 'draining')
  for (let sent = 0; sent < 4; sent++) assert.equal((await get(balancer.portOf(80))).body, 'other')
  assert.equal((await slow).body, 'slow')
  // 30 s of AWS's time are 300 ms here; the request took longer, and was waited for.
  const lasted = await done
  assert.ok(lasted > 500 && lasted < 2000, `${lasted} ms`)
  assert.equal(balancer.elb.targetHealth(group, leaving), undefined)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('an idle target still drains for the whole delay', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '20' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, (_, response) => response.end())
  const started = performance.now()
  await balancer.elb.deregisterTarget(group, target)
  assert.ok(performance.now() - started >= 199)
  assert.equal((await get(balancer.portOf(80))).status, 503)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('cuts with 502 what outlasts the real delay', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '1' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, () => {})
  const endless = get(balancer.portOf(80))
  await sleep(50)
  const started = performance.now()
  await balancer.elb.deregisterTarget(group, target)
  assert.ok(performance.now() - started >= 999, 'the clock does not compress the cut-off')
  assert.equal((await endless).status, 502)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('a target registered anew while it drains gets requests again', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '30' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, (_, response) => response.end('back'))
  const gone = balancer.elb.deregisterTarget(group, target)
  balancer.elb.registerTarget(group, target)
  await balancer.elb.targetHealthy(group, target, signal())
  await gone
  assert.equal(balancer.elb.targetHealth(group, target)?.state, 'healthy')
  assert.equal((await get(balancer.portOf(80))).body, 'back')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('a client that keeps its connection goes on with other targets', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '30' })
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
  const done = balancer.elb.deregisterTarget(group, target)
  assert.deepEqual(balancer.elb.targetHealth(group, target), {
    state: 'draining',
    reason: 'Target.DeregistrationInProgress',
    description: 'Target deregistration is in progress',
  })
  // What is idle is closed at once, so that the target can stop as soon as it likes.
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  while ((await connections()) > 0) await sleep(5)
  assert.deepEqual(await ask(), ['other', true])
  await done
  agent.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
test('a WebSocket to a draining target goes on until the delay is over, and is cut then', async () => {
  await using balancer = await startTestBalancer({ speed: 100 })
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '1' })
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
  assert.ok(performance.now() - started >= 990, 'the clock does not compress the cut-off')
  await done
})
