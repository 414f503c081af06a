/** What a rehearsal's faults make of a task that has nothing wrong with it, seen from the load balancer. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredImage } from '../../ecr/contract.ts'
import type { Target } from '../../elbv2/contract.ts'
import { type Fault, faultOf } from './faults.ts'
import { openFaultyTarget } from './faulty-target.ts'

describe('a task with a fault', { concurrency: true }, () => {
  let server: Server
  let task: Target
  before(async () => {
    server = createServer(async (incoming, response) => {
      if (incoming.url === '/slow') return setTimeout(() => response.end(), 500)
      const body = await Array.fromAsync(incoming)
      response.writeHead(201, { 'x-app-version': 'own', 'set-cookie': ['a=1', 'b=2'] })
      response.end(`${incoming.method} ${incoming.url} ${incoming.headers['x-one']} ${Buffer.concat(body)}`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { address, port } = server.address() as AddressInfo
    task = { id: address, port }
  })
  after(() => server.close())

  const open = async (fault: Fault) => {
    const faulty = await openFaultyTarget(task, { fault, version: 'v3' })
    return Object.assign(faulty, { [Symbol.dispose]: () => faulty.close() })
  }

  test('that is never healthy fails its checks, and answers every other request', async () => {
    using faulty = await open('never-healthy')
    const check = await ask(faulty.target, { path: '/api/health', agent: 'ELB-HealthChecker/2.0' })
    assert.deepEqual([check.status, check.headers['x-app-version']], [503, 'v3'])
    const answer = await ask(faulty.target, { path: '/x?y=1', method: 'POST', body: 'hello' })
    assert.deepEqual([answer.status, answer.body], [201, 'POST /x?y=1 1 hello'])
    assert.deepEqual([answer.headers['x-app-version'], answer.headers['set-cookie']], ['own', ['a=1', 'b=2']])
  })

  test('that fails its requests passes its checks by its own answer', async () => {
    using faulty = await open('fails-requests')
    const check = await ask(faulty.target, { path: '/api/health', agent: 'ELB-HealthChecker/2.0' })
    assert.deepEqual([check.status, check.headers['x-app-version']], [201, 'own'])
    const answer = await ask(faulty.target, { path: '/api/health' })
    assert.deepEqual([answer.status, answer.headers['x-app-version']], [500, 'v3'])
  })

  test('that is ready too early is healthy, and cannot serve', async () => {
    using faulty = await open('ready-too-early')
    const check = await ask(faulty.target, { path: '/api/health', agent: 'ELB-HealthChecker/2.0' })
    assert.equal(check.status, 200)
    assert.equal((await ask(faulty.target, { path: '/x' })).status, 503)
  })

  test('that has a short keep-alive closes idle connections after a second', async () => {
    using faulty = await open('short-keep-alive')
    // A plain socket: an agent of Node.js would close the connection first, because the answer tells it to.
    const socket = connect(faulty.target.port, faulty.target.id)
    socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    const started = performance.now()
    await once(socket, 'close')
    const idleMs = performance.now() - started
    assert.ok(idleMs >= 500 && idleMs < 3_000, `${idleMs} ms`)
  })

  test('that exits at once leaves what is under way unanswered', async () => {
    using faulty = await open('exits-at-once')
    const slow = ask(faulty.target, { path: '/slow' })
    await sleep(100)
    faulty.close()
    await assert.rejects(slow, /socket hang up|ECONNRESET/)
  })
})

test('an image without the label, or with one of another meaning, has no fault', () => {
  const labelled = (Labels: Record<string, string>): StoredImage => ({
    digest: 'sha256:0',
    layers: [],
    config: { architecture: 'amd64', os: 'linux', config: { Labels } },
  })
  assert.equal(faultOf(labelled({})), undefined)
  assert.equal(faultOf(labelled({ 'dev.baton.fault': 'unknown' })), undefined)
  const spec = faultOf(labelled({ 'dev.baton.fault': 'never-healthy', 'dev.baton.version': 'v3' }))
  assert.deepEqual(spec, { fault: 'never-healthy', version: 'v3' })
})

function ask(
  target: Target,
  options: { path: string; method?: string; body?: string; agent?: string },
): Promise<{
  status: number | undefined
  headers: import('node:http').IncomingHttpHeaders
  body: string
}> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: target.id,
        port: target.port,
        path: options.path,
        method: options.method ?? 'GET',
        agent: new Agent({ keepAlive: true }),
        headers: { 'x-one': '1', 'user-agent': options.agent ?? 'test' },
      },
      async (response) => {
        const body = Buffer.concat(await Array.fromAsync(response)).toString()
        resolve({ status: response.statusCode, headers: response.headers, body })
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}
