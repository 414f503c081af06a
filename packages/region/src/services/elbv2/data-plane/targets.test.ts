import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TargetHealth } from '../contract.ts'
import { forward, get, startTestBalancer } from '../testing.ts'

const signal = () => AbortSignal.timeout(5000)

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
test('a new target needs one passed check, a failed one the threshold to leave and to come back', async () => {
  await using balancer = await startTestBalancer({ speed: 500 })
  const group = await balancer.group('one', {}, { HealthyThresholdCount: 3, UnhealthyThresholdCount: 2 })
  await balancer.listener([forward(group)])
  let checks: number[] = []
  const seen: string[] = []
  const { target, server } = await balancer.target(group, () => {})
  let healthy = true
  server.removeAllListeners('request')
  server.on('request', (incoming, response) => {
    assert.equal(incoming.headers['user-agent'], 'ELB-HealthChecker/2.0')
    assert.equal(incoming.headers.host, `127.0.0.1:${target.port}`)
    checks.push(healthy ? 200 : 500)
    response.writeHead(healthy ? 200 : 500).end()
  })
  const changed = () =>
    new Promise<TargetHealth>((resolve) => {
      const stop = balancer.elb.onTargetHealth((_arn, _target, health) => {
        seen.push(health.state)
        stop()
        resolve(health)
      })
    })
  checks = []
  healthy = false
  assert.deepEqual(await changed(), {
    state: 'unhealthy',
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [500]',
  })
  assert.equal(checks.filter((status) => status === 500).length, 2)
  checks = []
  healthy = true
  await changed()
  assert.equal(checks.filter((status) => status === 200).length, 3)
  assert.deepEqual(seen, ['unhealthy', 'healthy'])
})

test('a target says why it is not healthy', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  const refused = { id: '127.0.0.1', port: 1 }
  balancer.elb.registerTarget(group, refused)
  // Nobody forwards to the group yet.
  assert.deepEqual(balancer.elb.targetHealth(group, refused)?.reason, 'Target.NotInUse')
  await balancer.listener([forward(group)])
  assert.equal(balancer.elb.targetHealth(group, refused)?.state, 'initial')
  await sleep(150)
  assert.equal(balancer.elb.targetHealth(group, refused)?.reason, 'Target.FailedHealthChecks')
  assert.equal(balancer.elb.targetHealth(group, { id: '127.0.0.1', port: 2 }), undefined)
})

test('fails open: when all targets of a group are unhealthy, all of them get requests', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one', {}, { HealthCheckPath: '/never' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(
    group,
    (incoming, response) => {
      response.writeHead(incoming.url === '/never' ? 500 : 200).end('still here')
    },
    { awaitHealth: false },
  )
  await sleep(150)
  assert.equal(balancer.elb.targetHealth(group, target)?.state, 'unhealthy')
  assert.equal((await get(balancer.portOf(80))).body, 'still here')
})

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

test('opens its listeners and finds its targets again after a restart', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, (_, response) => response.end('again'))
  const elb = await balancer.restart()
  await elb.targetHealthy(group, target, signal())
  assert.equal((await get(balancer.portOf(80))).body, 'again')
})
