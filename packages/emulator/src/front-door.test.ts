import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { type FrontDoor, openFrontDoor } from './front-door.ts'
import type { ConnectionPolicy, HttpEndpoint, Viewer } from './http/endpoint.ts'
import { type EdgeEmulator, openEdgeEmulator } from './test-kit/edge-emulator.test-kit.ts'
import { until } from './test-kit/until.test-kit.ts'

let emulator: EdgeEmulator
let door: FrontDoor
const viewers: Viewer[] = []
const policy: ConnectionPolicy = {
  idleTimeoutMs: () => 60_000,
  keepAliveMs: () => 3_600_000,
  refusal: ({ kind }) => ({
    status: kind === 'timeout' ? 408 : 400,
    reason: 'refused',
    headers: [],
    body: '',
  }),
}
const endpoint: HttpEndpoint = {
  connections: policy,
  handle(incoming, response, viewer) {
    viewers.push(viewer)
    if (incoming.url !== '/hangs') response.end(`${incoming.headers.host}`)
  },
  upgrade(_, socket) {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.pipe(socket)
  },
}
const resolveAlias = (host: string) =>
  host === 'app.keencho.com' ? { target: 'lb.amazonaws.com' } : undefined

before(async () => {
  emulator = await openEdgeEmulator()
  for (const port of [80, 443])
    emulator.context.names.bind({ name: 'lb.amazonaws.com', port, http: endpoint })
  door = await openFrontDoor(emulator.context, { resolveAlias, ports: { http: 0, https: 0 } })
})
after(async () => {
  await door.close()
  await emulator.close()
})

const ask = (host: string, path = '/', headers = {}) =>
  request({
    host: '127.0.0.1',
    port: new URL(door.httpUrl).port,
    path,
    agent: false,
    headers: { host, ...headers },
  }).end()

