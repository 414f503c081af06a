import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { forward, get, startTestBalancer, type TestBalancer } from '../test-kit/elbv2.test-kit.ts'
import { compileConditions, normalizeConditions, requestFacts } from './conditions.ts'

let balancer: TestBalancer
before(async () => {
  balancer = await startTestBalancer()
})
after(() => balancer[Symbol.asyncDispose]())

interface Asked {
  method?: string
  url?: string
  headers?: Record<string, string>
  address?: string
}

/** Whether a request meets a condition, as the API keeps it. */
function meets(
  condition: RuleCondition,
  { method = 'GET', url = '/', headers = {}, address = '192.0.2.1' }: Asked,
) {
  const matches = compileConditions(normalizeConditions([condition]))
  return matches(requestFacts(method, url, { host: 'a', ...headers }, address))
}

const page = {
  host: (...Values: string[]): RuleCondition => ({ Field: 'host-header', HostHeaderConfig: { Values } }),
  path: (...Values: string[]): RuleCondition => ({ Field: 'path-pattern', PathPatternConfig: { Values } }),
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#host-conditions
test('host conditions know no case, no port, and wildcards that cover dots', () => {
  const meetsHost = (pattern: string, host: string) => meets(page.host(pattern), { headers: { host } })
  assert.ok(meetsHost('example.com', 'EXAMPLE.com:8080'))
  assert.ok(meetsHost('*.example.com', 'test.example.com'))
  assert.ok(meetsHost('*.example.com', 'a.b.example.com'))
  assert.ok(!meetsHost('*.example.com', 'example.com'))
  assert.ok(meetsHost('app?.example.com', 'app1.example.com'))
  assert.ok(!meetsHost('app?.example.com', 'app.example.com'))
  assert.ok(!meetsHost('exampleXcom', 'example.com'))
  assert.ok(meets(page.host('a.com', 'b.com'), { headers: { host: 'b.com' } }))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
test('path conditions know case, and see the path without its query', () => {
  const meetsPath = (pattern: string, url: string) => meets(page.path(pattern), { url })
  assert.ok(meetsPath('/img/*', '/img/picture.jpg?size=1'))
  assert.ok(meetsPath('/img/*/pics', '/img/a/b/pics'))
  assert.ok(!meetsPath('/img/*', '/IMG/picture.jpg'))
  assert.ok(!meetsPath('/img/*', '/img'))
  assert.ok(!meetsPath('/a', '/b?/a'))
  assert.ok(meetsPath('/a.b+c', '/a.b+c') && !meetsPath('/a.b+c', '/aXbbc'))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#http-header-conditions
test('header conditions know no case of name or value, and take wildcards in the value', () => {
  const condition: RuleCondition = {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*chrome*', '*Safari*'] },
  }
  assert.ok(meets(condition, { headers: { 'user-agent': 'Mozilla Chrome/1' } }))
  assert.ok(!meets(condition, { headers: { 'user-agent': 'curl' } }))
  assert.ok(!meets(condition, {}))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#http-request-method-conditions
test('method conditions are exact, with their case', () => {
  const condition: RuleCondition = {
    Field: 'http-request-method',
    HttpRequestMethodConfig: { Values: ['PUT'] },
  }
  assert.ok(meets(condition, { method: 'PUT' }))
  assert.ok(!meets(condition, { method: 'put' }) && !meets(condition, { method: 'PUTX' }))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#query-string-conditions
test('query conditions match a value of a key, or of any, without case', () => {
  const condition: RuleCondition = {
    Field: 'query-string',
    QueryStringConfig: { Values: [{ Key: 'version', Value: 'v1' }, { Value: '*example*' }] },
  }
  assert.ok(meets(condition, { url: '/?a=b&VERSION=V1' }))
  assert.ok(meets(condition, { url: '/?any=an+example+of+it' }))
  assert.ok(!meets(condition, { url: '/?version=v2' }) && !meets(condition, { url: '/version=v1' }))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#source-ip-conditions
test('source conditions look at the other end of the connection, not at X-Forwarded-For', () => {
  const condition: RuleCondition = {
    Field: 'source-ip',
    SourceIpConfig: { Values: ['192.0.2.0/24', '2001:db8::/32'] },
  }
  assert.ok(meets(condition, { address: '192.0.2.77' }))
  assert.ok(meets(condition, { address: '2001:db8::1' }))
  assert.ok(!meets(condition, { address: '198.51.100.1', headers: { 'x-forwarded-for': '192.0.2.1' } }))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
test('host, path and header conditions take regular expressions', () => {
  const host: RuleCondition = {
    Field: 'host-header',
    HostHeaderConfig: { RegexValues: ['^app-(a|b)\\.com$'] },
  }
  assert.ok(
    meets(host, { headers: { host: 'APP-b.com' } }) && !meets(host, { headers: { host: 'app-c.com' } }),
  )
  const path: RuleCondition = { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v\\d+/'] } }
  assert.ok(meets(path, { url: '/v12/x' }) && !meets(path, { url: '/V12/x' }))
  const header: RuleCondition = {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'x-id', RegexValues: ['^\\d+$'] },
  }
  assert.ok(meets(header, { headers: { 'x-id': '42' } }) && !meets(header, { headers: { 'x-id': '4b' } }))
  assert.throws(() => meets({ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['('] } }, {}), {
    code: 'ValidationError',
  })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
test('matches expressions in linear time, and refuses those that AWS does not support', () => {
  const path = (...RegexValues: string[]): RuleCondition => ({
    Field: 'path-pattern',
    PathPatternConfig: { RegexValues },
  })
  const started = performance.now()
  assert.equal(meets(path('^/(a+)+$'), { url: `/${'a'.repeat(5_000)}!` }), false)
  assert.ok(performance.now() - started < 2_000, 'a backtracking engine needs longer than the test runs')
  for (const unsupported of ['^/(?=a)', '^/(?<!a)b', '^/(a)\\1', '^/(?>a)', '^/a++', '^/\\p{L}']) {
    assert.throws(() => meets(path(unsupported), {}), { code: 'ValidationError' }, unsupported)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#redirect-actions
test('redirects by 301 or 302 with the parts that its keywords keep', async () => {
  const redirect = async (port: number, RedirectConfig: Record<string, string>) => {
    await balancer.listener([{ Type: 'redirect', RedirectConfig }], { Port: port })
    const headers = { Host: 'app.keencho.com' }
    const { status, headers: received } = await get(balancer.portOf(port), '/a/b?c=d', { headers })
    return [status, received.location]
  }
  assert.deepEqual(await redirect(81, { Protocol: 'HTTPS', Port: '40443', StatusCode: 'HTTP_301' }), [
    301,
    'https://app.keencho.com:40443/a/b?c=d',
  ])
  assert.deepEqual(await redirect(82, { Path: '/new/#{path}', StatusCode: 'HTTP_302' }), [
    302,
    'http://app.keencho.com:82/new/a/b?c=d',
  ])
  assert.deepEqual(
    await redirect(83, { Host: 'www.#{host}', Query: 'was=#{path}&#{query}', StatusCode: 'HTTP_302' }),
    [302, 'http://www.app.keencho.com:83/a/b?was=a/b&c=d'],
  )
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#fixed-response-actions
test('answers a fixed response with its code, type and message', async () => {
  const FixedResponseConfig = {
    StatusCode: '503',
    ContentType: 'application/json',
    MessageBody: '{"back":"soon"}',
  }
  await balancer.listener([{ Type: 'fixed-response', FixedResponseConfig }], { Port: 84 })
  const { status, headers, body } = await get(balancer.portOf(84))
  assert.deepEqual([status, body], [503, '{"back":"soon"}'])
  assert.match(headers['content-type'] ?? '', /^application\/json/)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
test('rewrites host and URL after the rule was chosen, and answers 500 to what comes to no URL', async () => {
  const group = await balancer.group('one')
  await balancer.target(
    group,
    (incoming, response) => response.end(`${incoming.headers.host} ${incoming.url}`),
    {
      awaitHealth: false,
    },
  )
  const ListenerArn = await balancer.listener([forward(group)], { Port: 80 })
  const rewrite = (Regex: string, Replace: string) => ({ Rewrites: [{ Regex, Replace }] })
  const rule = (Priority: number, path: string, Transforms: unknown[]) =>
    balancer.call('CreateRule', {
      ListenerArn,
      Priority,
      Conditions: [page.path(path)],
      Actions: [forward(group)],
      Transforms,
    })
  await rule(1, '/v1/*', [
    { Type: 'url-rewrite', UrlRewriteConfig: rewrite('^/v1/(.*)$', '/api/$1') },
    {
      Type: 'host-header-rewrite',
      HostHeaderRewriteConfig: rewrite('^mywebsite-(.+).com$', 'internal.dev.$1.myweb.com'),
    },
  ])
  await rule(2, '/bad/*', [{ Type: 'url-rewrite', UrlRewriteConfig: rewrite('^/bad', 'no path') }])
  const ask = async (path: string) => {
    const { status, body } = await get(balancer.portOf(80), path, {
      headers: { Host: 'mywebsite-example.com' },
    })
    return `${status} ${body.slice(0, 60)}`
  }
  assert.equal(await ask('/v1/users?id=1'), '200 internal.dev.example.myweb.com /api/users?id=1')
  assert.equal(await ask('/other'), '200 mywebsite-example.com /other')
  assert.match(await ask('/bad/x'), /^500 /)
  const both = rule(3, '/x', [
    { Type: 'url-rewrite', UrlRewriteConfig: rewrite('a', 'b') },
    { Type: 'url-rewrite', UrlRewriteConfig: rewrite('c', 'd') },
  ])
  await assert.rejects(both, { code: 'ValidationError' })
})
