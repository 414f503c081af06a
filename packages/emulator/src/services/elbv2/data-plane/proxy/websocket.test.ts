import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { request as requestTls } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, get, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one', { 'stickiness.enabled': 'true' })
  await balancer.listener([forward(group)])
  await balancer.secureListener([forward(group)])
  await balancer.attributes({ 'idle_timeout.timeout_seconds': '2' })
  const { server } = await balancer.target(group, (incoming, response) => {
    if (incoming.method === 'POST') return void incoming.pipe(response)
    response.writeHead(426).end('upgrade')
  })
  server.on('upgrade', (incoming, socket: Duplex) => {
    socket.on('error', () => {})
    if (incoming.url === '/half') {
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nhalf')
      return void setTimeout(() => socket.destroy(), 20)
    }
    if (incoming.url === '/hangs') return
    if (incoming.url === '/no') {
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    socket.on('data', (part: Buffer) => socket.write(part.toString().toUpperCase()))
  })
})
after(() => balancer[Symbol.asyncDispose]())

const counted = (metric: string) => balancer.metrics.filter((datum) => datum.metric === metric).length

async function echo(socket: Duplex, text: string): Promise<string> {
  const answered = once(socket, 'data')
  socket.write(text)
  return String((await answered)[0])
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#listener-configuration
test('hands a WebSocket to its target, by HTTP and by HTTPS', async () => {
  const port = balancer.portOf(443)
  for (const sent of [
    () => request({ port: balancer.portOf(80), agent: false, headers }),
    () => requestTls({ port, agent: false, headers, rejectUnauthorized: false }),
  ]) {
    const [answer, socket] = await once(sent().end(), 'upgrade')
    assert.equal(answer.statusCode, 101)
    assert.equal(await echo(socket, 'ping'), 'PING')
    socket.destroy()
  }
})

test('passes on the refusal of a WebSocket, and other upgrades as requests like any other', async () => {
  const start = counted('HTTPCode_Target_4XX_Count')
  const refused = request({ port: balancer.portOf(80), path: '/no', agent: false, headers }).end()
  const [response] = await once(refused, 'response')
  assert.equal(response.statusCode, 403)
  assert.match(String(response.headers['set-cookie']), /AWSALB=/)
  assert.equal(counted('HTTPCode_Target_4XX_Count'), start + 2)
  assert.equal(String((await once(response, 'data'))[0]), 'no')
  const h2c = await get(balancer.portOf(80), '/', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })
  assert.deepEqual([h2c.status, h2c.body], [426, 'upgrade'])
})

test('a refusal of a WebSocket that its target broke off is cut', async () => {
  const half = request({ port: balancer.portOf(80), path: '/half', agent: false, headers }).end()
  const [response] = await once(half, 'response')
  assert.equal(response.statusCode, 403)
  await assert.rejects(once(response.resume(), 'end'), /aborted/)
})

test('a WebSocket asked for in a pipeline is a request like any other, behind those before it', async () => {
  const socket = connect(balancer.portOf(80), '127.0.0.1')
  const handshake = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\n${handshake}`)
  let received = ''
  socket.on('data', (part) => {
    received += part
  })
  await until(() => received.split('HTTP/1.1 426 ').length === 3)
  // Alone on the connection it is one again.
  socket.write(`GET /third HTTP/1.1\r\n${handshake}`)
  await until(() => received.includes('HTTP/1.1 101 '))
  socket.destroy()
})

test('a WebSocket that the front door hands over before an earlier answer has gone ends its connection only', async () => {
  const endpoint = balancer.context.names.lookup(balancer.dnsName, 80)?.http
  const viewer = { scheme: 'http', port: 80, address: '127.0.0.1' } as const
  // Like the front door, but that it never answers the first one.
  const door = createServer(() => {})
  door.on('upgrade', (incoming, socket, head) => endpoint?.upgrade?.(incoming, socket, head, viewer))
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const socket = connect((door.address() as AddressInfo).port, '127.0.0.1')
  const handshake = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n${handshake}`)
  await once(socket.resume(), 'close')
  door.close()
  const [answer] = await once(request({ port: balancer.portOf(80), agent: false, headers }).end(), 'upgrade')
  assert.equal(answer.statusCode, 101)
})

test('counts 460 where a client leaves before its WebSocket is answered', async () => {
  const start = counted('HTTPCode_ELB_4XX_Count')
  const sent = request({ port: balancer.portOf(80), path: '/hangs', agent: false, headers }).end()
  sent.on('error', () => {})
  const asked = counted('RequestCount')
  await until(() => counted('RequestCount') > asked)
  sent.destroy()
  await until(() => counted('HTTPCode_ELB_4XX_Count') > start)
})

test('what asks for a WebSocket and has a body is a request like any other, and keeps its body', async () => {
  const { status, body } = await get(balancer.portOf(80), '/', { method: 'POST', headers, body: 'kept' })
  assert.deepEqual([status, body], [200, 'kept'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout
test('a WebSocket on which nothing comes or goes for the idle time-out is closed, one in use is not', async () => {
  const open = async () => {
    const sent = request({ port: balancer.portOf(80), agent: false, headers }).end()
    return (await once(sent, 'upgrade'))[1] as Duplex
  }
  const [idle, used] = [await open(), await open()]
  const started = performance.now()
  idle.on('data', (part) => assert.fail(`an idle WebSocket got ${part}`))
  const closed = once(idle, 'close').then(() => performance.now() - started)
  const end = started + 2600
  while (performance.now() < end) {
    assert.equal(await echo(used, 'x'), 'X')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.ok((await closed) > 1900)
  used.destroy()
})