async function answer(host: string): Promise<string> {
  const [response] = await once(ask(host), 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

test('tells the endpoint how the viewer came, and who counts as one over HTTPS', async () => {
  assert.equal(await answer('app.keencho.com'), 'app.keencho.com')
  assert.deepEqual(viewers.at(-1), { scheme: 'http', port: 80, address: '127.0.0.1' })
  assert.equal(await answer('app.keencho.com.localhost:1234'), 'app.keencho.com')
  assert.deepEqual(viewers.at(-1), { scheme: 'https', port: 443, address: '127.0.0.1' })
})

test('hands over connections that are upgraded', async () => {
  const [, socket] = await once(
    ask('app.keencho.com', '/', { connection: 'Upgrade', upgrade: 'websocket' }),
    'upgrade',
  )
  socket.write('hello')
  assert.equal(String((await once(socket, 'data'))[0]), 'hello')
  socket.destroy()
})

test('says which port is taken', async () => {
  const http = Number(new URL(door.httpUrl).port)
  const second = openFrontDoor(emulator.context, { resolveAlias, ports: { http, https: 0 } })
  await assert.rejects(second, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${http}`))
})

test('closes at once, whatever is under way', async () => {
  const other = await openFrontDoor(emulator.context, { resolveAlias, ports: { http: 0, https: 0 } })
  const options = {
    host: '127.0.0.1',
    port: new URL(other.httpUrl).port,
    path: '/hangs',
    headers: { host: 'app.keencho.com' },
  }
  const seen = viewers.length
  const hanging = request(options).end()
  const cut = once(hanging, 'response').catch((error) => error)
  await until(() => viewers.length > seen)
  await other.close()
  assert.equal((await cut).code, 'ECONNRESET')
  const third = await openFrontDoor(emulator.context, { resolveAlias, ports: { http: 0, https: 0 } })
  const headers = { host: 'app.keencho.com', connection: 'Upgrade', upgrade: 'websocket' }
  const upgraded = request({ host: '127.0.0.1', port: new URL(third.httpUrl).port, headers }).end()
  const [, socket] = await once(upgraded, 'upgrade')
  const ended = once(socket, 'close').catch(() => {})
  await third.close()
  await ended
})

test('speaks HTTP/2 for hosts whose endpoint does, and sends other hosts to a connection of their own', async () => {
  const name = 'h2.elb.amazonaws.com'
  const http2: NonNullable<HttpEndpoint['http2']> = {
    enabled: () => true,
    handle: (stream, headers, _flat, viewer) =>
      stream.respond({ 'x-seen': `${headers[':authority']} ${viewer.scheme}` }, { endStream: true }),
  }
  emulator.context.names.bind({ name, port: 443, http: { ...endpoint, http2 } })
  const port = new URL(door.httpsUrl).port
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: name, rejectUnauthorized: false })
  const seen = async (host: string) => {
    const [headers] = await once(session.request({ ':authority': host }), 'response')
    return [headers[':status'], headers['x-seen']]
  }
  assert.deepEqual(await seen(name), [200, `${name} https`])
  assert.deepEqual(await seen('app.keencho.com'), [421, undefined])
  session.close()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
test('closes a connection over HTTP/2 that has had no request for as long as its endpoint says, and no other', async () => {
  const name = 'idle.elb.amazonaws.com'
  let answered = () => {}
  const http2: NonNullable<HttpEndpoint['http2']> = {
    enabled: () => true,
    handle(stream) {
      answered = () => stream.respond({}, { endStream: true })
    },
  }
  const connections = { ...policy, idleTimeoutMs: () => 200 }
  emulator.context.names.bind({ name, port: 443, http: { ...endpoint, http2, connections } })
  const port = new URL(door.httpsUrl).port
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: name, rejectUnauthorized: false })
  const closed = once(session, 'goaway', { signal: AbortSignal.timeout(20_000) })
  const response = once(session.request({ ':authority': name }), 'response')
  // A request that takes longer is waited for.
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.equal(session.closed, false)
  answered()
  assert.equal((await response)[0][':status'], 200)
  assert.equal((await closed)[0], 0)
})

test('closes what no one can be asked about: connections with nothing, and half a head', async () => {
  const slow = await openFrontDoor(emulator.context, {
    resolveAlias,
    ports: { http: 0, https: 0 },
    headTimeoutMs: 300,
    checkIntervalMs: 50,
  })
  const [http, https] = [slow.httpUrl, slow.httpsUrl].map((url) => Number(new URL(url).port))
  const plain = () => connect(http ?? 0, '127.0.0.1')
  const tls = () => connectTls({ host: '127.0.0.1', port: https ?? 0, rejectUnauthorized: false })
  const clients: [name: string, open: () => Socket, bytes: string, drip: string][] = [
    ['nothing, plain', plain, '', ''],
    ['nothing, before TLS', () => connect(https ?? 0, '127.0.0.1'), '', ''],
    ['nothing, after TLS', tls, '', ''],
    ['half a head, plain', plain, 'GET / HTTP/1.1\r\nHost: app', ''],
    ['half a head, TLS', tls, 'GET / HTTP/1.1\r\nHost: app', ''],
    ['a head byte by byte, plain', plain, 'GET / HTTP/1.1\r\nX: ', 'x'],
    ['a head byte by byte, TLS', tls, 'GET / HTTP/1.1\r\nX: ', 'x'],
  ]
  const closed = clients.map(async ([name, open, bytes, drip]) => {
    const socket = open()
    socket.on('error', () => {})
    if (bytes !== '') socket.write(bytes)
    const timer = drip === '' ? undefined : setInterval(() => socket.writable && socket.write(drip), 20)
    let received = ''
    socket.on('data', (part) => {
      received += part
    })
    await once(socket, 'close', { signal: AbortSignal.timeout(20_000) })
    clearInterval(timer)
    if (bytes !== '') assert.match(received, /^HTTP\/1\.1 408 /, name)
  })
  await Promise.all(closed)
  await slow.close()
})

test('leaves a request alone that offers another protocol than WebSocket', async () => {
  const offering = ask('app.keencho.com', '/', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' })
  const [response] = await once(offering, 'response')
  assert.equal(response.statusCode, 200)
  response.resume()
})

test('applies what the endpoint says of the age of connections', async () => {
  const name = 'old.amazonaws.com'
  const connections = { ...policy, keepAliveMs: () => -1 }
  emulator.context.names.bind({ name, port: 80, http: { ...endpoint, connections } })
  const [response] = await once(ask(name, '/', { connection: 'keep-alive' }), 'response')
  assert.equal(response.headers.connection, 'close')
  response.resume()
})

test('gives the endpoint the host without the door’s own port, and takes one in the request target', async () => {
  const { port } = new URL(door.httpUrl)
  assert.equal(await answer(`app.keencho.com:${port}`), 'app.keencho.com')
  const absolute = ask('other.example', 'http://app.keencho.com/')
  const [response] = await once(absolute, 'response')
  assert.equal(response.statusCode, 200)
  response.resume()
})
