import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { after, before, test } from 'node:test'
import { type FrontDoor, openFrontDoor } from './front-door.ts'
import type { HttpEndpoint, Viewer } from './http/endpoint.ts'
import { type EdgeEmulator, openEdgeEmulator } from './test-kit/edge-emulator.test-kit.ts'
import { until } from './test-kit/until.test-kit.ts'

let emulator: EdgeEmulator
let door: FrontDoor
const viewers: Viewer[] = []
const endpoint: HttpEndpoint = {
  handle(incoming, response, viewer) {
    viewers.push(viewer)
    if (incoming.url !== '/hangs') response.end(`${incoming.headers.host}`)
  },
  upgrade(_, socket) {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
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
    ask('app.keencho.com', '/', { connection: 'Upgrade', upgrade: 'echo' }),
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
  const headers = { host: 'app.keencho.com', connection: 'Upgrade', upgrade: 'echo' }
  const upgraded = request({ host: '127.0.0.1', port: new URL(third.httpUrl).port, headers }).end()
  const [, socket] = await once(upgraded, 'upgrade')
  const ended = once(socket, 'close').catch(() => {})
  await third.close()
  await ended
})

test('speaks HTTP/2 for hosts whose endpoint does, and sends other hosts to a connection of their own', async () => {
  const name = 'h2.elb.amazonaws.com'
  const http2: HttpEndpoint['http2'] = {
    enabled: () => true,
    idleTimeoutMs: () => 60_000,
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
  const http2: HttpEndpoint['http2'] = {
    enabled: () => true,
    idleTimeoutMs: () => 200,
    handle(stream) {
      answered = () => stream.respond({}, { endStream: true })
    },
  }
  emulator.context.names.bind({ name, port: 443, http: { ...endpoint, http2 } })
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
