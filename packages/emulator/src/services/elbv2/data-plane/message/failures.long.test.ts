import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { forward, get, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'

/** One balancer whose listeners lead to one target each; its clock is fast, its time-outs are real. */
let balancer: TestBalancer
const servers: Server[] = []
let nextPort = 1000

before(async () => {
  balancer = await startTestBalancer({ speed: 1000, connectTimeoutMs: 1500 })
})
after(async () => {
  await balancer[Symbol.asyncDispose]()
  for (const server of servers) server.close()
})

/** A listener and group of its own; `protocol` is the group's. */
async function place(protocol = 'HTTP'): Promise<{ port: number; group: string }> {
  const listenerPort = nextPort++
  const group = await balancer.group(`group-${listenerPort}`, {}, { Protocol: protocol })
  await balancer.listener([forward(group)], { Port: listenerPort })
  return { port: balancer.portOf(listenerPort), group }
}

/** A target that answers health checks and leaves all else to `onRequest`. */
async function rawTarget(group: string, onRequest: (socket: Socket, text: string) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (part) => {
      const text = String(part)
      if (!text.includes('ELB-HealthChecker')) return onRequest(socket, text)
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  })
  const target = await listen(server)
  balancer.elb.registerTarget(group, target)
  await balancer.elb.targetHealthy(group, target, AbortSignal.timeout(10_000))
  return server
}

async function listen(server: Server): Promise<{ id: string; port: number }> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { id: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** Short only where it is what a test is about: a machine with other work may well stop for a second. */
const idleSeconds = (seconds: number) =>
  balancer.attributes({ 'idle_timeout.timeout_seconds': String(seconds) })

const counted = (metric: string, dimensions: string) =>
  balancer.metrics.filter(
    (each) => each.metric === metric && Object.keys(each.dimensions).join() === dimensions,
  ).length

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 where the target refuses, resets or breaks HTTP, and never sends a request twice', async () => {
  const { port, group } = await place()
  let requests = 0
  const server = await rawTarget(group, (socket, text) => {
    requests++
    if (text.startsWith('GET /reset')) socket.resetAndDestroy()
    else if (text.startsWith('GET /close')) socket.end()
    else socket.end('nonsense\r\n\r\n')
  })
  for (const path of ['/reset', '/close', '/nonsense']) {
    const answer = await get(port, path)
    assert.deepEqual([answer.status, answer.headers.server], [502, 'awselb/2.0'])
    assert.match(answer.body, /<h1>502 Bad Gateway<\/h1>/)
  }
  assert.equal(requests, 3)
  const refused = counted('TargetConnectionErrorCount', 'TargetGroup,LoadBalancer')
  server.close()
  await once(server, 'close')
  assert.equal((await get(port, '/')).status, 502)
  assert.equal(counted('TargetConnectionErrorCount', 'TargetGroup,LoadBalancer'), refused + 1)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 to headers of a target beyond 32 K, and passes on what is within', async () => {
  const { port, group } = await place()
  await rawTarget(group, (socket, text) => {
    const length = text.startsWith('GET /much') ? 40_000 : 30_000
    socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(length)}\r\nContent-Length: 0\r\n\r\n`)
  })
  assert.equal((await get(port, '/much')).status, 502)
  const raw = await get(port, '/', { maxHeaderSize: 64 * 1024 })
  assert.deepEqual([raw.status, raw.headers['x-long']?.length], [200, 30_000])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
test('answers 502 where the TLS handshake with the target fails', async () => {
  const { port, group } = await place('HTTPS')
  // Speaks no TLS at all.
  const target = await listen(
    createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 No\r\n\r\n')),
  )
  balancer.elb.registerTarget(group, target)
  assert.equal((await get(port)).status, 502)
  assert.equal(counted('TargetTLSNegotiationErrorCount', 'TargetGroup,LoadBalancer'), 1)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-routing-configuration
test('reaches HTTPS targets without a look at their certificate', async () => {
  const { port, group } = await place('HTTPS')
  const { key, cert } = await balancer.context.authority.issue(['somewhere.else'])
  const server = createTlsServer({ key, cert }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
  })
  const target = await listen(server)
  balancer.elb.registerTarget(group, target)
  assert.equal((await get(port)).body, 'ok')
})

// https://repost.aws/knowledge-center/504-error-alb
test('answers 504 where the TLS handshake with the target takes too long', async () => {
  const { port, group } = await place('HTTPS')
  const target = await listen(createServer((socket) => void socket.on('error', () => {})))
  balancer.elb.registerTarget(group, target)
  assert.equal((await get(port)).status, 504)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
test('answers 504 where no connection to the target comes about in time', async (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux drops what a full queue cannot take')
  const { port, group } = await place()
  // Listens, and never accepts: once its queue is full, connections get no answer at all.
  const source = `const server = require('net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('fs').writeSync(1, String(server.address().port))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const deaf = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => deaf.kill('SIGKILL'))
  const target = { id: '127.0.0.1', port: Number((await once(deaf.stdout, 'data'))[0]) }
  const queued = Array.from({ length: 8 }, () => connect(target.port, target.id).on('error', () => {}))
  await sleep(100)
  balancer.elb.registerTarget(group, target)
  assert.equal((await get(port)).status, 504)
  for (const socket of queued) socket.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
test('answers 504 where the target is silent for the idle time-out, which no clock compresses', async () => {
  const { port, group } = await place()
  await balancer.target(group, () => {})
  await idleSeconds(1)
  const started = performance.now()
  assert.equal((await get(port)).status, 504)
  await idleSeconds(60)
  assert.ok(performance.now() - started > 900)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
test('a body that stays shorter than its Content-Length is cut after the idle time-out, and counts as 504', async () => {
  const { port, group } = await place()
  await rawTarget(group, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
  const before504 = counted('HTTPCode_ELB_504_Count', 'LoadBalancer')
  await idleSeconds(1)
  await assert.rejects(get(port), /aborted|hang up|ECONNRESET/)
  await idleSeconds(60)
  assert.equal(counted('HTTPCode_ELB_504_Count', 'LoadBalancer'), before504 + 1)
})

test('cuts an answer that its target broke off', async () => {
  const { port, group } = await place()
  const answer = (response: ServerResponse) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half')
    setTimeout(() => response.socket?.destroy(), 20)
  }
  await balancer.target(group, (_, response) => answer(response))
  await assert.rejects(get(port), /aborted|hang up|ECONNRESET/)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-503-issues
test('answers 503 where the group that was chosen has no target', async () => {
  const { port } = await place()
  const before503 = counted('HTTPCode_ELB_503_Count', 'LoadBalancer')
  assert.equal((await get(port)).status, 503)
  assert.equal(counted('HTTPCode_ELB_503_Count', 'LoadBalancer'), before503 + 1)
})
