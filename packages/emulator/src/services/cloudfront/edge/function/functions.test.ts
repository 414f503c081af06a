import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type * as kvs from '@aws-sdk/client-cloudfront-keyvaluestore'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { createKeyValueStores } from '../../key-value/key-value-stores.ts'
import { createKeyValueStoreOperations } from '../../key-value/operations.ts'
import { openSite, type Site } from '../../test-kit/edge.test-kit.ts'

const code = `
import cf from 'cloudfront'

const releases = cf.kvs()
let invocations = 0

async function handler(event) {
  invocations++
  const request = event.request
  if (request.uri === '/boom') throw new Error('boom')
  if (request.uri === '/nothing') return undefined
  if (request.uri === '/count') return { statusCode: 200, body: String(invocations) }
  if (request.uri === '/event') return { statusCode: 200, body: JSON.stringify(event) }
  let release
  try {
    release = await releases.get(request.headers.host.value)
  } catch (error) {
    console.log('no release: ' + error)
    return {
      statusCode: 503,
      statusDescription: 'Service Unavailable',
      headers: { 'retry-after': { value: '30' } },
      cookies: { seen: { value: '1', attributes: 'Path=/; Secure' } },
      body: { encoding: 'text', data: 'not released' },
    }
  }
  if (request.uri === '/api/x') return request
  request.uri = '/releases/' + release + (request.uri.includes('.') ? request.uri : '/index.html')
  return request
}
`
const host = 'app.keencho.com'
const speed = 20
let site: Site
before(async () => {
  site = await openSite({ functionCode: code, speed })
  for (const release of ['r1', 'r2'])
    await site.put(`releases/${release}/index.html`, release, { cache_control: 'no-cache' })
})
after(() => site.close())

const operations = () => (site.emulator.cloudFront.keyValueStores.api ?? assert.fail()).operations
const call = <Output>(name: string, input: object) =>
  operations()[name]?.(input, undefined as never) as Output

test('lets the function answer, and says so', async () => {
  const answer = await site.get('/')
  assert.equal(answer.status, 503)
  assert.equal(answer.text, 'not released')
  assert.equal(answer.headers['retry-after'], '30')
  assert.deepEqual(answer.headers['set-cookie'], ['seen=1; Path=/; Secure'])
  assert.equal(answer.headers['x-cache'], 'FunctionGeneratedResponse from cloudfront')
  assert.match(site.emulator.printed.at(-1) ?? '', /^sites: no release: Error: KeyNotFound/)
})

test('rewrites to the release of the store; the edge learns of a switch with delay', async () => {
  const KvsARN = String(site.store.arn)
  const put = async (Value: string) => {
    const { ETag } = call<kvs.DescribeKeyValueStoreResponse>('DescribeKeyValueStore', { KvsARN })
    return call<kvs.PutKeyResponse>('PutKey', { KvsARN, Key: host, Value, IfMatch: ETag })
  }
  const served = (release: string) => until(async () => (await site.get('/accounts/7')).text === release)
  await put('r1')
  await served('r1')
  // Three seconds of AWS's time are little here: as often as it takes to ask within them.
  let current = 'r1'
  await until(async () => {
    const [known, next] = [current, current === 'r1' ? 'r2' : 'r1']
    const from = performance.now()
    await put(next)
    const stillServed = (await site.get('/')).text === known
    await served(next)
    assert.ok(performance.now() - from >= 3000 / speed)
    current = next
    return stillServed
  })
})

test('serves a release at the exact door, whatever its port is', async () => {
  const port = new URL(site.door.httpsUrl).port
  const answer = await site.get('/accounts/7', { headers: { host: `${host}:${port}` } })
  assert.equal(answer.status, 200)
  const local = new URL(site.door.httpUrl).port
  const plain = { scheme: 'http', headers: { host: `${host}.localhost:${local}` } } as const
  assert.equal((await site.get('/accounts/7', plain)).status, 200)
})

test('keeps no state between events, and shows the event of the documentation', async () => {
  assert.equal((await site.get('/count')).text, '1')
  assert.equal((await site.get('/count')).text, '1')
  const { text } = await site.get('/event?a=1&a=2&b', { headers: { cookie: 'x=1; y=2', 'X-Test': 'T' } })
  const event = JSON.parse(text)
  assert.equal(event.version, '1.0')
  assert.equal(event.context.eventType, 'viewer-request')
  assert.equal(event.context.distributionId, site.distribution.id)
  assert.equal(event.viewer.ip, '127.0.0.1')
  assert.deepEqual(event.request.querystring, {
    a: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] },
    b: { value: '' },
  })
  assert.deepEqual(event.request.cookies, { x: { value: '1' }, y: { value: '2' } })
  assert.deepEqual(event.request.headers['x-test'], { value: 'T' })
  assert.equal(event.request.headers.cookie, undefined)
})

test('answers 503 for a function that throws and 502 for one that returns nonsense', async () => {
  const thrown = await site.get('/boom')
  assert.equal(thrown.status, 503)
  assert.equal(thrown.headers['x-cache'], 'FunctionExecutionError from cloudfront')
  const reported = site.emulator.context.events.since(0).at(-1)
  assert.match(String(reported?.detail.reason), /boom/)
  assert.equal(reported?.source, 'baton.cloudfront', 'AWS has no such event')
  const nonsense = await site.get('/nothing')
  assert.equal(nonsense.status, 502)
  assert.equal(nonsense.headers['x-cache'], 'FunctionValidationError from cloudfront')
})

test('runs new code as soon as it is published', async () => {
  const prior = site.edgeFunction ?? assert.fail()
  const changed = await site.emulator.update('aws_cloudfront_function', prior, {
    code: 'function handler() { return { statusCode: 418 } }',
  })
  assert.equal((await site.get('/')).status, 418)
  await assert.rejects(
    site.emulator.update('aws_cloudfront_function', changed, { code: 'function (' }),
    /does not compile/,
  )
  assert.equal((await site.get('/')).status, 418)
})

test('changes many keys at once or none, under the ETag', () => {
  const { accountId, store, ids } = site.emulator.context
  const stores = createKeyValueStores(accountId, store, ids, Date.now)
  const { UpdateKeys, ListKeys, GetKey, DescribeKeyValueStore, DeleteKey } =
    createKeyValueStoreOperations(stores)
  const { arn: KvsARN } = stores.create('atomic', '')
  const { ETag: IfMatch } = DescribeKeyValueStore({ KvsARN })
  const Puts = [1, 2, 3].map((n) => ({ Key: `k${n}`, Value: String(n) }))
  const updated = UpdateKeys({ KvsARN, IfMatch, Puts })
  assert.equal(updated.ItemCount, 3)
  assert.throws(() => UpdateKeys({ KvsARN, IfMatch, Puts }), { code: 'ConflictException' })
  const mixed = {
    KvsARN,
    IfMatch: updated.ETag,
    Puts: [{ Key: 'k4', Value: '4' }],
    Deletes: [{ Key: 'none' }],
  }
  assert.throws(() => UpdateKeys(mixed), { code: 'ResourceNotFoundException' })
  assert.equal(ListKeys({ KvsARN }).Items.length, 3)
  const long = { KvsARN, IfMatch: updated.ETag, Puts: [{ Key: 'k', Value: 'x'.repeat(1025) }] }
  assert.throws(() => UpdateKeys(long), { code: 'ValidationException' })
  const less = DeleteKey({ KvsARN, Key: 'k1', IfMatch: updated.ETag })
  assert.equal(less.ItemCount, 2)
  assert.throws(() => GetKey({ KvsARN, Key: 'k1' }), { code: 'ResourceNotFoundException' })
})
