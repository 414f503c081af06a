/** What the schema says about one value on its own, where the shape alone is not enough. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { platformSchema } from './schema.ts'
import { findings } from './schema-problems.ts'

const withHealthPath = (path: string) => ({
  project: 'keencho',
  domain: 'keencho.com',
  sites: {},
  services: { admin: { source: 'admin-service', health: { path } } },
  database: { name: 'keencho', migrations: 'migrations' },
})

function problemsOf(path: string) {
  const parsed = platformSchema.safeParse(withHealthPath(path), { reportInput: true })
  return findings(parsed.error?.issues ?? []).map(({ problem }) => problem)
}

test('a health path that a request line cannot hold is refused with its place and its fix', () => {
  for (const path of [
    '/api health',
    '/api/health ',
    '/ok\r\nX-Injected: yes',
    '/상태',
    '/a\tb',
    '/api#top',
    '/"',
  ]) {
    const [problem, ...others] = problemsOf(path)
    assert.equal(problem?.path, 'services.admin.health.path', JSON.stringify(path))
    assert.match(problem.fix, /percent-encoded, e\.g\. "%20" for a space/)
    assert.deepEqual(others, [])
  }
})

test('a health path may hold whatever a URL holds as it is', () => {
  for (const path of ['/', '/api/health', '/api/health?deep=1&x=%20y', "/~a/b-c_d.e/(f)'*+,;=:@!$"]) {
    assert.deepEqual(problemsOf(path), [], path)
  }
})
