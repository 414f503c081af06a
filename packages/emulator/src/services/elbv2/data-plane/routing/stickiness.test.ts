import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, get, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'
import { createStickiness } from './stickiness.ts'

/** The Cookie header that sends back what an answer has set, or those of these names. */
function sentBack(cookies: readonly string[] | undefined, ...names: string[]): { Cookie: string } {
  const pairs = (cookies ?? []).map((cookie) => cookie.split(';')[0] ?? '')
  return {
    Cookie: pairs.filter((pair) => names.length === 0 || names.includes(pair.split('=')[0] ?? '')).join('; '),
  }
}

/** How many requests found no session. */
const unpinned = ({ metrics }: TestBalancer) =>
  metrics.filter(({ metric }) => metric === 'NonStickyRequestCount').length

async function twoTargets(balancer: TestBalancer, group: string, cookie?: string) {
  const listener = (name: string) => (_: unknown, response: import('node:http').ServerResponse) => {
    if (cookie !== undefined) response.setHeader('Set-Cookie', cookie)
    response.end(name)
  }
  return [
    await balancer.target(group, listener('one')),
    await balancer.target(group, listener('two')),
  ] as const
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('pins a client to a target by AWSALB and its twin AWSALBCORS, which browsers keep for seven days', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('sticky', { 'stickiness.enabled': 'true' })
  await balancer.listener([forward(group)])
  await twoTargets(balancer, group)
  const port = balancer.portOf(80)
  const first = await get(port)
  const [cookie = '', twin = ''] = first.headers['set-cookie'] ?? []
  assert.match(cookie, /^AWSALB=[^;]+; Expires=[^;]+; Path=\/$/)
  assert.match(twin, /^AWSALBCORS=[^;]+; Expires=[^;]+; Path=\/; SameSite=None; Secure$/)
  const days = (Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '') - Date.now()) / 86_400_000
  assert.ok(days > 6.9 && days < 7.1, `${days} days`)
  const headers = sentBack(first.headers['set-cookie'])
  for (let sent = 0; sent < 4; sent++) {
    const next = await get(port, '/', { headers })
    assert.equal(next.body, first.body)
    // Its duration begins again with every answer.
    assert.match(next.headers['set-cookie']?.[0] ?? '', /^AWSALB=/)
  }
  assert.equal(unpinned(balancer), 1)
  // Without its cookie it is a client like any other.
  const others = new Set([(await get(port)).body, (await get(port)).body])
  assert.deepEqual([others.size, unpinned(balancer)], [2, 3])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('chooses another target where the pinned one is deregistered, or the cookie makes no sense', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('sticky', { 'stickiness.enabled': 'true' })
  await balancer.listener([forward(group)])
  const [one] = await twoTargets(balancer, group)
  const port = balancer.portOf(80)
  const pinned = async () => {
    for (;;) {
      const answer = await get(port)
      if (answer.body === 'one') return sentBack(answer.headers['set-cookie'])
    }
  }
  const headers = await pinned()
  for (let sent = 0; sent < 4; sent++) assert.equal((await get(port, '/', { headers })).body, 'one')
  void balancer.elb.deregisterTarget(group, one.target)
  const moved = await get(port, '/', { headers })
  assert.equal(moved.body, 'two')
  assert.equal((await get(port, '/', { headers: sentBack(moved.headers['set-cookie']) })).body, 'two')
  for (const Cookie of ['AWSALB=nonsense', 'AWSALB=', `AWSALB=${'A'.repeat(21)}==`]) {
    const start = unpinned(balancer)
    const chosen = await get(port, '/', { headers: { Cookie } })
    assert.deepEqual([chosen.status, chosen.body, unpinned(balancer)], [200, 'two', start + 1])
    assert.match(chosen.headers['set-cookie']?.[0] ?? '', /^AWSALB=/)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('chooses another target where the pinned one became unhealthy, and stays with it', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('sticky', { 'stickiness.enabled': 'true' })
  await balancer.listener([forward(group)])
  const [one, two] = await twoTargets(balancer, group)
  const port = balancer.portOf(80)
  const first = await get(port)
  const headers = sentBack(first.headers['set-cookie'])
  assert.equal((await get(port, '/', { headers })).body, first.body)
  const { server, target } = first.body === 'one' ? one : two
  server.close()
  server.closeAllConnections()
  await until(() => balancer.elb.targetHealth(group, target)?.state === 'unhealthy')
  const moved = await get(port, '/', { headers })
  assert.notEqual(moved.body, first.body)
  const next = sentBack(moved.headers['set-cookie'])
  assert.equal((await get(port, '/', { headers: next })).body, moved.body)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('honours a cookie for the configured duration since it was given out', () => {
  let now = 1_000_000
  const stickiness = createStickiness('secret', () => now)
  const token = stickiness.token('target')
  assert.ok(stickiness.matches(token, 'target', 60))
  assert.ok(!stickiness.matches(token, 'other', 60))
  assert.ok(!createStickiness('another', () => now).matches(token, 'target', 60))
  now += 60_000
  assert.ok(stickiness.matches(token, 'target', 60))
  now += 1
  assert.ok(!stickiness.matches(token, 'target', 60))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('a session lasts as long as its rule, or its target group, says', async () => {
  await using balancer = await startTestBalancer({ random: () => 0 })
  const settings = { 'stickiness.enabled': 'true', 'stickiness.lb_cookie.duration_seconds': '60' }
  const [blue, green] = [await balancer.group('blue'), await balancer.group('green', settings)]
  const action = forward(blue, green)
  Object.assign(action.ForwardConfig, { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } })
  await balancer.listener([action])
  await balancer.listener([forward(green)], { Port: 81 })
  await balancer.target(blue, (_, response) => response.end('blue'))
  const { target } = await balancer.target(green, (_, response) => response.end('green'))
  /** A cookie that the balancer gave out so long ago. */
  const given = (name: string, secondsAgo: number) =>
    createStickiness(
      balancer.context.authority.secret('elbv2 stickiness'),
      () => balancer.context.clock.now() - secondsAgo * 1000,
    ).token(name)
  const toGroup = (secondsAgo: number) =>
    get(balancer.portOf(80), '/', { headers: { Cookie: `AWSALBTG=${given(green, secondsAgo)}` } })
  const kept = await toGroup(30)
  assert.deepEqual([kept.body, (await toGroup(61)).body], ['green', 'blue'])
  // Both sessions begin again with each answer.
  const names = kept.headers['set-cookie']?.map((cookie) => cookie.split('=')[0])
  assert.deepEqual(names, ['AWSALBTG', 'AWSALBTGCORS', 'AWSALB', 'AWSALBCORS'])
  const start = unpinned(balancer)
  const toTarget = async (secondsAgo: number) => {
    const Cookie = `AWSALB=${given(`${green}|${target.id}:${target.port}`, secondsAgo)}`
    await get(balancer.portOf(81), '/', { headers: { Cookie } })
    return unpinned(balancer) - start
  }
  assert.deepEqual([await toTarget(30), await toTarget(61)], [0, 1])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#forward-actions
test('pins a client to a target group by AWSALBTG and AWSALBTGCORS where the rule says so', async () => {
  let turn = 0
  await using balancer = await startTestBalancer({ random: () => (turn++ % 2 === 0 ? 0.1 : 0.9) })
  const [blue, green] = [await balancer.group('blue'), await balancer.group('green')]
  const action = forward(blue, green)
  Object.assign(action.ForwardConfig, { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } })
  await balancer.listener([action])
  await balancer.target(blue, (_, response) => response.end('blue'))
  await balancer.target(green, (_, response) => response.end('green'))
  const port = balancer.portOf(80)
  const first = await get(port)
  const names = first.headers['set-cookie']?.map((cookie) => cookie.split('=')[0])
  assert.deepEqual(names, ['AWSALBTG', 'AWSALBTGCORS'])
  const headers = sentBack(first.headers['set-cookie'])
  const others = new Set([(await get(port)).body, (await get(port)).body])
  assert.equal(others.size, 2)
  for (let sent = 0; sent < 8; sent++) assert.equal((await get(port, '/', { headers })).body, first.body)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#forward-actions
test('a target group whose weight became 0 gets none of the clients that were pinned to it', async () => {
  await using balancer = await startTestBalancer()
  const [blue, green] = [await balancer.group('blue'), await balancer.group('green')]
  const sticky = (...weights: [number, number]) => {
    const action = forward([blue, weights[0]], [green, weights[1]])
    const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 }
    return [{ ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroupStickinessConfig } }]
  }
  const ListenerArn = await balancer.listener(sticky(0, 100))
  await balancer.target(blue, (_, response) => response.end('blue'))
  await balancer.target(green, (_, response) => response.end('green'))
  const port = balancer.portOf(80)
  const first = await get(port)
  const headers = sentBack(first.headers['set-cookie'])
  await balancer.call('ModifyListener', { ListenerArn, DefaultActions: sticky(50, 50) })
  for (let sent = 0; sent < 8; sent++) assert.equal((await get(port, '/', { headers })).body, 'green')
  await balancer.call('ModifyListener', { ListenerArn, DefaultActions: sticky(100, 0) })
  const moved = await get(port, '/', { headers })
  assert.equal(moved.body, 'blue')
  // It is pinned again, to where it went.
  await balancer.call('ModifyListener', { ListenerArn, DefaultActions: sticky(1, 999) })
  const next = sentBack(moved.headers['set-cookie'])
  for (let sent = 0; sent < 4; sent++) assert.equal((await get(port, '/', { headers: next })).body, 'blue')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('pins by the application’s cookie once the target sets it, and only while both cookies come back', async () => {
  await using balancer = await startTestBalancer()
  const settings = {
    'stickiness.enabled': 'true',
    'stickiness.type': 'app_cookie',
    'stickiness.app_cookie.cookie_name': 'session',
  }
  const group = await balancer.group('sticky', settings)
  await balancer.listener([forward(group)])
  const silent = await balancer.group('silent', settings)
  await balancer.listener([forward(silent)], { Port: 81 })
  await twoTargets(balancer, group, 'session=1; HttpOnly')
  await balancer.target(silent, (_, response) => response.end('no cookie'))
  assert.equal((await get(balancer.portOf(81))).headers['set-cookie'], undefined)
  const port = balancer.portOf(80)
  const browser = { 'User-Agent': 'Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36' }
  const first = await get(port, '/', { headers: browser })
  assert.match(first.headers['set-cookie']?.[1] ?? '', /^AWSALBAPP-0=.*; SameSite=None; Secure$/)
  const other = await get(port)
  assert.match(other.headers['set-cookie']?.[1] ?? '', /^AWSALBAPP-0=[^;]+; Expires=[^;]+; Path=\/$/)
  const headers = sentBack(first.headers['set-cookie'])
  for (let sent = 0; sent < 4; sent++) assert.equal((await get(port, '/', { headers })).body, first.body)
  const alone = sentBack(first.headers['set-cookie'], 'AWSALBAPP-0')
  const bodies = new Set<string>()
  for (let sent = 0; sent < 4; sent++) bodies.add((await get(port, '/', { headers: alone })).body)
  assert.equal(bodies.size, 2)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
test('stickiness by the application’s cookie does not work with weighted target groups', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('sticky', {
    'stickiness.enabled': 'true',
    'stickiness.type': 'app_cookie',
    'stickiness.app_cookie.cookie_name': 'session',
  })
  const empty = await balancer.group('empty')
  await balancer.listener([forward([group, 1], [empty, 0])])
  await balancer.target(group, (_, response) => response.setHeader('Set-Cookie', 'session=1').end())
  assert.deepEqual((await get(balancer.portOf(80))).headers['set-cookie'], ['session=1'])
  await balancer.listener([forward(group)], { Port: 81 })
  const alone = (await get(balancer.portOf(81))).headers['set-cookie']
  assert.deepEqual([alone?.[0], alone?.[1]?.split('=')[0]], ['session=1', 'AWSALBAPP-0'])
})
