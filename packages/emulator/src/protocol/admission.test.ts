/** What a browser on this machine can send, and what it cannot reach by it. */
import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { admitted, type Door } from './admission.ts'

const presigned = '/b/k?X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00'

async function statusOf(door: Door, headers: Record<string, string | string[]>, path = '/'): Promise<number> {
  const server = createServer(admitted(door, (_request, response) => void response.end('served')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve, reject) => {
      const fixed = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, String(value).replace(':PORT', `:${port}`)]),
      )
      httpRequest({ port, host: '127.0.0.1', path, headers: fixed, setHost: false }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const cases: readonly [what: string, headers: Record<string, string>, path: string, status: number][] = [
  ['a client by localhost', { host: 'localhost:PORT' }, '/', 200],
  ['a client by the address', { host: '127.0.0.1:PORT' }, '/', 200],
  ['a client by IPv6', { host: '[::1]:PORT' }, '/', 200],
  ['a bucket in the host', { host: 'sites.localhost:PORT' }, '/', 200],
  ['an account in the host', { host: '000000000000.localhost:PORT' }, '/', 200],
  ['a name of somebody else that resolves to this machine', { host: 'evil.example:PORT' }, '/', 421],
  ['a name that only ends alike', { host: 'evillocalhost' }, '/', 421],
  ['an address in another notation', { host: '2130706433' }, '/', 421],
  ['no host', {}, '/', 400],
  ['AWS’s name outside of the tunnel', { host: 'ecs.ap-northeast-2.amazonaws.com' }, '/', 421],
  [
    'a form of another page',
    { host: 'localhost:PORT', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    '/',
    403,
  ],
  [
    'a page of another port',
    { host: 'localhost:PORT', origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
    '/',
    403,
  ],
  ['a page without an origin of its own', { host: 'localhost:PORT', origin: 'null' }, '/', 403],
  [
    'an image of another page, which has no Origin',
    { host: 'localhost:PORT', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    '/',
    403,
  ],
  [
    'a link on another page',
    { host: 'localhost:PORT', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    '/',
    403,
  ],
  ['an address that somebody typed', { host: 'localhost:PORT', 'sec-fetch-site': 'none' }, '/', 200],
  [
    'its own page',
    { host: 'localhost:PORT', origin: 'http://localhost:PORT', 'sec-fetch-site': 'same-origin' },
    '/',
    200,
  ],
  [
    'a presigned upload from a site',
    { host: 'localhost:PORT', origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
    presigned,
    200,
  ],
  [
    'a presigned request by a rebound name',
    { host: 'evil.example', origin: 'http://evil.example' },
    presigned,
    421,
  ],
]

for (const [what, headers, path, status] of cases) {
  test(`${what}: ${status}`, async () => assert.equal(await statusOf('port', headers, path), status))
}

test('the tunnel serves AWS’s names only', async () => {
  assert.equal(await statusOf('tunnel', { host: 'ecs.ap-northeast-2.amazonaws.com' }), 200)
  assert.equal(await statusOf('tunnel', { host: 'localhost:PORT' }), 421)
  assert.equal(await statusOf('tunnel', { host: 'evil.example' }), 421)
})
