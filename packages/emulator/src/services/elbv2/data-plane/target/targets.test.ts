import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import type { TargetHealth } from '../../contract.ts'
import { forward, get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

const signal = () => AbortSignal.timeout(30_000)

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
test('a new target needs one passed check, a failed one the threshold to leave and to come back', async () => {
  await using balancer = await startTestBalancer({ speed: 500 })
  const group = await balancer.group('one', {}, { HealthyThresholdCount: 3, UnhealthyThresholdCount: 2 })
  await balancer.listener([forward(group)])
  let checks: number[] = []
  const seen: string[] = []
  let healthy = true
  const { server } = await balancer.target(group, () => {}, { awaitHealth: false })
  server.removeAllListeners('request')
  server.on('request', (_, response) => {
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
  assert.deepEqual(await changed(), { state: 'healthy' })
  assert.deepEqual(checks, [200])
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
  assert.deepEqual(seen, ['healthy', 'unhealthy', 'healthy'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
test('only failed checks in a row make a target unhealthy', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one', {}, { UnhealthyThresholdCount: 2 })
  await balancer.listener([forward(group)])
  const { server } = await balancer.target(group, () => {})
  const seen: string[] = []
  balancer.elb.onTargetHealth((_arn, _target, health) => void seen.push(health.state))
  let checks = 0
  server.removeAllListeners('request')
  server.on('request', (_, response) => response.writeHead(checks++ % 2 === 0 ? 500 : 200).end())
  await until(() => checks >= 8)
  assert.deepEqual(seen, [])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-reason-codes
test('a target that is not used or not healthy yet says so, with AWS’s code', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  const refused = { id: '127.0.0.1', port: 1 }
  balancer.elb.registerTarget(group, refused)
  // No rule forwards to the group yet.
  assert.deepEqual(balancer.elb.targetHealth(group, refused)?.reason, 'Target.NotInUse')
  // So there is nothing to drain.
  void balancer.elb.deregisterTarget(group, refused)
  assert.equal(balancer.elb.targetHealth(group, refused), undefined)
  balancer.elb.registerTarget(group, refused)
  const ListenerArn = await balancer.listener([forward(group)])
  assert.equal(balancer.elb.targetHealth(group, refused)?.state, 'initial')
  await until(() => balancer.elb.targetHealth(group, refused)?.reason === 'Target.FailedHealthChecks')
  await balancer.call('DeleteListener', { ListenerArn })
  assert.deepEqual(balancer.elb.targetHealth(group, refused)?.reason, 'Target.NotInUse')
  assert.equal(balancer.elb.targetHealth(group, { id: '127.0.0.1', port: 2 }), undefined)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
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
  await until(() => balancer.elb.targetHealth(group, target)?.state === 'unhealthy')
  assert.equal((await get(balancer.portOf(80))).body, 'still here')
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

test('an undone transaction leaves the targets that were registered before it, and no others', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { target: kept } = await balancer.target(group, (_, response) => response.end('kept'))
  const other = { id: '127.0.0.1', port: 1 }
  assert.throws(() =>
    balancer.context.store.transaction(() => {
      balancer.elb.registerTarget(group, other)
      balancer.elb.deregisterTarget(group, kept).catch(() => undefined)
      throw new Error('in its middle')
    }),
  )
  assert.equal(balancer.elb.targetHealth(group, other), undefined)
  await balancer.elb.targetHealthy(group, kept, signal())
  assert.equal((await get(balancer.portOf(80))).body, 'kept')
})
