import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { forward, get, startTestBalancer } from '../testing.ts'

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
