import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
const arrived: { method: string; headers: string[]; cut?: boolean; whole?: boolean }[] = []

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.secureListener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    const seen: (typeof arrived)[number] = { method: incoming.method ?? '', headers: incoming.rawHeaders }
    arrived.push(seen)
    response.on('close', () => {
      seen.cut = !response.writableFinished
    })
    if (incoming.url === '/hangs') return
    if (incoming.url === '/broken') {
      response.writeHead(200, { 'Content-Length': '10' })
      response.write('half')
      setTimeout(() => response.destroy(), 20)
      return
    }
    response.writeHead(201, { Trailer: 'X-Length', 'X-Kept': 'Yes', 'Keep-Alive': 'timeout=9' })
    let length = 0
    incoming.on('data', (part: Buffer) => {
      length += part.length
      response.write(part)
    })
    incoming.on('end', () => {
      seen.whole = true
      const sent = String(incoming.trailers['x-sent'])
      response.addTrailers({ 'X-Length': String(length), 'X-Sent': sent })
      response.end()
    })
  })
})
after(() => balancer[Symbol.asyncDispose]())

function open(): ClientHttp2Session {
  return connectHttp2(`https://localhost:${balancer.portOf(443)}`, { rejectUnauthorized: false })
}

async function answer(stream: ClientHttp2Stream) {
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', (received) => {
    trailers = { ...received }
  })
  const [headers] = await once(stream, 'response')
  let body = ''
  for await (const part of stream) body += part
  return { headers, status: headers[':status'], body, trailers }
}

const ask = (session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) => {
  const stream = session.request(headers, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return answer(stream)
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
test('speaks HTTP/2 to clients of an HTTPS listener and HTTP/1.1 to the targets', async () => {
  const session = open()
  const headers = { ':path': '/a?b=c', ':method': 'POST', cookie: ['a=1', 'b=2'], 'x-case': 'Kept' }
  const { status, headers: received, body } = await ask(session, headers, 'hello')
  assert.deepEqual([status, body], [201, 'hello'])
  assert.equal(received['x-kept'], 'Yes')
  assert.equal(received['keep-alive'], undefined)
  const sent = arrived.at(-1)?.headers ?? []
  const header = (name: string) => sent[sent.findIndex((each) => each.toLowerCase() === name) + 1]
  assert.equal(header('host'), 'localhost')
  assert.equal(header('cookie'), 'a=1; b=2')
  assert.equal(header('transfer-encoding'), 'chunked')
  assert.equal(header('x-forwarded-proto'), 'https')
  assert.equal(header('x-forwarded-port'), '443')
  assert.ok(sent.every((each) => !each.startsWith(':')))
  session.close()
})

test('streams bodies and trailers both ways over HTTP/2', async () => {
  const session = open()
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sent': 'yes' }))
  stream.write('first')
  await once(stream, 'response')
  assert.equal(String((await once(stream, 'data'))[0]), 'first')
  stream.end('second')
  const [trailers] = await once(stream, 'trailers')
  assert.equal(trailers['x-length'], '11')
  assert.equal(trailers['x-sent'], 'yes')
  stream.resume()
  session.close()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
test('takes up to 128 requests in parallel on one connection of HTTP/2', async () => {
  const session = open()
  await once(session, 'remoteSettings')
  assert.equal(session.remoteSettings.maxConcurrentStreams, 128)
  const answers = await Promise.all(
    Array.from({ length: 128 }, (_, index) =>
      ask(session, { ':path': '/', ':method': 'POST' }, `body ${index}`),
    ),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
  assert.equal(answers[77]?.body, 'body 77')
  session.close()
})

test('ends the request to the target when an HTTP/2 client resets its stream', async () => {
  const session = open()
  const stream = session.request({ ':path': '/hangs' })
  const count = arrived.length
  await until(() => arrived.length > count)
  stream.on('error', () => {})
  stream.close(constants.NGHTTP2_CANCEL)
  await until(() => arrived.at(-1)?.cut)
  assert.equal((await ask(session, { ':path': '/' })).status, 201)
  session.close()
})

test('what came of a body before its HTTP/2 connection was lost does not pass for the whole of it', async () => {
  const lost = open()
  const count = arrived.length
  const stream = lost.request({ ':path': '/', ':method': 'POST' })
  stream.on('error', () => {})
  stream.write('half')
  await until(() => arrived.length > count)
  lost.destroy()
  await until(() => arrived.at(-1)?.cut === true)
  assert.equal(arrived.at(-1)?.whole, undefined)
  const session = open()
  await ask(session, { ':path': '/', ':method': 'POST' }, 'all')
  assert.equal(arrived.at(-1)?.whole, true)
  session.close()
})

test('an answer that its target broke off ends an HTTP/2 stream with an error', async () => {
  const session = open()
  const broken = answer(session.request({ ':path': '/broken' }))
  await assert.rejects(broken, /INTERNAL_ERROR/)
  session.close()
})

test('answers itself over HTTP/2, without a body where there may be none', async () => {
  const session = open()
  const trace = await ask(session, { ':path': '/', ':method': 'TRACE' })
  assert.deepEqual([trace.status, trace.headers.server], [405, 'awselb/2.0'])
  const long = await ask(session, { ':path': `/${'x'.repeat(17_000)}`, ':method': 'HEAD' })
  assert.deepEqual([long.status, long.body], [414, ''])
  session.close()
})

test('a stream that would come out as two lines of HTTP/1.1, or as none, is refused', async () => {
  const session = open()
  const count = arrived.length
  for (const path of ['/a b', '/a HTTP/1.1', '*', '']) {
    const outcome = await ask(session, { ':path': path }).then(
      ({ status }) => status,
      (error) => error.code,
    )
    assert.ok(
      [400, 'ERR_HTTP2_STREAM_ERROR', 'ERR_HTTP2_SESSION_ERROR'].includes(outcome),
      `${path}: ${outcome}`,
    )
  }
  assert.equal(arrived.length, count)
  session.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-464-issues
test('answers 464 to gRPC for a target group of HTTP/1.1', async () => {
  const session = open()
  const headers = { ':path': '/', ':method': 'POST', 'content-type': 'application/grpc' }
  assert.equal((await ask(session, headers, 'x')).status, 464)
  session.close()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
test('offers HTTP/2 only where the load balancer has it enabled', async () => {
  const protocol = async () => {
    const options = { ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false }
    const socket = connectTls({ port: balancer.portOf(443), host: '127.0.0.1', ...options })
    await once(socket, 'secureConnect')
    socket.destroy()
    return socket.alpnProtocol
  }
  assert.equal(await protocol(), 'h2')
  await balancer.attributes({ 'routing.http2.enabled': 'false' })
  assert.equal(await protocol(), 'http/1.1')
  await balancer.attributes({ 'routing.http2.enabled': 'true' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-505-issues
test('answers 505 to HTTP/2 on a connection of HTTP/1.1', async () => {
  const options = { ALPNProtocols: ['http/1.1'], rejectUnauthorized: false }
  const socket = connectTls({ port: balancer.portOf(443), host: '127.0.0.1', ...options })
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/)
  socket.destroy()
})
