import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { forward, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

test('streams bodies both ways as they come, with trailers', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    response.writeHead(200, { Trailer: 'X-Length' })
    let length = 0
    incoming.on('data', (part: Buffer) => {
      length += part.length
      response.write(part)
    })
    incoming.on('end', () => {
      response.addTrailers({ 'X-Length': String(length), 'X-Sent': String(incoming.trailers['x-sent']) })
      response.end()
    })
  })
  const sent = request({
    port: balancer.portOf(80),
    method: 'POST',
    agent: false,
    headers: { Trailer: 'X-Sent' },
  })
  sent.write('first')
  const [response] = await once(sent, 'response')
  // The answer began before the request ended.
  assert.equal(String((await once(response, 'data'))[0]), 'first')
  sent.write('second')
  assert.equal(String((await once(response, 'data'))[0]), 'second')
  sent.addTrailers({ 'X-Sent': 'yes' })
  sent.end()
  response.resume()
  await once(response, 'end')
  assert.deepEqual({ ...response.trailers }, { 'x-length': '11', 'x-sent': 'yes' })
})

test('waits with the target where the client does not read', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  let written = 0
  await balancer.target(group, (_, response) => {
    const part = Buffer.alloc(64 * 1024)
    const fill = () => {
      while (written < 64 * 1024 * 1024) {
        written += part.length
        if (!response.write(part)) return void response.once('drain', fill)
      }
      response.end()
    }
    fill()
  })
  const socket = connect(balancer.portOf(80), '127.0.0.1')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  // Until nothing more is written for a while.
  for (let held = -1; held !== written || written === 0; await sleep(300)) held = written
  assert.ok(written < 32 * 1024 * 1024, `the balancer took ${written} bytes that no one read`)
  socket.destroy()
})

test('passes Expect: 100-continue to the target, and its answer back', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { server } = await balancer.target(group, (incoming, response) => void incoming.pipe(response))
  server.on('checkContinue', (incoming, response) => {
    if (incoming.url === '/no') return response.writeHead(417).end()
    response.writeContinue()
    incoming.pipe(response)
  })
  const send = (path: string) =>
    request({
      port: balancer.portOf(80),
      method: 'PUT',
      path,
      agent: false,
      headers: { Expect: '100-continue', 'Content-Length': '4' },
    })
  const accepted = send('/yes')
  accepted.flushHeaders()
  await once(accepted, 'continue')
  accepted.end('body')
  const [response] = await once(accepted, 'response')
  assert.equal(String((await once(response, 'data'))[0]), 'body')
  const refused = send('/no')
  refused.flushHeaders()
  const [refusal] = await once(refused, 'response')
  assert.equal(refusal.statusCode, 417)
  refused.destroy()
})

test('answers HEAD, 204 and 304 without a body, and keeps the connection', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    if (incoming.method === 'HEAD')
      return response.writeHead(200, { 'Content-Length': '1000', ETag: '"x"' }).end()
    response.writeHead(Number(incoming.url?.slice(1)), { ETag: '"x"' }).end()
  })
  const socket = connect(balancer.portOf(80), '127.0.0.1')
  let received = ''
  socket.on('data', (part) => {
    received += part
  })
  for (const line of ['HEAD /200', 'GET /204', 'GET /304']) {
    const before = received.length
    socket.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`)
    while (!received.slice(before).includes('\r\n\r\n')) await once(socket, 'data')
  }
  socket.destroy()
  assert.match(received, /^HTTP\/1\.1 200 OK\r\nContent-Length: 1000/)
  assert.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 304'])
  assert.ok(!/transfer-encoding/i.test(received))
})

test('ends the request to the target when the client leaves', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  let closed: Promise<unknown> = Promise.resolve()
  const arrived = Promise.withResolvers<void>()
  await balancer.target(group, (incoming) => {
    closed = once(incoming.socket, 'close')
    arrived.resolve()
  })
  const sent = request({ port: balancer.portOf(80), agent: false }).end()
  sent.on('error', () => {})
  await arrived.promise
  sent.destroy()
  await closed
})

test('a connection goes on after a request whose target failed before it had all of it', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    if (incoming.url === '/reset') return incoming.socket.resetAndDestroy()
    if (incoming.url === '/early') return void response.writeHead(413).end()
    response.end('fine')
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const post = async (path: string) => {
    const sent = request({ port: balancer.portOf(80), method: 'POST', path, agent })
    sent.end(Buffer.alloc(4 * 1024 * 1024))
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  }
  assert.equal(await post('/reset'), 502)
  assert.equal(await post('/early'), 413)
  assert.equal(await post('/'), 200)
  agent.destroy()
})
