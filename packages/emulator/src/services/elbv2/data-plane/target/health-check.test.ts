import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import type { HealthCheck } from '../../model/model.ts'
import { forward, get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'
import { checkHealth } from './health-check.ts'

const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
})

const defaults: HealthCheck = {
  enabled: true,
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
}

async function listen(server: ReturnType<typeof createServer>): Promise<{ id: string; port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { id: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const check = (target: { id: string; port: number }, change: Partial<HealthCheck> = {}) =>
  checkHealth(target, { ...defaults, ...change }, AbortSignal.timeout(10_000))
const checkOf = async (listener: RequestListener, change: Partial<HealthCheck> = {}) =>
  check(await listen(createServer(listener)), change)

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#health-check-settings
test('checks every 30 s with a time-out of 5 s, healthy after 5, unhealthy after 2, unless configured otherwise', async () => {
  await using balancer = await startTestBalancer()
  const { TargetGroups } = await balancer.call('CreateTargetGroup', {
    Name: 'plain',
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
  })
  const group = (TargetGroups as unknown as Record<string, unknown>[])[0] ?? {}
  assert.deepEqual(
    [group.HealthCheckIntervalSeconds, group.HealthCheckTimeoutSeconds, group.HealthyThresholdCount],
    [30, 5, 5],
  )
  assert.deepEqual(
    [group.UnhealthyThresholdCount, group.HealthCheckPath, group.HealthCheckProtocol, group.HealthCheckPort],
    [2, '/', 'HTTP', 'traffic-port'],
  )
  assert.deepEqual(group.Matcher, { HttpCode: '200' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
test('a check is a GET of the path by HTTP/1.1, on a connection that is closed afterwards', async () => {
  const seen: Record<string, unknown> = {}
  const target = await listen(
    createServer((request, response) => {
      const { method, url, httpVersion, headers } = request
      Object.assign(seen, { method, url, httpVersion, host: headers.host, agent: headers['user-agent'] })
      request.socket.on('close', () => Object.assign(seen, { closed: true }))
      response.end()
    }),
  )
  assert.deepEqual(await check(target, { path: '/health?deep' }), { passed: true })
  await until('the checker closes its connection', () => seen.closed === true)
  assert.deepEqual(seen, {
    method: 'GET',
    url: '/health?deep',
    httpVersion: '1.1',
    host: `127.0.0.1:${target.port}`,
    agent: 'ELB-HealthChecker/2.0',
    closed: true,
  })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#health-check-settings
test('takes the codes of the matcher, one, several or a range, and follows no redirect', async () => {
  const passes = async (status: number, matcher: string) =>
    (await checkOf((_, response) => response.writeHead(status, { Location: '/' }).end(), { matcher })).passed
  assert.ok(await passes(200, '200'))
  assert.ok(await passes(202, '200,202'))
  assert.ok(await passes(299, '200-299,404'))
  assert.ok(await passes(302, '302'))
  assert.ok(!(await passes(302, '200')))
  assert.ok(!(await passes(300, '200-299,404')))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-reason-codes
test('a failed check has AWS’s reason: the code that came, the time-out, or that it failed', async () => {
  assert.deepEqual(await checkOf((_, response) => response.writeHead(503).end()), {
    passed: false,
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [503]',
  })
  const late = { passed: false, reason: 'Target.Timeout', description: 'Request timed out' }
  const started = performance.now()
  assert.deepEqual(await checkOf(() => {}, { timeoutSeconds: 0.2 }), late)
  assert.ok(performance.now() - started >= 190, 'no clock compresses it')
  assert.deepEqual(await checkOf((_, response) => void response.write('half'), { timeoutSeconds: 0.2 }), late)
  const failed = { passed: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }
  assert.deepEqual(await checkOf((request) => request.socket.destroy()), failed)
  assert.deepEqual(await check({ id: '127.0.0.1', port: 1 }), failed)
  // One that a store of before kept: nothing like it is taken any more.
  assert.deepEqual(await check({ id: '127.0.0.1', port: 1 }, { path: '/health check' }), failed)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
test('refuses a health path that is no path of a request line', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one', {}, { HealthCheckPath: `/${'x'.repeat(1023)}` })
  const change = (HealthCheckPath: string) =>
    balancer.call('ModifyTargetGroup', { TargetGroupArn: group, HealthCheckPath })
  await change("/~a/b-c_d.e/(f)?g={h}&i=%20'*+,;=:@!$")
  for (const path of [
    '',
    'health',
    '/health check',
    '/상태',
    '/a\tb',
    '/a\r\nX: b',
    `/${'x'.repeat(1024)}`,
  ]) {
    const refused = { code: 'ValidationError', message: /printable ASCII characters, without spaces/ }
    await assert.rejects(change(path), refused, path)
    await assert.rejects(balancer.group('two', {}, { HealthCheckPath: path }), refused, path)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#health-check-settings
test('checks over HTTPS without a look at the certificate, and on a port of its own', async () => {
  await using balancer = await startTestBalancer()
  const { key, cert } = await balancer.context.authority.issue(['somewhere.else'])
  const target = await listen(createSecureServer({ key, cert }, (_, response) => response.end()))
  assert.deepEqual(await check(target, { protocol: 'HTTPS' }), { passed: true })
  assert.equal((await check(target, { protocol: 'HTTP' })).passed, false)
  const elsewhere = { id: '127.0.0.1', port: 1 }
  assert.ok((await check(elsewhere, { protocol: 'HTTPS', port: String(target.port) })).passed)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-health
test('sends requests to all targets where fewer are healthy than the count or the percentage asks for', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => response.end('healthy'))
  await balancer.target(group, (_, response) => response.end('healthy too'))
  const third = await balancer.target(group, (_, response) => response.end('unhealthy'))
  third.server.removeAllListeners('request')
  third.server.on('request', (request, response) => {
    response.writeHead(request.url === '/health' ? 500 : 200).end('unhealthy')
  })
  await until(() => balancer.elb.targetHealth(group, third.target)?.state === 'unhealthy')
  const bodies = async () => {
    const found = new Set<string>()
    for (let sent = 0; sent < 6; sent++) found.add((await get(balancer.portOf(80))).body)
    return [...found].sort()
  }
  const require = async (what: 'count' | 'percentage', Value: string) => {
    const Key = `target_group_health.unhealthy_state_routing.minimum_healthy_targets.${what}`
    await balancer.call('ModifyTargetGroupAttributes', {
      TargetGroupArn: group,
      Attributes: [{ Key, Value }],
    })
  }
  const routedOpen = () =>
    balancer.metrics.filter((each) => each.metric === 'UnhealthyRoutingRequestCount').length
  assert.deepEqual(await bodies(), ['healthy', 'healthy too'])
  assert.equal(routedOpen(), 0)
  await require('count', '3')
  assert.deepEqual(await bodies(), ['healthy', 'healthy too', 'unhealthy'])
  assert.equal(routedOpen(), 6)
  await require('count', '1')
  await require('percentage', '67')
  assert.deepEqual(await bodies(), ['healthy', 'healthy too', 'unhealthy'])
  await require('percentage', '66')
  assert.deepEqual(await bodies(), ['healthy', 'healthy too'])
})
