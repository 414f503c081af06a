import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'
import { restingConnections, TargetConnections } from './connections.ts'

/**
 * Sends `perSecond` requests for `ms` and returns how many did not answer 200. Its own connections rest for less than
 * any balancer's idle time-out: a request that met that would say nothing about targets.
 */
async function load(port: number, perSecond: number, ms: number): Promise<{ sent: number; failed: number }> {
  const agent = new Agent({ keepAlive: true, timeout: 300 })
  const answers: Promise<boolean>[] = []
  const started = performance.now()
  while (performance.now() - started < ms) {
    const due = ((performance.now() - started) / 1000) * perSecond
    while (answers.length < due) answers.push(ask(port, agent))
    await sleep(2)
  }
  const outcomes = await Promise.all(answers)
  agent.destroy()
  return { sent: outcomes.length, failed: outcomes.filter((passed) => !passed).length }
}

function ask(port: number, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ port, agent }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
    sent.on('error', () => resolve(false))
    sent.end()
  })
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('a target that closes idle connections before the balancer loses requests, and the reason is logged', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { server } = await balancer.target(group, (_, response) => response.end())
  server.keepAliveTimeout = 100
  server.keepAliveTimeoutBuffer = 0
  let failed = 0
  // Each time that a resting connection is closed is a chance; with some 80 a second this takes a fraction of one.
  for (let second = 0; failed === 0 && second < 5; second++) {
    failed += (await load(balancer.portOf(80), 300, 1000)).failed
  }
  assert.ok(failed > 0, 'no request was lost')
  const logged = balancer.context.events.since(0).find((event) => event.detailType === 'Request Failed')
  assert.match(String(logged?.detail.reason), /keep-alive is shorter/)
  assert.ok(Number(logged?.detail.idleMs) >= 90)
})

test('a target that keeps connections longer than the balancer loses none, whatever the load', async () => {
  await using balancer = await startTestBalancer()
  await balancer.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer.loadBalancerArn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
  })
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { server } = await balancer.target(group, (_, response) => response.end())
  server.keepAliveTimeout = 1200
  server.keepAliveTimeoutBuffer = 0
  const { sent, failed } = await load(balancer.portOf(80), 300, 2500)
  assert.ok(sent > 500)
  assert.equal(failed, 0)
})

test('requests one after the other use one connection, once enough of them rest', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  // Health checks have connections of their own.
  const connections = new Set<unknown>()
  await balancer.target(group, (request, response) => {
    connections.add(request.socket)
    response.end()
  })
  const agent = new Agent({ keepAlive: true })
  for (let sent = 0; sent < 30; sent++) {
    assert.equal(await ask(balancer.portOf(80), agent), true)
    // A connection is free a moment after its answer is read.
    await sleep(25)
  }
  agent.destroy()
  // A machine with other work may keep one from being free in time.
  const allowed = restingConnections + 3
  assert.ok(
    connections.size <= allowed,
    `${connections.size} connections for 30 requests; ${allowed} are enough`,
  )
})

test('a connection that its target closes costs one request at most, none once that is known; one of a target that leaves is closed', async (t) => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => response.end())
  server.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connections = new TargetConnections({
    target: { id: '127.0.0.1', port },
    tls: false,
    idleTimeoutMs: () => 60_000,
  })
  /** A request, and the close of its connection when it rests: what is taken at that very moment. */
  const closed = async (take: () => void) => {
    const sent = request({ agent: connections }).end()
    const [response] = await once(sent, 'response')
    sent.socket?.on('end', take)
    await once(response.resume(), 'end')
    // It rests a moment after its answer is read.
    await sleep(20)
    assert.equal(connections.takeClosedByTarget(), undefined)
    server.closeIdleConnections()
    await until(() => connections.size === 0)
  }
  const taken: (number | undefined)[] = []
  await closed(() => taken.push(connections.takeClosedByTarget(), connections.takeClosedByTarget()))
  assert.ok((taken[0] ?? 0) > 10, `${taken[0]} ms`)
  assert.equal(taken[1], undefined)
  await closed(() => {})
  await sleep(50)
  assert.equal(connections.takeClosedByTarget(), undefined)
  // Once its target leaves, a connection does not rest any more.
  const last = request({ agent: connections }).end()
  const [response] = await once(last, 'response')
  connections.close()
  assert.equal(connections.size, 1)
  response.resume()
  await until(() => connections.size === 0)
})

describe('the time that a target keeps idle connections', { concurrency: true }, () => {
  const known = (balancer: Awaited<ReturnType<typeof startTestBalancer>>) =>
    balancer.context.events
      .since(0)
      .filter(({ detailType }) => detailType === 'Target Keep-Alive')
      .map(({ detail }) => detail)

  test('is learned from a connection that it closes, once it has answered again', async () => {
    await using balancer = await startTestBalancer()
    const group = await balancer.group('one')
    await balancer.listener([forward(group)])
    const { server } = await balancer.target(group, (_, response) => {
      response.removeHeader('keep-alive')
      response.sendDate = false
      response.writeHead(200, { connection: 'keep-alive' }).end()
    })
    server.keepAliveTimeout = 400
    server.keepAliveTimeoutBuffer = 0
    const agent = new Agent()
    await ask(balancer.portOf(80), agent)
    await sleep(900)
    assert.deepEqual(known(balancer), [])
    await ask(balancer.portOf(80), agent)
    const [closed] = await until('it is known', async () =>
      known(balancer)[0] ? known(balancer) : undefined,
    )
    assert.equal(closed?.known, 'closed')
    assert.ok(Number(closed?.idleMs) >= 380 && Number(closed?.idleMs) < 800, `${closed?.idleMs} ms`)
    assert.equal(closed?.idleTimeoutMs, 60_000)
  })

  test('is learned from its answers, where they say it', async () => {
    await using balancer = await startTestBalancer()
    const group = await balancer.group('one')
    await balancer.listener([forward(group)])
    const { server } = await balancer.target(group, (_, response) => response.end())
    server.keepAliveTimeout = 60_000
    const agent = new Agent()
    await ask(balancer.portOf(80), agent)
    await ask(balancer.portOf(80), agent)
    const all = known(balancer).map(({ known, idleMs }) => ({ known, idleMs }))
    assert.deepEqual(all, [{ known: 'announced', idleMs: 60_000 }])
  })

  test('is not what a target closes that ends', async () => {
    await using balancer = await startTestBalancer()
    const group = await balancer.group('one')
    await balancer.listener([forward(group)])
    const { server } = await balancer.target(group, (_, response) =>
      response.writeHead(200, { connection: 'keep-alive' }).end(),
    )
    await ask(balancer.portOf(80), new Agent())
    server.closeAllConnections()
    server.close()
    await sleep(600)
    await ask(balancer.portOf(80), new Agent())
    assert.deepEqual(known(balancer), [])
  })
})
