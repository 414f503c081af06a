/** Clients of HTTP/1.1 that ask or send otherwise than others do: each is answered once, by its cause. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  exchangeBytes,
  forward,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let port: number
const expected: (string | undefined)[] = []

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const fixed = { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'fixed' }
  await balancer.listener([{ Type: 'fixed-response', FixedResponseConfig: fixed }], { Port: 81 })
  port = balancer.portOf(80)
  const { server } = await balancer.target(group, (incoming, response) => {
    incoming.on('error', () => {})
    if (incoming.url === '/unread') return
    incoming.resume()
    incoming.on('end', () => response.end('whole'))
  })
  server.on('checkExpectation', (incoming, response) => {
    expected.push(incoming.headers.expect)
    response.writeHead(417).end('the target’s')
  })
})
after(() => balancer[Symbol.asyncDispose]())

const refusals = () => balancer.metrics.filter(({ metric }) => metric === 'HTTPCode_ELB_4XX_Count').length
const statuses = (received: string) => received.match(/HTTP\/1\.1 \d+/g)

/** Sends each part a little after the one before it; what comes back until the balancer closes. */
async function inParts(listenerPort: number, ...parts: string[]): Promise<string> {
  const socket = connect(balancer.portOf(listenerPort), '127.0.0.1').setNoDelay()
  socket.on('error', () => {})
  let received = ''
  socket.on('data', (part) => {
    received += part.toString('latin1')
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const part of parts) {
    socket.write(part)
    await sleep(20)
  }
  await closed
  return received
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

describe('a client', { concurrency: true }, () => {
  // Only here: a machine with other work may well stop for a second.
  before(() => balancer.attributes({ 'idle_timeout.timeout_seconds': '1' }))
  after(() => balancer.attributes({ 'idle_timeout.timeout_seconds': '60' }))

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
  test('whose request was answered before its body came gets no 408 for the rest of it', async () => {
    const received = await Promise.all([inParts(81, head(5), 'hello'), inParts(81, head(5), 'hell')])
    assert.deepEqual(received.map(statuses), [['HTTP/1.1 200'], ['HTTP/1.1 200']])
    // The next request that stops in the middle does.
    const next = await inParts(81, head(5), 'hello', 'GET / HTTP/1.1\r\nHo')
    assert.deepEqual(statuses(next), ['HTTP/1.1 200', 'HTTP/1.1 408'])
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
  test('of whose body the target reads nothing more gets 504, not 408', async () => {
    const sent = request({ port, path: '/unread', method: 'POST', agent: false })
    sent.on('error', () => {})
    const part = Buffer.alloc(64 * 1024)
    const fill = () => {
      while (sent.write(part)) {}
      sent.once('drain', fill)
    }
    fill()
    const [response] = await once(sent, 'response')
    assert.equal(response.statusCode, 504)
    sent.destroy()
  })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-400-issues
test('CONNECT and a request without a host are answered 400 with the balancer’s page, and counted', async () => {
  for (const bytes of ['CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n']) {
    const start = refusals()
    const received = await exchangeBytes(port, bytes)
    assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n/)
    assert.equal(refusals(), start + 1)
  }
  // HTTP/1.0 has no such duty.
  assert.match(await exchangeBytes(port, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200/)
})

test('whether an expectation other than 100-continue can be met, the target says', async () => {
  const bytes = 'GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\nConnection: close\r\n\r\n'
  const received = await exchangeBytes(port, bytes)
  assert.match(received, /^HTTP\/1\.1 417 [\s\S]*the target/)
  assert.deepEqual(expected, ['cake'])
})
