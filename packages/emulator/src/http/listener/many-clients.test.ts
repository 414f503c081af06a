import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { type Listener, openListener } from './listener.ts'

let listener: Listener
const sockets: Socket[] = []

before(async () => {
  const endpoint = {
    connections: {
      idleTimeoutMs: () => 60_000,
      keepAliveMs: () => 3_600_000,
      refusal: () => ({ status: 400, reason: 'Bad Request', headers: [], body: '' }),
    },
    handle: (incoming: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => {
      incoming.resume()
      incoming.on('end', () => response.end('fine'))
      incoming.on('error', () => {})
    },
  }
  listener = await openListener({
    scheme: 'http',
    address: '127.0.0.1',
    port: 0,
    endpointOf: () => endpoint,
    destinationOf: () => ({ endpoint, scheme: 'http', port: 80 }),
    headTimeoutMs: () => 60_000,
  })
})
after(async () => {
  for (const socket of sockets) socket.destroy()
  await listener.close()
})

/** Milliseconds from a request to its whole answer. */
async function ask(): Promise<number> {
  const started = performance.now()
  const [response] = await once(request({ port: listener.port, agent: false }).end(), 'response')
  response.resume()
  await once(response, 'end')
  return performance.now() - started
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

test('answers others at once while 1,000 clients hold half a request each, in bounded memory', async () => {
  await ask()
  const alone = median(await Promise.all([ask(), ask(), ask()]))
  const before = process.memoryUsage().rss
  for (let client = 0; client < 1_000; client++) {
    const socket = connect(listener.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      client % 2 === 0
        ? 'GET / HTTP/1.1\r\nHost: a\r\nX: '
        : 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx',
    )
    sockets.push(socket)
    if (client % 100 === 99) await once(socket, 'connect')
  }
  const waited: number[] = []
  for (let round = 0; round < 21; round++) waited.push(await ask())
  // The half of them, so that other work of the machine does not decide.
  assert.ok(median(waited) < alone + 50, `${median(waited)} ms beside ${alone} ms alone`)
  const each = (process.memoryUsage().rss - before) / 1_000
  assert.ok(each < 200 * 1024, `${Math.round(each / 1024)} KB for each client, both of its ends`)
})
