import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { createCertificateAuthority } from '../certificate-authority.ts'
import { until } from '../test-kit/until.test-kit.ts'
import { openTunnels } from './tunnel.ts'

let server: Server
let port: number
let ca: string
let close: () => void
const ends: (() => unknown)[] = []

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-tunnel-'))
  const authority = await createCertificateAuthority(folder)
  ca = authority.certificate
  server = createServer()
  close = openTunnels(server, authority, (incoming, response) => response.end(incoming.headers.host)).close
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  ends.push(
    () => close(),
    () => server.close(),
    () => rm(folder, { recursive: true }),
  )
})
after(async () => {
  for (const end of ends) await end()
})

const connect = (path: string, proxy = port) =>
  new Promise<{ status: number | undefined; socket: Socket }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: proxy, method: 'CONNECT', path, agent: false })
    sent.on('connect', (answer, socket: Socket) => resolve({ status: answer.statusCode, socket }))
    sent.on('error', reject)
    sent.end()
  })

test('answers for AWS’s host names, with certificates of the emulator’s authority', async () => {
  for (const host of ['codedeploy.ap-northeast-2.amazonaws.com', 'ecs.ap-northeast-2.api.aws']) {
    const { status, socket } = await connect(`${host}:443`)
    assert.equal(status, 200)
    const body = await new Promise<string>((resolve, reject) => {
      const sent = requestTls(
        { host, servername: host, socket, ca, agent: false, headers: { host } } as never,
        (answer) => {
          let text = ''
          answer.on('data', (part) => {
            text += part
          })
          answer.on('end', () => resolve(text))
        },
      )
      sent.on('error', reject)
      sent.end()
    })
    assert.equal(body, host)
    socket.destroy()
  }
})

test('leads nowhere else', async () => {
  for (const path of [
    'example.com:443',
    'evil-amazonaws.com:443',
    'ecs.ap-northeast-2.amazonaws.com:22',
    'x',
  ]) {
    const { status, socket } = await connect(path)
    assert.equal(status, 403)
    socket.destroy()
  }
})

test('shows no certificate for a name that is not AWS’s', async () => {
  const { socket } = await connect('ecs.ap-northeast-2.amazonaws.com:443')
  const inside = connectTls({ socket, servername: 'example.com', ca })
  const [error] = await once(inside, 'error')
  assert.notEqual(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID')
  assert.equal(inside.authorized, false)
  socket.destroy()
})

test('waits for no client longer than the API’s own port does, and for an answer as long as it takes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-tunnel-'))
  const authority = await createCertificateAuthority(folder)
  const proxy = createServer()
  const end = openTunnels(
    proxy,
    authority,
    (incoming, response) => {
      incoming.resume()
      if (incoming.url === '/slow') setTimeout(() => response.end('slow'), 1600)
      else incoming.on('end', () => response.end('fine'))
    },
    { headMs: 800, requestMs: 1200 },
  )
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const through = (proxy.address() as AddressInfo).port
  const host = 's3.amazonaws.com'
  const exchange = async (...parts: string[]) => {
    const { socket } = await connect(`${host}:443`, through)
    const inside = connectTls({ socket, servername: host, ca: authority.certificate })
    let received = ''
    inside.on('error', () => {})
    inside.on('data', (part) => {
      received += part
    })
    await once(inside, 'secureConnect')
    for (const part of parts) inside.write(part)
    await once(inside, 'close')
    return received
  }
  const refused = connectPlain({ port: through, host: '127.0.0.1', allowHalfOpen: true })
  refused.on('error', () => {})
  refused.resume().write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')
  const silent = connect(`${host}:443`, through).then(({ socket }) => once(socket.resume(), 'close'))
  const head = `Host: ${host}\r\nConnection: close\r\n`
  const [nothing, half, body, slow, whole] = await Promise.all([
    exchange(),
    exchange(`GET / HTTP/1.1\r\n${head}X-Half`),
    exchange(`PUT / HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\nhalf`),
    exchange(`GET /slow HTTP/1.1\r\n${head}\r\n`),
    exchange(`PUT / HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\n`, 'halfandall!'.slice(0, 10)),
    silent,
  ])
  for (const late of [nothing, half, body]) assert.match(late, /^HTTP\/1\.1 408 /)
  assert.match(slow, /^HTTP\/1\.1 200 [\s\S]*slow$/)
  assert.match(whole, /^HTTP\/1\.1 200 [\s\S]*fine$/)
  const open = () => new Promise<number>((resolve) => proxy.getConnections((_, count) => resolve(count)))
  await until(async () => (await open()) === 0)
  refused.destroy()
  end.close()
  proxy.close()
  await rm(folder, { recursive: true })
})

// Last: it ends the server.
test('ends with the emulator, whatever its clients hold open', async () => {
  const held: Socket[] = []
  // One that never says hello, one that is refused and stays, and one that keeps its connection for the next request.
  for (const path of ['ecs.ap-northeast-2.amazonaws.com:443', 'example.com:443', 's3.amazonaws.com:443']) {
    const { socket } = await connect(path)
    socket.on('error', () => {})
    held.push(socket)
  }
  const host = 's3.amazonaws.com'
  const inside = connectTls({ socket: held[2], servername: host, ca })
  inside.on('error', () => {})
  await once(inside, 'secureConnect')
  inside.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await once(inside, 'data')
  const closed = once(server, 'close')
  close()
  server.close()
  server.closeAllConnections()
  await closed
  for (const socket of held) socket.destroy()
})
