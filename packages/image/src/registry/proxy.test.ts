/** A registry on this machine where the environment names a proxy: in a process of its own, as Node.js reads it at its start. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startTestRegistry } from './registry.test-kit.ts'

const program = `
import { fetchRegistry } from '${new URL('./fetch.ts', import.meta.url)}'
const [endpoint, elsewhere] = process.argv.slice(1)
const local = await fetchRegistry(endpoint + '/v2/app/manifests/v1')
await fetchRegistry(elsewhere).catch(() => {})
console.log(local.status)`

test('a registry on loopback is asked directly, another one through the proxy', async () => {
  await using registry = await startTestRegistry()
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(502).end()
  })
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.end('HTTP/1.1 502 no\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: '' }
    for (const endpoint of [registry.endpoint, registry.endpoint.replace('127.0.0.1', 'images.localhost')]) {
      asked.length = 0
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', program, endpoint, 'http://images.test/'],
        { env: { PATH: process.env.PATH, ...env } },
      )
      assert.equal(stdout, '404\n')
      assert.ok(asked.length > 0 && asked.every((each) => each.includes('images.test')), String(asked))
    }
  } finally {
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  }
})
