import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import {
  exchangeBytes,
  forward,
  get,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let listener: string

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  listener = await balancer.listener([forward(group)])
  await balancer.listener([forward(group)], { Port: 8080 })
  await balancer.secureListener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    response.writeHead(201, 'Made', [
      ...['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-Odd_Name', 'kept', 'Date', 'never'],
      ...['Server', 'app', 'X-Frame-Options', 'SAMEORIGIN'],
    ])
    response.end(JSON.stringify([incoming.url, ...incoming.rawHeaders]))
  })
})
after(() => balancer[Symbol.asyncDispose]())

/** What the target got of a request: a header's value by its name. */
async function sent(headers: Record<string, string>, port = 80) {
  const answer = await get(balancer.portOf(port), '/', { headers })
  const flat: string[] = JSON.parse(answer.body).slice(1)
  return (name: string) => flat[flat.findIndex((each, at) => at % 2 === 0 && each === name) + 1]
}

test('passes headers on as they were written, and those of one connection not at all', async () => {
  const answer = await get(balancer.portOf(80))
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.ok(answer.rawHeaders.includes('X-Odd_Name') && answer.rawHeaders.includes('never'))
  const header = await sent({ 'X-CaSe': 'Kept', Connection: 'close, X-Hop', 'X-Hop': 'gone' })
  assert.equal(header('X-CaSe'), 'Kept')
  assert.equal(header('Connection'), 'keep-alive')
  const body = (await get(balancer.portOf(80), '/', { headers: { Connection: 'X-Hop', 'X-Hop': '1' } })).body
  assert.ok(!body.includes('X-Hop'))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
test('tells the target of its client: X-Forwarded-For, -Proto and -Port, whatever the client says of the last two', async () => {
  const header = await sent({ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '1' })
  assert.equal(header('X-Forwarded-For'), '127.0.0.1')
  assert.equal(header('X-Forwarded-Proto'), 'http')
  assert.equal(header('X-Forwarded-Port'), '80')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-for
test('appends to X-Forwarded-For, preserves it or removes it', async () => {
  const mode = (value: string) => balancer.attributes({ 'routing.http.xff_header_processing.mode': value })
  const received = async () => (await sent({ 'X-Forwarded-For': '127.0.0.4, 127.0.0.8' }))('X-Forwarded-For')
  assert.equal(await received(), '127.0.0.4, 127.0.0.8, 127.0.0.1')
  await mode('preserve')
  assert.equal(await received(), '127.0.0.4, 127.0.0.8')
  await mode('remove')
  const { body } = await get(balancer.portOf(80), '/', { headers: { 'X-Forwarded-For': '127.0.0.4' } })
  assert.ok(!body.includes('X-Forwarded-For'))
  await mode('append')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-for
test('tells the client’s port where it is asked to', async () => {
  await balancer.attributes({ 'routing.http.xff_client_port.enabled': 'true' })
  assert.match((await sent({}))('X-Forwarded-For') ?? '', /^127\.0\.0\.1:\d+$/)
  await balancer.attributes({ 'routing.http.xff_client_port.enabled': 'false' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
test('gives each request a trace, and goes on with one that it has', async () => {
  const trace = async (received?: string, more: Record<string, string> = {}) =>
    (await sent({ ...(received ? { 'X-Amzn-Trace-Id': received } : {}), ...more }))('X-Amzn-Trace-Id') ?? ''
  const id = '1-[0-9a-f]{8}-[0-9a-f]{24}'
  assert.match(await trace(), new RegExp(`^Root=${id}$`))
  const root = 'Root=1-67891233-abcdef012345678912345678'
  assert.match(await trace(root), new RegExp(`^Self=${id};${root}$`))
  assert.match(
    await trace(`Self=1-1-1;${root};CalledFrom=app`),
    new RegExp(`^Self=${id};${root};CalledFrom=app$`),
  )
  assert.match(await trace(root, { 'X-Long': 'x'.repeat(7500) }), new RegExp(`^Root=${id}$`))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#host-header-preservation
test('takes the usual port from the Host header and adds an unusual one, unless it is to preserve it', async () => {
  const host = async (value: string, port = 80) => (await sent({ Host: value }, port))('Host')
  assert.equal(await host('app.keencho.com'), 'app.keencho.com')
  assert.equal(await host('app.keencho.com:80'), 'app.keencho.com')
  assert.equal(await host('app.keencho.com', 8080), 'app.keencho.com:8080')
  assert.equal(await host('app.keencho.com:8080', 8080), 'app.keencho.com:8080')
  await balancer.attributes({ 'routing.http.preserve_host_header.enabled': 'true' })
  assert.equal(await host('app.keencho.com:80'), 'app.keencho.com:80')
  assert.equal(await host('app.keencho.com', 8080), 'app.keencho.com')
  await balancer.attributes({ 'routing.http.preserve_host_header.enabled': 'false' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#host-header-preservation
test('a URL in absolute form names the host that the target gets, unless the header is preserved', async () => {
  const bytes =
    'GET http://other.keencho.com/x?y HTTP/1.1\r\nHost: app.keencho.com\r\nConnection: close\r\n\r\n'
  const received = async () => {
    const answer = await exchangeBytes(balancer.portOf(80), bytes)
    const [url, ...flat]: string[] = JSON.parse(/\["\/.*\]/.exec(answer)?.[0] ?? '[]')
    return [url, flat[flat.indexOf('Host') + 1]]
  }
  assert.deepEqual(await received(), ['/x?y', 'other.keencho.com'])
  await balancer.attributes({ 'routing.http.preserve_host_header.enabled': 'true' })
  assert.deepEqual(await received(), ['/x?y', 'app.keencho.com'])
  await balancer.attributes({ 'routing.http.preserve_host_header.enabled': 'false' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
test('drops invalid header fields where the load balancer is configured to, and counts either way', async () => {
  const counted = (metric: string) => balancer.metrics.filter((datum) => datum.metric === metric).length
  const bad = { bad_name: 'yes' }
  assert.equal((await sent(bad))('bad_name'), 'yes')
  assert.equal(counted('ForwardedInvalidHeaderRequestCount'), 1)
  await balancer.attributes({ 'routing.http.drop_invalid_header_fields.enabled': 'true' })
  const { body } = await get(balancer.portOf(80), '/', { headers: bad })
  assert.ok(!body.includes('bad_name'))
  assert.equal(counted('DroppedInvalidHeaderRequestCount'), 1)
  await balancer.attributes({ 'routing.http.drop_invalid_header_fields.enabled': 'false' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html
test('sets the headers of a listener’s attributes in every answer, and leaves Server out where it is disabled', async () => {
  const attribute = (Key: string, Value: string) => ({ Key: `routing.http.response.${Key}`, Value })
  await balancer.call('ModifyListenerAttributes', {
    ListenerArn: listener,
    Attributes: [
      attribute('x_frame_options.header_value', 'DENY'),
      attribute('strict_transport_security.header_value', 'max-age=60'),
      attribute('server.enabled', 'false'),
    ],
  })
  const answers = [await get(balancer.portOf(80)), await get(balancer.portOf(80), '/', { method: 'TRACE' })]
  for (const { headers } of answers) {
    assert.equal(headers['x-frame-options'], 'DENY')
    assert.equal(headers['strict-transport-security'], 'max-age=60')
    assert.equal(headers.server, undefined)
  }
  const other = await get(balancer.portOf(8080))
  assert.deepEqual([other.headers.server, other.headers['x-frame-options']], ['app', 'SAMEORIGIN'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
test('tells the target of the client’s TLS where the load balancer is configured to', async () => {
  const seen = async () => {
    const socket = connectTls({ host: '127.0.0.1', port: balancer.portOf(443), rejectUnauthorized: false })
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Amzn-Tls-Version: forged\r\nConnection: close\r\n\r\n')
    let received = ''
    for await (const part of socket) received += part
    const flat: string[] = JSON.parse(received.slice(received.indexOf('["/')).replace(/\][^\]]*$/, ']'))
    const value = (name: string) => flat[flat.indexOf(name) + 1]
    return [value('X-Amzn-Tls-Version'), flat.includes('X-Amzn-Tls-Cipher-Suite')]
  }
  assert.deepEqual(await seen(), ['forged', false])
  await balancer.attributes({ 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true' })
  assert.deepEqual(await seen(), ['TLSv1.3', true])
})
