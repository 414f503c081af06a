import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

interface Request {
  uri: string
  headers: { host: { value: string } }
}
interface Response {
  statusCode: number
  headers: Record<string, { value: string }>
}

/** Runs the function as CloudFront would, against a KeyValueStore of the given content. */
async function run(uri: string, keys: Record<string, string>, host = 'app-admin.keencho.com') {
  const source = readFileSync(new URL('../functions/edge.js', import.meta.url), 'utf8')
  const code = source.replace(/^import cf from 'cloudfront'$/m, '')
  const kvs = {
    get: async (key: string) => {
      const value = keys[key]
      if (value === undefined) throw new Error('KeyNotFound')
      return value
    },
  }
  const quiet = { log: () => undefined }
  const handler: (event: object) => Promise<Request | Response> = new Function(
    'cf',
    'console',
    `${code}\nreturn handler`,
  )({ kvs: () => kvs }, quiet)
  return handler({ request: { uri, method: 'GET', headers: { host: { value: host } }, querystring: {} } })
}

const released = { 'app-admin.keencho.com': '20261122-1' }

async function rewritten(uri: string, host?: string) {
  const answer = await run(uri, released, host)
  assert.ok('uri' in answer)
  return answer.uri
}

describe('the edge function', () => {
  test('sends page routes to the index of the current release', async () => {
    assert.equal(await rewritten('/'), '/releases/20261122-1/index.html')
    assert.equal(await rewritten('/accounts'), '/releases/20261122-1/index.html')
    assert.equal(await rewritten('/accounts/7/edit'), '/releases/20261122-1/index.html')
    assert.equal(await rewritten('/v1.2/accounts'), '/releases/20261122-1/index.html')
  })

  test('sends files to themselves, so that a missing one is missing', async () => {
    assert.equal(await rewritten('/favicon.ico'), '/releases/20261122-1/favicon.ico')
    assert.equal(await rewritten('/images/logo.svg'), '/releases/20261122-1/images/logo.svg')
  })

  test('knows the site by its host, in whatever case', async () => {
    assert.equal(await rewritten('/', 'App-Admin.keencho.com'), '/releases/20261122-1/index.html')
  })

  test('answers an honest 503 before the first release, and for a host without one', async () => {
    for (const keys of [{ 'app-admin.keencho.com': 'none' }, {}]) {
      const answer = await run('/', keys)
      assert.ok('statusCode' in answer)
      assert.equal(answer.statusCode, 503)
      assert.equal(answer.headers['cache-control']?.value, 'no-store')
    }
  })

  test('stays within the size that CloudFront takes', () => {
    const source = readFileSync(new URL('../functions/edge.js', import.meta.url))
    assert.ok(source.length < 10 * 1024)
  })
})
