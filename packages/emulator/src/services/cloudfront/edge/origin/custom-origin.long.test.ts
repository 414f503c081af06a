import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request } from 'node:http'
import { after, before, test } from 'node:test'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { openSite, type Site } from '../../test-kit/edge.test-kit.ts'

let site: Site
const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = []
const last = () => seen.at(-1) ?? assert.fail('the origin saw nothing')

before(async () => {
  site = await openSite({
    async api(incoming, response) {
      let body = ''
      for await (const chunk of incoming) body += chunk
      const { method = '', url = '', headers } = incoming
      seen.push({ method, url, headers, body })
      if (incoming.url === '/api/cut') return void incoming.socket.destroy()
      if (incoming.url === '/api/slow') {
        await new Promise((resolve) => setTimeout(resolve, 30))
        response.write('x'.repeat(100_000))
        return void setTimeout(() => response.end(), 40)
      }
      if (incoming.url === '/api/half') {
        response.writeHead(200, { 'content-length': 100 })
        response.write('half')
        return void setTimeout(() => incoming.socket.destroy(), 20)
      }
      response.writeHead(incoming.url === '/api/error' ? 500 : 200, {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2'],
        'cache-control': 'max-age=60',
      })
      response.end(JSON.stringify({ method: incoming.method, body }))
    },
  })
})
after(() => site.close())

test('passes everything of the viewer to the origin, with the headers of its own', async () => {
  const answer = await site.get('/api/items?b=2&a=1', {
    method: 'POST',
    body: '{"x":1}',
    headers: {
      cookie: 's=1; t=2',
      'content-type': 'application/json',
      authorization: 'Bearer x',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'gopher',
      'x-origin-verify': 'forged',
      'cloudfront-viewer-country': 'US',
    },
  })
  assert.equal(answer.status, 200)
  assert.deepEqual(JSON.parse(answer.text), { method: 'POST', body: '{"x":1}' })
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.equal(answer.headers['x-cache'], 'Miss from cloudfront')
  const { headers, url, method } = last()
  assert.equal(method, 'POST')
  assert.equal(url, '/api/items?b=2&a=1')
  assert.equal(headers.host, 'app.keencho.com')
  assert.equal(headers.cookie, 's=1; t=2')
  assert.equal(headers.authorization, 'Bearer x')
  assert.equal(headers['x-origin-verify'], 'secret')
  assert.equal(headers['x-forwarded-for'], '1.2.3.4, 127.0.0.1')
  assert.equal(headers['x-forwarded-proto'], undefined)
  assert.equal(headers['cloudfront-viewer-country'], undefined)
  assert.match(headers.via ?? '', /cloudfront\.net \(CloudFront\)/)
  assert.ok(headers['x-amz-cf-id'])
})

test('caches nothing where the policy disables it, errors included', async () => {
  const before = seen.length
  for (const path of ['/api/items', '/api/items', '/api/error', '/api/error']) await site.get(path)
  assert.equal(seen.length, before + 4)
  assert.equal((await site.get('/api/error')).status, 500)
})

test('asks again for a GET that times out, never for a POST', async (t) => {
  let asked = 0
  const silent = await openSite({ readTimeoutSeconds: 1, api: () => void asked++ })
  t.after(() => silent.close())
  const slow = await silent.get('/api/slow')
  assert.equal(slow.status, 504)
  assert.equal(slow.headers['x-cache'], 'Error from cloudfront')
  assert.equal(asked, 3)
  assert.equal((await silent.get('/api/slow', { method: 'POST', body: 'x' })).status, 504)
  assert.equal(asked, 4)
})

test('answers 502 when the origin breaks off before its answer, and breaks off itself in the middle of one', async () => {
  assert.equal((await site.get('/api/cut')).status, 502)
  await assert.rejects(site.get('/api/half'))
})

test('answers 502 when nothing listens at the origin', async () => {
  const { names } = site.emulator.context
  const binding = names.lookup('lb.elb.amazonaws.com', 443) ?? assert.fail()
  names.bind({ ...binding, socket: { address: '127.0.0.1', port: 1 } })
  // A new host name is a new server name, and so a new connection.
  const config = { ...site.distribution, aliases: ['app.keencho.com', 'new.keencho.com'] }
  await site.emulator.update('aws_cloudfront_distribution', site.distribution, { aliases: config.aliases })
  const zone = (site.emulator.route53.resolveAlias('app.keencho.com') ?? assert.fail()).target
  const answer = await site.get('/api/items', { scheme: 'http', host: `${zone}.localhost` })
  assert.equal(answer.status, 502)
  names.bind(binding)
})

test('throws nothing that no one catches when bodies are not read or viewers leave', async () => {
  const uncaught: unknown[] = []
  const listener = (error: unknown) => void uncaught.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', listener)
  try {
    for (let round = 0; round < 5; round++) {
      assert.equal((await site.get('/api/items', { method: 'HEAD' })).status, 200)
      const { port } = new URL(site.door.httpUrl)
      const viewer = request({
        host: '127.0.0.1',
        port,
        path: '/api/slow',
        agent: false,
        headers: { host: 'app.keencho.com.localhost' },
      }).end()
      viewer.on('error', () => {})
      const before = seen.length
      await until(async () => seen.length > before)
      // Before the answer, while its first bytes travel, and in the middle of it.
      await new Promise((resolve) => setTimeout(resolve, 20 * round))
      viewer.destroy()
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal((await site.get('/api/items')).status, 200)
    assert.deepEqual(uncaught, [])
  } finally {
    process.removeListener('uncaughtException', listener)
    for (const other of others) process.on('uncaughtException', other)
  }
})
