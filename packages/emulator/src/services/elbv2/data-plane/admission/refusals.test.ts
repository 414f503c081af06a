import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import {
  exchangeBytes,
  forward,
  get,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let port: number
let reached = 0

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  port = balancer.portOf(80)
  const { server } = await balancer.target(group, (incoming, response) => {
    reached++
    if (incoming.url === '/hangs') return
    incoming.resume()
    incoming.on('end', () => response.end('fine'))
  })
  server.maxHeadersCount = 0
})
after(() => balancer[Symbol.asyncDispose]())

const statusOf = (received: string) => received.slice(0, 12)
const counted = (metric: string) => balancer.metrics.filter((datum) => datum.metric === metric).length

const asked = (headers: Record<string, string>) => get(port, '/', { headers })

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-400-issues
test('answers 400 to one header beyond 16 K and to headers beyond 64 K, and takes what is within', async () => {
  assert.equal((await asked({ 'X-Long': 'x'.repeat(16_000) })).status, 200)
  assert.equal((await asked({ 'X-Long': 'x'.repeat(16_500) })).status, 400)
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, 'x'.repeat(10_000)]))
  assert.equal((await asked(many(6))).status, 200)
  assert.equal((await asked(many(7))).status, 400)
  assert.equal((await asked(many(20))).status, 400)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-400-issues
test('passes thousands of small headers on, with what comes behind them', async () => {
  const headers = Array.from({ length: 2500 }, (_, index) => `a${index}: b\r\n`).join('')
  const bytes = `POST / HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: 5\r\nConnection: close\r\n\r\nhello`
  assert.equal(statusOf(await exchangeBytes(port, bytes)), 'HTTP/1.1 200')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-400-issues
test('counts 400 where the client went away before its request was whole', async () => {
  const start = counted('HTTPCode_ELB_4XX_Count')
  const socket = connect(port, '127.0.0.1')
  const before = reached
  socket.write('POST /hangs HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
  await until(() => reached > before)
  socket.destroy()
  await until(() => counted('HTTPCode_ELB_4XX_Count') > start)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-405-issues
test('answers 405 to TRACE', async () => {
  assert.equal((await get(port, '/', { method: 'TRACE' })).status, 405)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
test('answers 408 where a client stops in the middle of its headers or its body for the idle time-out', async () => {
  // Only here: a machine with other work may well stop for a second.
  await balancer.attributes({ 'idle_timeout.timeout_seconds': '1' })
  const started = performance.now()
  const [headers, body, idle] = await Promise.all([
    exchangeBytes(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Half'),
    exchangeBytes(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'),
    exchangeBytes(port, ''),
  ])
  assert.ok(performance.now() - started > 900, 'no clock compresses it')
  assert.equal(statusOf(headers), 'HTTP/1.1 408')
  assert.equal(statusOf(body), 'HTTP/1.1 408')
  // One that never began to ask is closed without a word.
  assert.equal(idle, '')
  await balancer.attributes({ 'idle_timeout.timeout_seconds': '60' })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-414-issues
test('answers 414 to a URL beyond 16 K', async () => {
  assert.equal((await get(port, `/${'x'.repeat(16_000)}`)).status, 200)
  assert.equal((await get(port, `/${'x'.repeat(17_000)}`)).status, 414)
  assert.equal(statusOf(await exchangeBytes(port, `GET /${'x'.repeat(100_000)}`)), 'HTTP/1.1 414')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-460-issues
test('counts 460 where the client goes away before the answer', async () => {
  const start = counted('HTTPCode_ELB_4XX_Count')
  const before = reached
  const sent = request({ port, path: '/hangs', agent: false }).end()
  sent.on('error', () => {})
  await until(() => reached > before)
  sent.destroy()
  await until(() => counted('HTTPCode_ELB_4XX_Count') > start)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues
test('answers 463 to more than 30 addresses in X-Forwarded-For', async () => {
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.0.0.${index}`).join(', ')
  assert.equal((await asked({ 'X-Forwarded-For': addresses(30) })).status, 200)
  assert.equal((await asked({ 'X-Forwarded-For': addresses(31) })).status, 463)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-501-issues
test('answers 501 to a Transfer-Encoding that it does not support', async () => {
  const before = reached
  const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n'
  assert.equal(statusOf(await exchangeBytes(port, bytes)), 'HTTP/1.1 501')
  assert.equal(reached, before)
})

test('refusals carry the balancer’s name and page, and count', async () => {
  const start = counted('HTTPCode_ELB_4XX_Count')
  const received = await exchangeBytes(port, 'nonsense\r\n\r\n')
  assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n/)
  assert.match(received, /<center><h1>400 Bad Request<\/h1><\/center>/)
  assert.equal(counted('HTTPCode_ELB_4XX_Count'), start + 1)
})

test('requests in a pipeline are answered in their order', async () => {
  const socket = connect(port, '127.0.0.1')
  const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  socket.write(`${one('/')}TRACE / HTTP/1.1\r\nHost: a\r\n\r\n${one('/')}`)
  let received = ''
  while ((received.match(/HTTP\/1\.1 \d+/g)?.length ?? 0) < 3) received += (await once(socket, 'data'))[0]
  socket.destroy()
  assert.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 405', 'HTTP/1.1 200'])
})
