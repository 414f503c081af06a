import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { openSite, type Site } from '../../test-kit/edge.test-kit.ts'

let site: Site
const seen: string[] = []

before(async () => {
  site = await openSite({
    api(incoming, response) {
      seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.host}`)
      incoming.resume()
      incoming.on('end', () => response.end('api'))
    },
  })
})
after(() => site.close())

/** The statuses of all that comes back for these bytes until the edge closes the connection. */
async function statuses(bytes: string): Promise<number[]> {
  const { port } = new URL(site.door.httpsUrl)
  const servername = 'app.keencho.com'
  const socket = connect({ host: '127.0.0.1', port: Number(port), servername, rejectUnauthorized: false })
  socket.write(bytes, 'latin1')
  let received = ''
  socket.on('data', (part) => {
    received += part.toString('latin1')
  })
  socket.on('error', () => {})
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) })
  return [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
}

const head = (line: string, ...headers: string[]) =>
  `${line} HTTP/1.1\r\n${['Host: app.keencho.com', ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`
const smuggled = 'GET /api/smuggled HTTP/1.1\r\nHost: app.keencho.com\r\n\r\n'

/** Refused by the edge, with nothing of them at the origin. */
const refused: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'two Host headers': [head('GET /api/x', 'Host: other.example'), 400],
  'both lengths': [
    `${head('POST /api/x', 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    400,
  ],
  'chunks before a length': [
    `${head('POST /api/x', 'Transfer-Encoding: chunked', 'Content-Length: 6')}0\r\n\r\nG`,
    400,
  ],
  'two lengths': [`${head('POST /api/x', 'Content-Length: 0', 'Content-Length: 40')}${smuggled}`, 400],
  'a folded header': ['GET /api/x HTTP/1.1\r\nHost: app.keencho.com\r\nX: a\r\n b\r\n\r\n', 400],
  'bare line feeds': [`POST /api/x HTTP/1.1\nHost: app.keencho.com\nContent-Length: 0\n\n${smuggled}`, 400],
  'a bare carriage return': ['GET /api/x HTTP/1.1\r\nHost: app.keencho.com\r\nX: a\rY: b\r\n\r\n', 400],
  'a space before the colon': [
    `${head('POST /api/x', 'Transfer-Encoding : chunked')}0\r\n\r\n${smuggled}`,
    400,
  ],
  'a size of a chunk that is no number': [
    `${head('POST /api/x', 'Transfer-Encoding: chunked')}xx\r\n\r\n`,
    400,
  ],
  'an unknown transfer encoding': [
    `${head('POST /api/x', 'Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled}`,
    400,
  ],
  'a URL beyond 8,192 bytes': [head(`GET /api/${'x'.repeat(8_200)}`), 413],
  'a head beyond 32,768 bytes': [head('GET /api/x', `X: ${'x'.repeat(33_000)}`), 413],
  'a head beyond what is read at all': [head('GET /api/x', `X: ${'x'.repeat(90_000)}`), 413],
}
for (const [name, [bytes, status]] of Object.entries(refused)) {
  test(`refuses ${name}`, async () => {
    const before = seen.length
    assert.equal((await statuses(bytes))[0], status)
    assert.deepEqual(
      seen.slice(before).filter((each) => each.includes('smuggled')),
      [],
    )
  })
}

/** Taken, and one request at the origin each. */
const taken: Readonly<Record<string, string>> = {
  'a chunk extension': `${head('POST /api/x', 'Transfer-Encoding: chunked')}2;a="b"\r\nok\r\n0\r\n\r\n`,
  trailers: `${head('POST /api/x', 'Transfer-Encoding: chunked', 'Trailer: X')}2\r\nok\r\n0\r\nX: y\r\n\r\n`,
  'a target in absolute form': head('GET https://app.keencho.com/api/x'),
  'an offer of h2c': head('GET /api/x', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'),
}
for (const [name, bytes] of Object.entries(taken)) {
  test(`takes ${name}`, async () => {
    const before = seen.length
    assert.deepEqual(await statuses(bytes), [200])
    assert.deepEqual(seen.slice(before), [`${bytes.split(' ', 1)[0]} /api/x app.keencho.com`])
  })
}

test('says that it has no WebSockets', async () => {
  assert.deepEqual(
    await statuses(
      head('GET /api/x', 'Upgrade: websocket').replace('Connection: close', 'Connection: Upgrade, close'),
    ),
    [501],
  )
})

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/troubleshooting-response-errors.html
test('shows a viewer no stack and no path of this machine', async () => {
  const answer = await site.get('/%00%ff', { method: 'PURGE' })
  assert.doesNotMatch(answer.text, /node:|\.ts|\bat /)
})
