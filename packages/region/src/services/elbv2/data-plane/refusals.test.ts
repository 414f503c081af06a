import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { forward, get, startTestBalancer } from '../testing.ts'

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
