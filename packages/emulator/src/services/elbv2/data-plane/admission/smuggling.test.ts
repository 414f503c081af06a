import assert from 'node:assert/strict'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import {
  exchangeBytes,
  forward,
  startTestBalancer,
  type TestBalancer,
} from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let target: Server
/** The requests that reached the target, as bytes. */
let arrived: string[] = []
/** Connections on which one did. */
const held = new Set<Socket>()
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  // It knows nothing of bodies: whatever looks like a request counts as one.
  target = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (part) => {
      const text = part.toString('latin1')
      if (text.includes('ELB-HealthChecker')) return void socket.end(answer)
      if (!/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(text)) return
      arrived.push(text)
      held.add(socket)
      socket.on('close', () => held.delete(socket))
      if (text.startsWith('POST /waits')) return
      if (text.startsWith('POST /begins')) return void socket.write(answer.replace('2\r\n', '9\r\n'))
      socket.write(text.startsWith('HEAD') ? answer.slice(0, -2) : answer)
    })
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const registered = { id: '127.0.0.1', port: (target.address() as AddressInfo).port }
  balancer.elb.registerTarget(group, registered)
  await balancer.elb.targetHealthy(group, registered, AbortSignal.timeout(10_000))
})
after(async () => {
  await balancer[Symbol.asyncDispose]()
  target.close()
})

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const head = (method: string, ...headers: string[]) =>
  `${method} / HTTP/1.1\r\nHost: a\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`

