/** What comes behind bodies and before answers, from targets and clients that do as they like. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import {
  exchangeBytes,
  forward,
  get,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let target: Server
/** What the last request with a body was, as bytes. */
let arrived = ''

const trailing = [
  'Connection: close',
  'TE: gzip',
  'Content-Type: text/html',
  'Keep-Alive: timeout=1',
  'X-Good: 1',
  'X-Good: 2',
].join('\r\n')

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.secureListener([forward(group)])
  target = createServer((socket) => {
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (part) => {
      text += part
      if (text.includes('ELB-HealthChecker'))
        return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      if (text.startsWith('POST') && !text.includes('\r\n0\r\n')) return
      arrived = text
      text = ''
      if (arrived.startsWith('GET /switches')) {
        return void socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
        )
      }
      if (arrived.startsWith('GET /twice')) {
        const twice = 'X-Content-Type-Options: nosniff\r\n'
        return void socket.write(`HTTP/1.1 200 OK\r\n${twice}${twice}Content-Length: 2\r\n\r\nok`)
      }
      const early = arrived.startsWith('GET /early') ? 'HTTP/1.1 100 Continue\r\n\r\n' : ''
      socket.write(
        `${early}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailing}\r\n\r\n`,
      )
    })
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const registered = { id: '127.0.0.1', port: (target.address() as AddressInfo).port }
  balancer.elb.registerTarget(group, registered)
  await balancer.elb.targetHealthy(group, registered, AbortSignal.timeout(10_000))
})
after(async () => {
  await balancer[Symbol.asyncDispose]()
  target.close()
})

test('passes a target’s trailers on but for those that would frame its answer, over HTTP/1.1 and HTTP/2', async () => {
  const { body, rawHeaders, trailers } = await get(balancer.portOf(80))
  assert.equal(body, 'ok')
  assert.ok(!rawHeaders.includes('X-Good'))
  assert.deepEqual({ ...trailers }, { 'x-good': '1, 2' })
  const session = connectHttp2(`https://localhost:${balancer.portOf(443)}`, { rejectUnauthorized: false })
  const stream = session.request({ ':path': '/' })
  const [received] = await once(stream, 'trailers')
  assert.deepEqual(Object.entries(received), [['x-good', '1, 2']])
  await once(stream.resume(), 'close')
  session.close()
})

test('passes a client’s trailers on but for those that would frame its body', async () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
  assert.match(
    await exchangeBytes(
      balancer.portOf(80),
      `${head}2\r\nhi\r\n0\r\n${trailing}\r\nHost: b\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n`,
    ),
    /^HTTP\/1\.1 200/,
  )
  assert.equal(arrived.slice(arrived.indexOf('\r\n0\r\n')), '\r\n0\r\nX-Good: 1\r\nX-Good: 2\r\n\r\n')
})

test('tells a client of HTTP/1.0 nothing of an answer that only HTTP/1.1 has', async () => {
  const received = await exchangeBytes(balancer.portOf(80), 'GET /early HTTP/1.0\r\nHost: a\r\n\r\n')
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/)
  const newer = await exchangeBytes(
    balancer.portOf(80),
    'GET /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  assert.match(newer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 where a target changes the protocol of a request that did not ask for it', async () => {
  assert.equal((await get(balancer.portOf(80), '/switches')).status, 502)
})

test('passes on over HTTP/2 what a target says twice, as over HTTP/1.1', async () => {
  const { status, rawHeaders } = await get(balancer.portOf(80), '/twice')
  assert.deepEqual([status, rawHeaders.filter((each) => each === 'nosniff').length], [200, 2])
  const session = connectHttp2(`https://localhost:${balancer.portOf(443)}`, { rejectUnauthorized: false })
  const stream = session.request({ ':path': '/twice' })
  const [headers] = await once(stream, 'response')
  assert.equal(headers[':status'], 200)
  await once(stream.resume(), 'close')
  session.close()
})
