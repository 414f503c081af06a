import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forward, get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

const notFound = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'Not found' },
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-rules
test('forwards to the rule of the lowest priority whose conditions all hold', async () => {
  await using balancer = await startTestBalancer()
  const admin = await balancer.group('admin')
  const user = await balancer.group('user')
  const listener = await balancer.listener([notFound])
  const rule = (group: string, priority: number, host: string) =>
    balancer.call('CreateRule', {
      ListenerArn: listener,
      Priority: priority,
      Conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: [host] } },
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } },
        {
          Field: 'http-header',
          HttpHeaderConfig: { HttpHeaderName: 'x-origin-verify', Values: ['secret', 'previous'] },
        },
      ],
      Actions: [forward(group)],
    })
  await rule(user, 20, '*.keencho.com')
  await rule(admin, 10, 'app-admin.keencho.com')
  await balancer.target(admin, (_, response) => response.end('admin'))
  await balancer.target(user, (_, response) => response.end('user'))
  const port = balancer.portOf(80)
  const ask = (host: string, path: string, headers = { 'X-Origin-Verify': 'Previous' }) =>
    get(port, path, { headers: { Host: host, ...headers } })

  assert.equal((await ask('APP-Admin.keencho.com:80', '/api/accounts')).body, 'admin')
  assert.equal((await ask('app-user.keencho.com', '/api/')).body, 'user')
  assert.equal((await ask('app-user.keencho.com', '/API/')).status, 404)
  assert.equal((await ask('keencho.com', '/api/')).status, 404)
  const refused = await ask('app-user.keencho.com', '/api/', { 'X-Origin-Verify': 'guess' })
  assert.deepEqual([refused.status, refused.body, refused.headers.server], [404, 'Not found', 'awselb/2.0'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
test('tells methods, query strings and source addresses apart', async () => {
  await using balancer = await startTestBalancer()
  const listener = await balancer.listener([notFound])
  const fixed = (text: string) => ({
    Type: 'fixed-response',
    FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: text },
  })
  const rule = (priority: number, condition: unknown, text: string) =>
    balancer.call('CreateRule', {
      ListenerArn: listener,
      Priority: priority,
      Conditions: [condition],
      Actions: [fixed(text)],
    })
  await rule(1, { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT'] } }, 'method')
  await rule(
    2,
    {
      Field: 'query-string',
      QueryStringConfig: { Values: [{ Key: 'version', Value: 'v?' }, { Value: 'beta*' }] },
    },
    'query',
  )
  await rule(3, { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }, 'private')
  await rule(4, { Field: 'path-pattern', Values: ['/file\\*.txt'] }, 'literal star')
  const port = balancer.portOf(80)
  assert.equal((await get(port, '/', { method: 'PUT' })).body, 'method')
  assert.equal((await get(port, '/?VERSION=V2')).body, 'query')
  assert.equal((await get(port, '/?any=beta-3')).body, 'query')
  assert.equal((await get(port, '/?version=v22')).status, 404)
  assert.equal((await get(port, '/file*.txt')).body, 'literal star')
  assert.equal((await get(port, '/fileX.txt')).status, 404)
  await rule(5, { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } }, 'loopback')
  assert.equal((await get(port, '/fileX.txt')).body, 'loopback')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#redirect-actions
test('redirects to HTTPS and keeps host, path and query', async () => {
  await using balancer = await startTestBalancer()
  await balancer.listener([
    { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
  ])
  const answer = await get(balancer.portOf(80), '/a/b?c=d', { headers: { Host: 'app-admin.keencho.com' } })
  assert.equal(answer.status, 301)
  assert.equal(answer.headers.location, 'https://app-admin.keencho.com:443/a/b?c=d')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#forward-actions
test('shares requests among groups by weight, and takes a change with the next request', async () => {
  let turn = 0
  await using balancer = await startTestBalancer({ random: () => (turn++ % 10) / 10 })
  const blue = await balancer.group('blue')
  const green = await balancer.group('green')
  const listener = await balancer.listener([forward([blue, 90], [green, 10])])
  await balancer.target(blue, (_, response) => response.end('blue'))
  await balancer.target(green, (_, response) => response.end('green'))
  const port = balancer.portOf(80)
  const seen = async (count: number) => {
    const bodies = []
    for (let sent = 0; sent < count; sent++) bodies.push((await get(port)).body)
    return bodies.filter((body) => body === 'green').length
  }
  assert.equal(await seen(20), 2)
  const [rule] = balancer.elb.forwardingRules(listener)
  assert.deepEqual([rule?.isDefault, rule?.targetGroups.map(({ weight }) => weight)], [true, [90, 10]])
  balancer.elb.setForward(rule?.ruleArn ?? '', [
    { targetGroupArn: blue, weight: 0 },
    { targetGroupArn: green, weight: 100 },
  ])
  assert.equal(await seen(10), 10)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#forward-actions
test('weighted groups do not stand in for each other: weight on an empty group is lost traffic', async () => {
  await using balancer = await startTestBalancer()
  const [full, empty] = [await balancer.group('full'), await balancer.group('empty')]
  await balancer.listener([forward([full, 0], [empty, 1])])
  await balancer.target(full, (_, response) => response.end('full'))
  assert.equal((await get(balancer.portOf(80))).status, 503)
  await balancer.listener([forward([full, 1], [empty, 0])], { Port: 81 })
  assert.equal((await get(balancer.portOf(81))).body, 'full')
  await balancer.listener([forward([full, 0])], { Port: 82 })
  assert.equal((await get(balancer.portOf(82))).status, 503)
})
