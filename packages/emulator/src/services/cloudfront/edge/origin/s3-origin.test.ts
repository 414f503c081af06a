import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as sdk from '@aws-sdk/client-cloudfront'
import { serveForTest } from '../../../../protocol/test-kit/protocol.test-kit.ts'
import { openSite, type Site } from '../../test-kit/edge.test-kit.ts'

let site: Site
before(async () => {
  site = await openSite()
  await site.put('index.html', '<html>home</html>', {
    content_type: 'text/html',
    cache_control: 'max-age=60',
  })
})
after(() => site.close())

test('serves a bucket to viewers, then from its cache, with the headers of the policy', async () => {
  const first = await site.get('/index.html')
  assert.equal(first.status, 200)
  assert.equal(first.text, '<html>home</html>')
  assert.equal(first.headers['x-cache'], 'Miss from cloudfront')
  assert.equal(first.headers['x-content-type-options'], 'nosniff')
  assert.equal(first.headers['strict-transport-security'], 'max-age=31536000')
  const second = await site.get('/index.html?utm=1')
  assert.equal(second.headers['x-cache'], 'Hit from cloudfront')
  assert.equal(second.headers.age, '0')
  assert.equal(second.headers['x-frame-options'], 'SAMEORIGIN')
})

test('answers conditional and range requests from the cache', async () => {
  const { headers } = await site.get('/index.html')
  const unchanged = await site.get('/index.html', { headers: { 'if-none-match': String(headers.etag) } })
  assert.equal(unchanged.status, 304)
  const part = await site.get('/index.html', { headers: { range: 'bytes=6-9' } })
  assert.equal(part.status, 206)
  assert.equal(part.text, 'home')
  assert.equal(part.headers['content-range'], 'bytes 6-9/17')
  const head = await site.get('/index.html', { method: 'HEAD' })
  assert.equal(head.headers['content-length'], '17')
  assert.equal(head.text, '')
})

test('says 404 for what is not in the bucket, and 403 when it may not look', async () => {
  const missing = await site.get('/none.html')
  assert.equal(missing.status, 404)
  assert.match(missing.text, /<Code>NoSuchKey<\/Code>/)
  assert.equal(missing.headers['x-cache'], 'Error from cloudfront')
  await site.emulator.delete('aws_s3_bucket_policy', site.policy)
  const refused = await site.get('/other.html')
  assert.equal(refused.status, 403)
  assert.match(refused.text, /AccessDenied/)
  await site.emulator.create('aws_s3_bucket_policy', { bucket: 'sites', policy: site.policy.policy ?? null })
})

test('sends viewers to HTTPS, but not those of the comfortable door', async () => {
  const redirect = await site.get('/a/b?c=1', { scheme: 'http' })
  assert.equal(redirect.status, 301)
  assert.equal(redirect.headers.location, 'https://app.keencho.com/a/b?c=1')
  assert.equal(redirect.headers['x-cache'], 'Redirect from cloudfront')
  const local = await site.get('/index.html', { scheme: 'http', host: 'app.keencho.com.localhost:8080' })
  assert.equal(local.status, 200)
  assert.equal(local.text, '<html>home</html>')
})

test('refuses methods that the behaviour does not allow', async () => {
  const refused = await site.get('/index.html', { method: 'POST', body: 'x' })
  assert.equal(refused.status, 403)
})

test('compresses what is large enough, each encoding on its own, with a weak ETag', async () => {
  const text = 'all work and no play '.repeat(100)
  await site.put('assets/app.js', text, { content_type: 'text/javascript' })
  const plain = await site.get('/assets/app.js')
  assert.equal(plain.headers['content-encoding'], undefined)
  const brotli = await site.get('/assets/app.js', { headers: { 'accept-encoding': 'gzip, deflate, br' } })
  assert.equal(brotli.headers['content-encoding'], 'br')
  assert.equal(brotliDecompressSync(brotli.body).toString(), text)
  assert.equal(brotli.headers.etag, `W/${plain.headers.etag}`)
  const gzip = await site.get('/assets/app.js', { headers: { 'accept-encoding': 'gzip' } })
  assert.equal(gunzipSync(gzip.body).toString(), text)
  const small = await site.get('/index.html', { headers: { 'accept-encoding': 'br' } })
  assert.equal(small.headers['content-encoding'], undefined)
})

test('forgets what is invalidated, and only that', async () => {
  await site.put('old/a.txt', 'one', { cache_control: 'max-age=60' })
  await site.put('old/b.txt', 'one', { cache_control: 'max-age=60' })
  await site.get('/old/a.txt')
  await site.get('/old/b.txt')
  await site.put('old/a.txt', 'two')
  await site.put('old/b.txt', 'two')
  assert.equal((await site.get('/old/a.txt')).text, 'one')
  await using wire = await serveForTest([site.emulator.cloudFront.api ?? assert.fail()])
  const client = new sdk.CloudFrontClient(wire.client)
  const DistributionId = String(site.distribution.id)
  const batch = { CallerReference: '1', Paths: { Quantity: 1, Items: ['/old/a*'] } }
  const created = await client.send(
    new sdk.CreateInvalidationCommand({ DistributionId, InvalidationBatch: batch }),
  )
  assert.equal(created.Invalidation?.Status, 'InProgress')
  assert.equal((await site.get('/old/a.txt')).text, 'two')
  assert.equal((await site.get('/old/b.txt')).text, 'one')
  const got = await client.send(new sdk.GetDistributionCommand({ Id: DistributionId }))
  assert.deepEqual(got.Distribution?.DistributionConfig?.Aliases?.Items, ['app.keencho.com'])
  assert.equal(got.Distribution?.DistributionConfig?.CacheBehaviors?.Items?.[0]?.PathPattern, '/api/*')
  const listed = await client.send(new sdk.ListDistributionsCommand({}))
  assert.equal(listed.DistributionList?.Items?.[0]?.Id, DistributionId)
  await assert.rejects(client.send(new sdk.GetDistributionCommand({ Id: 'ENONE' })), {
    name: 'NoSuchDistribution',
  })
  client.destroy()
})

test('names the hosts that exist to a viewer that asks for another', async () => {
  const unknown = await site.get('/', { scheme: 'http', host: 'elsewhere.example' })
  assert.equal(unknown.status, 404)
  assert.match(unknown.text, /app\.keencho\.com/)
  const own = String(site.distribution.domain_name)
  assert.equal((await site.get('/index.html', { host: own })).status, 200)
})
