import assert from 'node:assert/strict'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { forward, get, startTestBalancer } from '../testing.ts'

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 where the target refuses, resets or breaks HTTP, and never sends a request twice', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  let requests = 0
  const raw = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (part) => {
      if (String(part).includes('ELB-HealthChecker'))
        return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      requests++
      if (String(part).startsWith('GET /reset')) return socket.resetAndDestroy()
      if (String(part).startsWith('GET /close')) return socket.end()
      socket.end('nonsense\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  const target = { id: '127.0.0.1', port: (raw.address() as AddressInfo).port }
  balancer.elb.registerTarget(group, target)
  await balancer.elb.targetHealthy(group, target, AbortSignal.timeout(5000))
  for (const path of ['/reset', '/close', '/nonsense']) {
    const answer = await get(balancer.portOf(80), path)
    assert.deepEqual([answer.status, answer.headers.server], [502, 'awselb/2.0'])
    assert.match(answer.body, /<h1>502 Bad Gateway<\/h1>/)
  }
  assert.equal(requests, 3)
  raw.close()
  await sleep(5)
  assert.equal((await get(balancer.portOf(80), '/')).status, 502)
  const counted = (metric: string, dimensions: string) =>
    balancer.metrics.filter(
      (datum) => datum.metric === metric && Object.keys(datum.dimensions).join() === dimensions,
    ).length
  assert.equal(counted('HTTPCode_ELB_5XX_Count', 'LoadBalancer'), 4)
  assert.equal(counted('TargetConnectionErrorCount', 'TargetGroup,LoadBalancer'), 1)
  assert.equal(counted('RequestCount', 'TargetGroup,LoadBalancer'), 4)
})

test('cuts an answer that its target broke off', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half')
    setTimeout(() => response.socket?.destroy(), 20)
  })
  await assert.rejects(get(balancer.portOf(80)), /aborted|hang up|ECONNRESET/)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
test('answers 504 where the target is silent for the idle time-out, which no clock compresses', async () => {
  await using balancer = await startTestBalancer({ speed: 1000 })
  await balancer.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer.loadBalancerArn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
  })
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, () => {})
  const started = performance.now()
  assert.equal((await get(balancer.portOf(80))).status, 504)
  assert.ok(performance.now() - started > 900)
})
