import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { HttpEndpoint } from '../../../../http/endpoint.ts'
import { until } from '../../../../test-kit/until.test-kit.ts'
import type { Listener } from '../../model/model.ts'
import { startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'
import { type ListenerServer, openListenerServer } from './listener-server.ts'

let balancer: TestBalancer
const servers: ListenerServer[] = []
/** The statuses with which it was counted that something could not be read. */
const unreadable: number[] = []

before(async () => {
  balancer = await startTestBalancer()
})
after(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await balancer[Symbol.asyncDispose]()
})

/** A listener whose endpoint answers everything itself; `protocol`, times and answer as given. */
async function open(
  protocol: Listener['protocol'],
  times: { idleMs?: number; keepAliveMs?: number; answer?: Buffer },
) {
  const endpoint: HttpEndpoint = {
    handle: (_, response) => void response.end(times.answer ?? 'fine'),
    http2: {
      enabled: () => true,
      idleTimeoutMs: () => times.idleMs ?? 60_000,
      handle: (stream) => {
        stream.on('error', () => {})
        stream.respond({ ':status': 200 })
        stream.end('fine')
      },
    },
  }
  const { key, cert } = await balancer.context.authority.issue(['localhost'])
  const server = await openListenerServer({
    listener: () => ({
      arn: 'arn',
      loadBalancerArn: 'arn',
      port: 443,
      protocol,
      certificateArn: 'arn',
      certificateArns: [],
      settings: {},
      tags: {},
    }),
    endpoint,
    acm: { name: 'acm', material: () => ({ key, cert, names: ['localhost'] }) },
    events: { opened() {}, tlsFailed() {}, unreadable: ({ status }) => void unreadable.push(status) },
    idleTimeoutMs: () => times.idleMs ?? 60_000,
    clientKeepAliveMs: () => times.keepAliveMs ?? 3_600_000,
  })
  servers.push(server)
  return server
}

const openSession = ({ port }: ListenerServer) =>
  connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
test('closes a client’s connection with the first answer after the keep-alive duration', async () => {
  const times = { keepAliveMs: 60_000 }
  const { port } = await open('HTTP', times)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async () => {
    const sent = request({ port, agent }).end()
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    return [sent.reusedSocket, response.headers.connection]
  }
  assert.deepEqual(await ask(), [false, 'keep-alive'])
  // Its connection has a certain age, and only now it is more than it may have.
  times.keepAliveMs = 1
  await sleep(10)
  assert.deepEqual(await ask(), [true, 'close'])
  assert.equal((await ask())[0], false)
  agent.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
test('tells an HTTP/2 client to go away after the keep-alive duration, and answers what it has asked', async () => {
  const session = openSession(await open('HTTPS', { keepAliveMs: 100 }))
  await once(session, 'connect')
  await sleep(150)
  const leaving = once(session, 'goaway')
  const [headers] = await once(session.request({ ':path': '/' }).resume(), 'response')
  assert.equal(headers[':status'], 200)
  assert.equal((await leaving)[0], 0)
})

// A whole second: a machine with other work may well stop for a part of one.
describe('the idle time-out', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout
  test('closes an HTTP/2 connection on which nothing comes or goes for the idle time-out', async () => {
    const session = openSession(await open('HTTPS', { idleMs: 1000 }))
    const started = performance.now()
    await once(session, 'close')
    assert.ok(performance.now() - started > 980)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
  test('a client that takes no more of its answer does not hold its connection', async () => {
    const server = await open('HTTP', { idleMs: 1000, answer: Buffer.alloc(32 * 1024 * 1024) })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
    assert.equal(server.connections, 1)
    await until(() => server.connections === 0)
    socket.destroy()
  })

  test('a client that was refused and stays does not hold its connection, and is counted once', async () => {
    const server = await open('HTTP', { idleMs: 1000 })
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write('nonsense\r\n\r\n')
    let received = ''
    for await (const part of socket.setEncoding('latin1')) received += part
    await until(() => server.connections === 0)
    assert.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 400'])
    assert.deepEqual(unreadable, [400])
    socket.destroy()
  })

  test('a client of HTTP/2 that does not let go of its connection does not hold it', async () => {
    const server = await open('HTTPS', { idleMs: 1000 })
    const options = { ALPNProtocols: ['h2'], rejectUnauthorized: false, allowHalfOpen: true }
    const socket = connectTls({ port: server.port, host: '127.0.0.1', ...options })
    await once(socket, 'secureConnect')
    assert.equal(server.connections, 1)
    // The preface, and settings without any.
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    socket.write(Buffer.from('000000040000000000', 'hex'))
    await once(socket.resume(), 'end')
    await until(() => server.connections === 0)
    socket.destroy()
  })
})

test('a listener that is closed ends its connections at once', async () => {
  const server = await open('HTTPS', {})
  const session = openSession(server)
  session.on('error', () => {})
  await once(session, 'connect')
  const closed = once(session, 'close')
  await server.close()
  await closed
})
