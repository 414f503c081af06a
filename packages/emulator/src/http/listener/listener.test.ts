import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { type CertificateAuthority, createCertificateAuthority } from '../../certificate-authority.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import type { HttpEndpoint } from '../endpoint.ts'
import { type Listener, openListener } from './listener.ts'

let dir: string
let authority: CertificateAuthority
const listeners: Listener[] = []
/** The statuses with which clients were refused. */
const refused: number[] = []

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'listener-'))
  authority = await createCertificateAuthority(dir)
})
after(async () => {
  await Promise.all(listeners.map((listener) => listener.close()))
  await rm(dir, { recursive: true })
})

/** A listener whose endpoint answers everything itself; times and answer as given. */
async function open(
  scheme: 'http' | 'https',
  times: { idleMs?: number; keepAliveMs?: number; answer?: Buffer },
) {
  const sockets = new Set<Socket>()
  const idleTimeoutMs = () => times.idleMs ?? 60_000
  const endpoint: HttpEndpoint = {
    connections: {
      idleTimeoutMs,
      keepAliveMs: () => times.keepAliveMs ?? 3_600_000,
      opened(socket) {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      },
      refusal({ kind }) {
        const status = kind === 'timeout' ? 408 : 400
        refused.push(status)
        return { status, reason: 'Refused', headers: [], body: '' }
      },
    },
    handle: (_, response) => void response.end(times.answer ?? 'fine'),
    http2: {
      enabled: () => true,
      handle: (stream) => {
        stream.on('error', () => {})
        stream.respond({ ':status': 200 })
        stream.end('fine')
      },
    },
  }
  const { key, cert } = await authority.issue(['localhost'])
  const listener = await openListener({
    scheme,
    address: '127.0.0.1',
    port: 0,
    endpointOf: () => endpoint,
    destinationOf: () => ({ endpoint, scheme, port: 443 }),
    defaultCertificate: () => ({ key, cert }),
    headTimeoutMs: idleTimeoutMs,
  })
  listeners.push(listener)
  return {
    ...listener,
    get connections() {
      return sockets.size
    },
  }
}

const openSession = ({ port }: Listener) =>
  connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
test('closes a client’s connection with the first answer after the keep-alive duration', async () => {
  const times = { keepAliveMs: 60_000 }
  const { port } = await open('http', times)
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
  const session = openSession(await open('https', { keepAliveMs: 100 }))
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
    const session = openSession(await open('https', { idleMs: 1000 }))
    const started = performance.now()
    await once(session, 'close')
    assert.ok(performance.now() - started > 980)
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
  test('a client that takes no more of its answer does not hold its connection', async () => {
    const server = await open('http', { idleMs: 1000, answer: Buffer.alloc(32 * 1024 * 1024) })
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
    const server = await open('http', { idleMs: 1000 })
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write('nonsense\r\n\r\n')
    let received = ''
    for await (const part of socket.setEncoding('latin1')) received += part
    await until(() => server.connections === 0)
    assert.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 400'])
    assert.deepEqual(refused, [400])
    socket.destroy()
  })

  test('a client of HTTP/2 that does not close its connection does not hold it', async () => {
    const server = await open('https', { idleMs: 1000 })
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
  const server = await open('https', {})
  const session = openSession(server)
  session.on('error', () => {})
  await once(session, 'connect')
  const closed = once(session, 'close')
  await server.close()
  await closed
})
