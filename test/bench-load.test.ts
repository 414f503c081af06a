/** The load generator of `npm run bench:proxy`: what it says of a server has to be what the server did. */
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runLoad } from '../bench/proxy/load.ts'

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.dispose]: () => void server.close() }
}

test('a rate is kept while a server stalls, and a request that was due meanwhile has waited since then', async () => {
  let served = 0
  let stallUntil = 0
  using server = await serve(async (_request, response) => {
    if (++served === 50) stallUntil = performance.now() + 300
    await sleep(Math.max(0, stallUntil - performance.now()))
    response.end('{}')
  })
  // Two connections for 200 requests a second: during the stall about sixty are due, and two are sent.
  const result = await runLoad({ port: server.port, connections: 2, seconds: 0.75, rate: 200 })
  assert.equal(result.requests, 150)
  assert.deepEqual(result.failures, {})
  const waited = `p99 ${result.latencyMs.p99} ms, late by ${result.lateMs.p99} ms`
  assert.ok(result.latencyMs.p99 > 250 && result.lateMs.p99 > 200, waited)
})

test('answers that are not 200 and connections that break are counted by their reason', async () => {
  let served = 0
  using server = await serve((request, response) => {
    if (++served === 5) return void request.socket.destroy()
    response.writeHead(served === 3 ? 503 : 200, { 'content-length': 2 }).end('{}')
  })
  const result = await runLoad({ port: server.port, connections: 1, seconds: 0.1 })
  assert.deepEqual(Object.keys(result.failures).sort(), ['status 503', 'the connection was closed'])
  assert.equal(result.requests, 5)
})
