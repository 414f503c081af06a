import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { forward, get, startTestBalancer } from '../testing.ts'

test('tells the target of its client, and passes headers on as they were written', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    response.writeHead(201, 'Made', [
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'X-Odd_Name',
      'kept',
      'Date',
      'never',
    ])
    response.end(JSON.stringify(incoming.rawHeaders))
  })
  const answer = await get(balancer.portOf(80), '/', {
    headers: {
      Host: 'app.keencho.com',
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-CaSe': 'Kept',
      Connection: 'close, X-Hop',
      'X-Hop': 'gone',
      'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
    },
  })
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.ok(answer.rawHeaders.includes('X-Odd_Name') && answer.rawHeaders.includes('never'))
  const sent: string[] = JSON.parse(answer.body)
  const header = (name: string) => sent[sent.indexOf(name) + 1]
  assert.equal(header('Host'), 'app.keencho.com')
  assert.equal(header('X-CaSe'), 'Kept')
  assert.equal(header('X-Forwarded-For'), '203.0.113.9, 127.0.0.1')
  assert.equal(header('X-Forwarded-Proto'), 'http')
  assert.equal(header('X-Forwarded-Port'), '80')
  assert.match(
    header('X-Amzn-Trace-Id') ?? '',
    /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
  )
  assert.ok(!sent.includes('X-Hop'))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
test('drops invalid header fields where the load balancer is told to', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => response.end(String(incoming.headers.bad_name)))
  const headers = { bad_name: 'yes' }
  assert.equal((await get(balancer.portOf(80), '/', { headers })).body, 'yes')
  await balancer.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer.loadBalancerArn,
    Attributes: [{ Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' }],
  })
  assert.equal((await get(balancer.portOf(80), '/', { headers })).body, 'undefined')
})

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
  await sleep(300)
  const held = written
  assert.ok(held < 32 * 1024 * 1024, `the balancer took ${held} bytes that nobody read`)
  await sleep(200)
  assert.equal(written, held)
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

test('hands a WebSocket to its target', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  const { server } = await balancer.target(group, (_, response) => response.writeHead(426).end('upgrade'))
  server.on('upgrade', (incoming, socket) => {
    if (incoming.url === '/no')
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    socket.on('data', (part: Buffer) => socket.write(part.toString().toUpperCase()))
  })
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
  const sent = request({ port: balancer.portOf(80), agent: false, headers }).end()
  const [answer, socket] = await once(sent, 'upgrade')
  assert.equal(answer.statusCode, 101)
  socket.write('ping')
  assert.equal(String((await once(socket, 'data'))[0]), 'PING')
  socket.destroy()
  const refused = request({ port: balancer.portOf(80), path: '/no', agent: false, headers }).end()
  const [response] = await once(refused, 'response')
  assert.equal(response.statusCode, 403)
  assert.equal(String((await once(response, 'data'))[0]), 'no')
  // Another upgrade than WebSocket is a request like any other.
  const h2c = await get(balancer.portOf(80), '/', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })
  assert.deepEqual([h2c.status, h2c.body], [426, 'upgrade'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 where the target refuses, resets or breaks HTTP, and never sends a request twice', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  let requests = 0
  const raw = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (part) => {
      if (String(part).includes('ELB-HealthChecker'))
        return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      requests++
      if (String(part).startsWith('GET /reset')) return socket.resetAndDestroy()
      if (String(part).startsWith('GET /close')) return socket.end()
      socket.end('nonsense\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  const target = { id: '127.0.0.1', port: (raw.address() as AddressInfo).port }
  balancer.elb.registerTarget(group, target)
  await balancer.elb.targetHealthy(group, target, AbortSignal.timeout(5000))
  for (const path of ['/reset', '/close', '/nonsense']) {
    const answer = await get(balancer.portOf(80), path)
    assert.deepEqual([answer.status, answer.headers.server], [502, 'awselb/2.0'])
    assert.match(answer.body, /<h1>502 Bad Gateway<\/h1>/)
  }
  assert.equal(requests, 3)
  raw.close()
  await sleep(5)
  assert.equal((await get(balancer.portOf(80), '/')).status, 502)
  const counted = (metric: string) =>
    balancer.metrics.filter((datum) => datum.metric === metric && datum.dimensions.TargetGroup).length
  assert.equal(counted('HTTPCode_ELB_5XX_Count'), 4)
  assert.equal(counted('TargetConnectionErrorCount'), 1)
  assert.equal(counted('RequestCount'), 4)
})

test('cuts an answer that its target broke off', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half')
    setTimeout(() => response.socket?.destroy(), 20)
  })
  await assert.rejects(get(balancer.portOf(80)), /aborted|hang up|ECONNRESET/)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
test('answers 504 where the target is silent for the idle time-out, which no clock compresses', async () => {
  await using balancer = await startTestBalancer({ speed: 1000 })
  await balancer.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer.loadBalancerArn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
  })
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, () => {})
  const started = performance.now()
  assert.equal((await get(balancer.portOf(80))).status, 504)
  assert.ok(performance.now() - started > 900)
})

test('lets go of the target when the client goes away', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  let closed: Promise<unknown> = Promise.resolve()
  const arrived = new Promise<void>((resolve) => {
    balancer.target(group, (incoming) => {
      closed = once(incoming.socket, 'close')
      resolve()
    })
  })
  await sleep(50)
  const sent = request({ port: balancer.portOf(80), agent: false }).end()
  sent.on('error', () => {})
  await arrived
  sent.destroy()
  await closed
})

test('refuses what it does not forward: 400, 405, 414, 463', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => response.end())
  const port = balancer.portOf(80)
  assert.equal((await get(port, '/', { method: 'TRACE' })).status, 405)
  assert.equal((await get(port, `/${'x'.repeat(17_000)}`)).status, 414)
  const many = Array.from({ length: 31 }, (_, index) => `10.0.0.${index}`).join(', ')
  assert.equal((await get(port, '/', { headers: { 'X-Forwarded-For': many } })).status, 463)
  const answerTo = async (text: string) => {
    const socket = connect(port, '127.0.0.1').end(text)
    let received = ''
    for await (const part of socket) received += part
    return received.slice(9, 12)
  }
  assert.equal(await answerTo('GET / HTTP/1.1\r\n\r\n'), '400')
  assert.equal(
    await answerTo(
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
    '400',
  )
  assert.equal(await answerTo('nonsense\r\n\r\n'), '400')
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
