import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '../../../../terraform/type/resource-type.ts'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { cachingOptimized, openSite } from '../../test-kit/edge.test-kit.ts'

/** The API behaviour with a cache, as for an origin of files. */
const cached = (config: Attributes): Attributes => ({
  ...config,
  ordered_cache_behavior: (config.ordered_cache_behavior as Attributes[]).map((one) => ({
    ...one,
    cache_policy_id: cachingOptimized,
  })),
  custom_error_response: [{ error_code: 404, response_code: 200, response_page_path: '/index.html' }],
})

test('serves an expired object while the origin fails, and revalidates by ETag', async (t) => {
  let status = 200
  const conditions: (string | undefined)[] = []
  const site = await openSite({
    change: cached,
    api(request, response) {
      conditions.push(request.headers['if-none-match'])
      const unchanged = status === 200 && request.headers['if-none-match'] === '"v1"'
      response.writeHead(unchanged ? 304 : status, {
        'cache-control': 'max-age=0',
        etag: '"v1"',
        ...(unchanged ? {} : { 'content-length': 2 }),
      })
      response.end(unchanged ? undefined : status === 200 ? 'ok' : 'no')
    },
  })
  t.after(() => site.close())
  const results = async () => {
    const { status, text, headers } = await site.get('/api/file')
    return [status, text, headers['x-cache']]
  }
  const expire = () => new Promise((resolve) => setTimeout(resolve, 1050))
  assert.deepEqual(await results(), [200, 'ok', 'Miss from cloudfront'])
  // Within the second for which it is kept, as soon as the machine is quick enough.
  await until(async () => (await results())[2] === 'Hit from cloudfront')
  await expire()
  assert.deepEqual(await results(), [200, 'ok', 'RefreshHit from cloudfront'])
  await expire()
  status = 503
  assert.deepEqual(await results(), [200, 'ok', 'Hit from cloudfront'])
  assert.deepEqual([conditions[0], ...new Set(conditions.slice(1))], [undefined, '"v1"'])
})

test('lets a custom error response swallow the errors of every behaviour', async (t) => {
  const site = await openSite({
    change: cached,
    api: (_, response) => response.writeHead(404, { 'content-length': 2 }).end('{}'),
  })
  t.after(() => site.close())
  await site.put('index.html', '<html>', { content_type: 'text/html' })
  const page = await site.get('/none')
  assert.deepEqual([page.status, page.text], [200, '<html>'])
  const api = await site.get('/api/none')
  assert.deepEqual([api.status, api.text], [200, '<html>'])
})

test('asks the origin once for what many ask at the same time', async (t) => {
  let asked = 0
  const site = await openSite({
    change: cached,
    api(_, response) {
      asked++
      setTimeout(() => response.writeHead(200, { 'content-length': 2 }).end('ok'), 50)
    },
  })
  t.after(() => site.close())
  const answers = await Promise.all(Array.from({ length: 8 }, () => site.get('/api/popular')))
  assert.ok(answers.every(({ text }) => text === 'ok'))
  assert.equal(asked, 1)
})