/** Whatever the mode: refused with this status, and nothing reaches the target. */
const refused: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'both lengths, chunks first': [
    `${head('POST', 'Transfer-Encoding: chunked', 'Content-Length: 6')}0\r\n\r\nG`,
    400,
  ],
  'both lengths, length first': [
    `${head('POST', 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    400,
  ],
  'two lengths that differ': [`${head('POST', 'Content-Length: 0', 'Content-Length: 40')}${smuggled}`, 400],
  'one length twice': [`${head('POST', 'Content-Length: 5', 'Content-Length: 5')}hello`, 400],
  'a list of lengths': [`${head('POST', 'Content-Length: 5, 5')}hello`, 400],
  'a signed length': [`${head('POST', 'Content-Length: +5')}hello`, 400],
  'a length in hexadecimal': [`${head('POST', 'Content-Length: 0x5')}hello`, 400],
  'a length beyond all numbers': [head('POST', 'Content-Length: 18446744073709551616'), 400],
  'an empty length': [head('POST', 'Content-Length:'), 400],
  'a space before the colon': [`${head('POST', 'Transfer-Encoding : chunked')}0\r\n\r\n`, 400],
  'a tab before the colon': [`${head('POST', 'Content-Length\t: 5')}hello`, 400],
  'a folded header': [`${head('POST', 'X-Fold: a', ' Transfer-Encoding: chunked')}0\r\n\r\n`, 400],
  'a header without a colon': [head('GET', 'nonsense'), 400],
  'a header without a name': [head('GET', ': value'), 400],
  'a null in a header': [head('GET', 'X-Null: a\0b'), 400],
  'a carriage return in a header': [head('GET', 'X-Return: a\rTransfer-Encoding: chunked'), 400],
  'a control character in a header': [head('GET', 'X-Control: a\x01b'), 400],
  'a null in the path': ['GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'a tab in the path': ['GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'a space in the path': ['GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'a version that is none': ['GET / HTTP/1.1x\r\nHost: a\r\n\r\n', 400],
  'a method that is none': ['G@T / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'no host': ['GET / HTTP/1.1\r\n\r\n', 400],
  'an encoding that is none': [`${head('POST', 'Transfer-Encoding: xchunked')}0\r\n\r\n`, 400],
  'chunked twice': [
    `${head('POST', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
  ],
  'an encoding that is not supported': [head('POST', 'Transfer-Encoding: gzip'), 501],
  'chunks that are compressed': [`${head('POST', 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`, 501],
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
test('requests that could be misread reach no target, and their connection is closed', async () => {
  for (const mode of ['defensive', 'strictest']) {
    await balancer.attributes({ 'routing.http.desync_mitigation_mode': mode })
    for (const [what, [bytes, status]] of Object.entries(refused)) {
      arrived = []
      const received = await exchangeBytes(balancer.portOf(80), bytes + smuggled)
      assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `), `${what}: ${received.slice(0, 40)}`)
      assert.equal(received.match(/HTTP\/1\.1/g)?.length, 1, what)
      assert.deepEqual(arrived, [], what)
    }
  }
})

/** By what the request is: AWS's class of it. */
const classified: Readonly<Record<string, readonly [bytes: string, tier: 'acceptable' | 'ambiguous']>> = {
  'GET with a length of 0': [head('GET', 'Content-Length: 0'), 'acceptable'],
  'HEAD with a length of 0': [head('HEAD', 'Content-Length: 0'), 'acceptable'],
  'a header beyond ASCII': [head('GET', 'X-Name: J\xfcrgen'), 'acceptable'],
  'GET with a body': [`${head('GET', `Content-Length: ${smuggled.length}`)}${smuggled}`, 'ambiguous'],
  'GET in chunks': [`${head('GET', 'Transfer-Encoding: chunked')}0\r\n\r\n`, 'ambiguous'],
  'a look-alike of Transfer-Encoding': [head('POST', 'Transfer_Encoding: chunked'), 'ambiguous'],
  'a look-alike of Content-Length': [head('POST', 'Content-Length-: 5'), 'ambiguous'],
  'chunks in HTTP/1.0': [
    'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n',
    'ambiguous',
  ],
}

async function outcome(bytes: string): Promise<{ statuses: string[]; arrived: string[] }> {
  arrived = []
  // What comes behind it on the connection is let in or not; a half-closed connection ends either way.
  const received = await exchangeBytes(balancer.portOf(80), `${bytes}${head('DELETE', 'Connection: close')}`)
  return { statuses: received.match(/HTTP\/1\.1 \d+/g) ?? [], arrived }
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
test('defensive mode lets acceptable requests pass, and ambiguous ones as the last on both connections', async () => {
  await balancer.attributes({ 'routing.http.desync_mitigation_mode': 'defensive' })
  for (const [what, [bytes, tier]] of Object.entries(classified)) {
    const { statuses, arrived: reached } = await outcome(bytes)
    assert.equal(statuses.length, tier === 'acceptable' ? 2 : 1, what)
    assert.equal(statuses[0], 'HTTP/1.1 200', what)
    assert.equal(/\r\nConnection: close\r\n/.test(reached[0] ?? ''), tier === 'ambiguous', what)
    assert.ok(!reached.some((each) => each.startsWith('GET /smuggled')), what)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
test('monitor mode lets acceptable and ambiguous requests pass and keeps their connections', async () => {
  await balancer.attributes({ 'routing.http.desync_mitigation_mode': 'monitor' })
  for (const [what, [bytes]] of Object.entries(classified)) {
    const { statuses, arrived: reached } = await outcome(bytes)
    assert.deepEqual(statuses, ['HTTP/1.1 200', 'HTTP/1.1 200'], what)
    assert.ok(!/\r\nConnection: close\r\n/.test(reached[0] ?? ''), what)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
test('strictest mode blocks all that does not comply with RFC 7230', async () => {
  await balancer.attributes({ 'routing.http.desync_mitigation_mode': 'strictest' })
  for (const [what, [bytes]] of Object.entries(classified)) {
    assert.deepEqual(await outcome(bytes), { statuses: ['HTTP/1.1 400'], arrived: [] }, what)
  }
  const compliant = await outcome(`${head('POST', 'Content-Length: 5')}hello`)
  assert.equal(compliant.statuses[0], 'HTTP/1.1 200')
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts requests that do not comply, in every mode', async () => {
  const counted = () =>
    balancer.metrics.filter(({ metric }) => metric === 'DesyncMitigationMode_NonCompliant_Request_Count')
      .length
  for (const mode of ['monitor', 'defensive', 'strictest']) {
    await balancer.attributes({ 'routing.http.desync_mitigation_mode': mode })
    const start = counted()
    await outcome(head('GET', 'Content-Length: 0'))
    await outcome(refused['both lengths, chunks first']?.[0] ?? '')
    await outcome(head('GET'))
    assert.equal(counted() - start, 2, mode)
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
test('no client makes the balancer leave out where a body ends', async () => {
  for (const mode of ['defensive', 'monitor']) {
    await balancer.attributes({ 'routing.http.desync_mitigation_mode': mode })
    for (const method of ['DELETE', 'GET', 'OPTIONS', 'POST']) {
      const length = `Content-Length: ${smuggled.length}`
      const sent = `${head(method, length, 'Connection: close, Content-Length')}${smuggled}`
      arrived = []
      await exchangeBytes(balancer.portOf(80), sent)
      assert.match(arrived[0] ?? '', new RegExp(`\\r\\n${length}\\r\\n`), `${mode} ${method}`)
    }
  }
})

/** A body in chunks that is none from its second part on; the parts are sent one after the other. */
async function breaksOff(path: string): Promise<{ received: string; reached: number }> {
  arrived = []
  const socket = connect(balancer.portOf(80), '127.0.0.1')
  let received = ''
  socket.on('error', () => {})
  socket.on('data', (part) => {
    received += part.toString('latin1')
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
  // The target has a part of it, and where it begins to answer, the client has a part of that.
  await until(() => arrived.length === 1 && (path === '/waits' || received.endsWith('ok')))
  const [connection] = [...held].slice(-1)
  socket.write('X\r\n0\r\n\r\n')
  await closed
  await until(() => connection !== undefined && !held.has(connection))
  return { received, reached: arrived.length }
}

test('a body that stops being HTTP is answered with 400, and the request to its target ends', async () => {
  await balancer.attributes({ 'routing.http.desync_mitigation_mode': 'defensive' })
  const { received, reached } = await breaksOff('/waits')
  assert.deepEqual([received.match(/HTTP\/1\.1 \d+/g), reached], [['HTTP/1.1 400'], 1])
})

test('a body that stops being HTTP once it is being answered cuts the answer, and the request to its target ends', async () => {
  await balancer.attributes({ 'routing.http.desync_mitigation_mode': 'defensive' })
  const { received, reached } = await breaksOff('/begins')
  assert.match(received, /^HTTP\/1\.1 200 OK\r\nContent-Length: 9\r\n[\s\S]*\r\n\r\nok$/)
  assert.equal(reached, 1)
})
