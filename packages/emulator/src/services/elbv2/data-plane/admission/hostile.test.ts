import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  exchangeBytes,
  forward,
  get,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let port: number
/** Bytes that the target has read of a body so far. */
let read = 0

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  port = balancer.portOf(80)
  await balancer.target(group, (incoming, response) => {
    if (incoming.url === '/unread') return
    if (incoming.url?.startsWith('/bytes/')) return void pour(response, Number(incoming.url.slice(7)))
    read = 0
    incoming.on('data', (part: Buffer) => {
      read += part.length
    })
    incoming.on('end', () => response.end(String(read)))
  })
})
after(() => balancer[Symbol.asyncDispose]())

function pour(response: import('node:http').ServerResponse, length: number): void {
  const part = Buffer.alloc(64 * 1024)
  let left = length
  const fill = () => {
    while (left > 0) {
      left -= part.length
      if (!response.write(part)) return void response.once('drain', fill)
    }
    response.end()
  }
  fill()
}

const megabyte = 1024 * 1024
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What is really held: of this test, the target and the balancer together. */
async function held(): Promise<number> {
  collectGarbage()
  // Buffers are released one turn after what refers to them.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

test('streams 64 MB down to a slow reader without keeping them', async () => {
  const start = await held()
  const sent = request({ port, path: `/bytes/${64 * megabyte}`, agent: false }).end()
  const [response] = await once(sent, 'response')
  let received = 0
  let most = 0
  let next = 0
  for await (const part of response) {
    received += part.length
    if (received < next) continue
    next += 16 * megabyte
    // The rest has to wait at its source.
    await sleep(50)
    most = Math.max(most, (await held()) - start)
  }
  assert.equal(received, 64 * megabyte)
  assert.ok(most < 40 * megabyte, `${Math.round(most / megabyte)} MB were kept`)
})

test('streams 64 MB up without keeping them', async () => {
  const start = await held()
  const sent = request({ port, path: '/', method: 'POST', agent: false })
  const part = Buffer.alloc(64 * 1024)
  let most = 0
  for (let written = 0; written < 64 * megabyte; written += part.length) {
    if (!sent.write(part)) await once(sent, 'drain')
    if (written % (16 * megabyte) === 0) most = Math.max(most, (await held()) - start)
  }
  sent.end()
  const [response] = await once(sent, 'response')
  assert.equal(String((await once(response, 'data'))[0]), String(64 * megabyte))
  assert.ok(most < 40 * megabyte, `${Math.round(most / megabyte)} MB were kept`)
})

test('a target that does not read stops its client', async () => {
  const sent = request({ port, path: '/unread', method: 'POST', agent: false })
  sent.on('error', () => {})
  let written = 0
  const part = Buffer.alloc(64 * 1024)
  while (written < 64 * megabyte && sent.write(part)) written += part.length
  for (let still = -1; still !== written; ) {
    still = written
    await sleep(150)
    while (written < 64 * megabyte && !sent.writableNeedDrain && sent.write(part)) written += part.length
  }
  assert.ok(written < 32 * megabyte, `the balancer took ${written} bytes that no one read`)
  sent.destroy()
})

test('clients that dribble, half close or leave early do not keep others from being served', async () => {
  const dribblers = Array.from({ length: 200 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ')
    return socket
  })
  const leaving = Array.from({ length: 300 }, async (_, index) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    if (index % 3 === 0) socket.write('GET / HTTP/1.1\r\nHost')
    if (index % 3 === 1) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    if (index % 2 === 0) socket.resetAndDestroy()
    else socket.destroy()
  })
  for (const dribbler of dribblers) dribbler.write('x')
  await Promise.all(leaving)
  for (let sent = 0; sent < 10; sent++) assert.equal((await get(port)).status, 200)
  for (const dribbler of dribblers) dribbler.destroy()
  // Who half closes in the middle of a request has not sent one.
  assert.match(await exchangeBytes(port, 'GET / HTTP/1.1\r\nHos', true), /^HTTP\/1\.1 400/)
})

test('passes on what a target answers before it has the whole request, each time', async () => {
  await using early = await startTestBalancer()
  const group = await early.group('early')
  await early.listener([forward(group)])
  const { server } = await early.target(group, (incoming, response) => {
    // It reads a little, and closes with the rest unread: the connection is reset.
    incoming.once('data', () => {
      response.writeHead(413, { connection: 'close', 'content-length': 9 })
      response.end('too large', () => incoming.socket.destroy())
    })
  })
  server.keepAliveTimeout = 65_000
  const statuses: number[] = []
  const body = Buffer.alloc(4 * megabyte)
  for (let round = 0; round < 30; round++) {
    const sent = request({
      host: '127.0.0.1',
      port: early.portOf(80),
      method: 'POST',
      path: '/',
      agent: false,
    })
    const answered = once(sent, 'response')
    sent.on('error', () => {})
    sent.end(body)
    const [response] = await answered
    statuses.push(response.statusCode)
    response.resume()
    response.on('error', () => {})
    sent.destroy()
  }
  assert.deepEqual(statuses, Array(30).fill(413))
})
