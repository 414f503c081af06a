import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptedEncodings, pathMatcher } from '../viewer/route.ts'
import { createCache, type Entry } from './cache.ts'
import { freshnessMs } from './freshness.ts'

const optimized = { minTtl: 1, defaultTtl: 86_400, maxTtl: 31_536_000 }
const originDriven = { minTtl: 0, defaultTtl: 0, maxTtl: 31_536_000 }
const disabled = { minTtl: 0, defaultTtl: 0, maxTtl: 0 }
/** Ten times as fast as AWS. */
const toReal = (awsMs: number) => awsMs / 10
const lifetime = (policy: typeof optimized, status: number, headers: Record<string, string>) =>
  freshnessMs(status, headers, {
    policy,
    errorTtlSeconds: 10,
    toReal,
    now: Date.parse('2025-01-01T00:00:00Z'),
  })

test('keeps answers as long as origin and policy say together', () => {
  const cases: [
    policy: typeof optimized,
    status: number,
    headers: Record<string, string>,
    expected: number,
  ][] = [
    [optimized, 200, { 'cache-control': 'max-age=60' }, 60_000],
    [optimized, 200, { 'cache-control': 'public, max-age=60, s-maxage=5' }, 5000],
    [optimized, 200, { expires: 'Wed, 01 Jan 2025 00:01:00 GMT' }, 60_000],
    [optimized, 200, {}, 8_640_000],
    // With a minimum above zero even no-cache is kept for that long.
    [optimized, 200, { 'cache-control': 'no-cache' }, 100],
    [optimized, 200, { 'cache-control': 'no-cache="set-cookie", max-age=60' }, 60_000],
    [originDriven, 200, { 'cache-control': 'no-store' }, 0],
    [originDriven, 200, { 'cache-control': 'private' }, 0],
    [originDriven, 200, {}, 0],
    [disabled, 200, { 'cache-control': 'max-age=60' }, 0],
    [disabled, 404, {}, 0],
    [optimized, 404, {}, 1000],
    [optimized, 503, { 'cache-control': 'max-age=60' }, 60_000],
    [optimized, 403, {}, 0],
    [optimized, 403, { 'cache-control': 'max-age=60' }, 60_000],
    [optimized, 206, {}, 0],
  ]
  for (const [policy, status, headers, expected] of cases) {
    assert.equal(lifetime(policy, status, headers), expected, `${status} ${JSON.stringify(headers)}`)
  }
})

test('matches path patterns as CloudFront does', () => {
  const cases: [pattern: string, path: string, expected: boolean][] = [
    ['/api/*', '/api/a/b', true],
    ['/api/*', '/API/a', false],
    ['/api/*', '/api', false],
    ['api/*', '/api/a', true],
    ['*.jpg', '/a/b.jpg', true],
    ['/a?.jpg', '/ab.jpg', true],
    ['/a?.jpg', '/abc.jpg', false],
    ['/a.jpg', '/aXjpg', false],
    ['*', '/anything', true],
  ]
  for (const [pattern, path, expected] of cases)
    assert.equal(pathMatcher(pattern)(path), expected, `${pattern} ${path}`)
})

test('reduces Accept-Encoding to what the edge distinguishes', () => {
  const reduced = (header: string) =>
    acceptedEncodings({ headers: { 'accept-encoding': header } }, { gzip: true, brotli: true })
  assert.equal(reduced('gzip, deflate, br'), 'br,gzip')
  assert.equal(reduced('gzip'), 'gzip')
  assert.equal(reduced('br;q=0, gzip;q=0.5'), 'gzip')
  assert.equal(reduced('identity'), '')
})

test('stays within its bytes, and keeps nothing that was asked for before an invalidation', () => {
  const entry = (path: string, size = 4000): Entry => ({
    distributionId: 'E1',
    path,
    query: '',
    status: 200,
    headers: {},
    body: Buffer.alloc(size),
    storedAt: 0,
    freshUntil: 0,
  })
  const cache = createCache(10_000)
  const generation = cache.generation('E1')
  cache.put('a', entry('/a'), generation)
  cache.put('b', entry('/b'), generation)
  cache.get('a')
  cache.put('c', entry('/c'), generation)
  assert.equal(cache.get('b'), undefined, 'the least recently used leaves')
  assert.ok(cache.get('a'))
  cache.invalidate('E1', ['/a'])
  assert.equal(cache.get('a'), undefined)
  assert.ok(cache.get('c'))
  cache.put('a', entry('/a'), generation)
  assert.equal(cache.get('a'), undefined)
})
