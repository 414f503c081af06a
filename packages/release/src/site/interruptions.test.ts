/** A site's release that S3, or another release at the same time, gets in the way of. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, test } from 'node:test'
import { scaledClock } from '../clock.ts'
import type { Progress } from '../progress.ts'
import { md5, type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { releaseSite } from './release.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-site-interruptions-'))
after(() => rmSync(root, { recursive: true }))
const manifest = {
  bucket: 'sites',
  prefix: 'admin/',
  keyValueStoreArn: 'arn:aws:cloudfront::000000000000:key-value-store/11111111-2222-3333-4444-555555555555',
  pointerKey: 'app-admin.keencho.com',
  host: 'app-admin.keencho.com',
}
let aws: StubAws
beforeEach(async () => {
  aws = await startStubAws({ GetParameter: () => ({ Parameter: { Value: JSON.stringify(manifest) } }) })
  aws.keys.set(manifest.pointerKey, 'none')
})
afterEach(() => aws.close())

const reported: Progress[] = []
function release(version: string, keep?: number, text = version) {
  const folder = mkdtempSync(join(root, 'site-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), text)
  writeFileSync(join(folder, `assets/index-${version}.js`), text)
  const request = { platform: 'keencho-production', site: 'admin', folder, version }
  return releaseSite(
    aws.clients,
    { ...request, ...(keep ? { keep } : {}) },
    scaledClock(10_000),
    (progress) => reported.push(progress),
  )
}
const pointer = () => aws.keys.get(manifest.pointerKey)

test('a file that S3 is too busy for is sent again, whole', async () => {
  const busy = new Set(['admin/releases/v1/index.html', 'admin/assets/index-v1.js'])
  aws.beforePut = (key) => (busy.delete(key) ? 'SlowDown' : undefined)
  await release('v1')
  assert.equal(pointer(), 'v1')
  assert.equal(aws.objects.get('admin/releases/v1/index.html'), 'v1')
  assert.equal(aws.objects.get('admin/assets/index-v1.js'), 'v1')
})

test('of two releases that begin under one id, one is refused, and neither takes the other’s files', async () => {
  const both = await Promise.allSettled([release('v1', 10, 'one'), release('v1', 10, 'other')])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const refused = both.find((each) => each.status === 'rejected')
  assert.match(String(refused?.reason), /exists already, with other files/)
  const won = both[0]?.status === 'fulfilled' ? 'one' : 'other'
  assert.equal(aws.objects.get('admin/releases/v1/index.html'), won)
})

test('takes away nothing of a release that begins while garbage is collected', async () => {
  await release('v1')
  const listed = new Set<string>()
  aws.beforeList = (prefix) => {
    if (pointer() !== 'v2') return
    listed.add(prefix)
    // Between the two listings of the collection, another release announces itself and uploads.
    if (listed.size < 2 || aws.objects.has('admin/assets/index-v3.js')) return
    const files = { 'assets/index-v3.js': md5('v3') }
    const createdAt = new Date(Date.now() + 1_000).toISOString()
    aws.objects.set('admin/manifests/v3.json', JSON.stringify({ id: 'v3', createdAt, files }))
    aws.objects.set('admin/assets/index-v3.js', 'v3')
  }
  await release('v2', 1)
  assert.ok(aws.objects.has('admin/manifests/v3.json') && aws.objects.has('admin/assets/index-v3.js'))
})

test('garbage that cannot be taken away fails its step, not the release', async () => {
  await release('v1')
  await release('v2')
  aws.undeletable.add('admin/assets/index-v1.js')
  const { collected } = await release('v3', 1)
  assert.deepEqual([pointer(), collected], ['v3', 0])
  const failed = reported.find(({ state }) => state === 'failed')
  assert.equal(failed?.step, 'collect garbage')
  assert.match(failed.detail ?? '', /admin\/assets\/index-v1\.js among them: AccessDenied/)
})
