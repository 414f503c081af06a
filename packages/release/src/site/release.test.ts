import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, beforeEach, describe, test } from 'node:test'
import type { SiteManifest } from '@baton/config'
import { scaledClock } from '../clock.ts'
import type { OnProgress } from '../progress.ts'
import { ReleaseError } from '../release-error.ts'
import { Fault, md5, type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { releaseSite, rollBackSite } from './release.ts'

const root = mkdtempSync(join(tmpdir(), 'baton-site-release-'))
after(() => rmSync(root, { recursive: true }))

const manifest: SiteManifest = {
  bucket: 'sites',
  prefix: 'admin/',
  keyValueStoreArn: 'arn:aws:cloudfront::000000000000:key-value-store/11111111-2222-3333-4444-555555555555',
  pointerKey: 'app-admin.keencho.com',
  host: 'app-admin.keencho.com',
}
const noTime = scaledClock(10_000)
let aws: StubAws

beforeEach(async () => {
  aws = await startStubAws({ GetParameter: () => ({ Parameter: { Value: JSON.stringify(manifest) } }) })
  aws.keys.set(manifest.pointerKey, 'none')
})
afterEach(() => aws.close())

/** A built site: text by path. */
function built(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'site-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const site = (version: string) => ({
  'index.html': `<html>${version}</html>`,
  [`assets/index-${version}.js`]: version,
  'assets/logo.svg': 'the same',
})

interface Options {
  readonly files?: Record<string, string>
  readonly keep?: number
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

const release = (version: string, options: Options = {}) =>
  releaseSite(
    aws.clients,
    {
      platform: 'keencho-production',
      site: 'admin',
      folder: built(options.files ?? site(version)),
      version,
      ...(options.keep === undefined ? {} : { keep: options.keep }),
      ...(options.signal ? { signal: options.signal } : {}),
    },
    noTime,
    options.onProgress,
  )

const pointer = () => aws.keys.get(manifest.pointerKey)
const refuses = (code: string, fix: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ReleaseError, String(error))
  assert.equal(error.code, code)
  assert.match(error.fix, fix)
  return true
}

describe('the release of a site', () => {
  test('writes what the release needs first, then the files, and switches last', async () => {
    const result = await release('v1')
    assert.equal(result.from, undefined)
    assert.equal(pointer(), 'v1')
    const written = aws.calls.map(({ name }) => name).filter((name) => /^(PutObject|UpdateKeys)/.test(name))
    assert.equal(written[0], 'PutObject admin/manifests/v1.json')
    assert.equal(written.at(-1), 'UpdateKeys')
    assert.deepEqual([...aws.objects.keys()].toSorted(), [
      'admin/assets/index-v1.js',
      'admin/assets/logo.svg',
      'admin/manifests/v1.json',
      'admin/releases/v1/index.html',
    ])
  })

  test('uploads no asset that the pool has already', async () => {
    await release('v1')
    const second = await release('v2')
    assert.deepEqual(second.from, 'v1')
    assert.equal(second.uploaded.objects, 2)
    assert.equal(aws.inputsOf('PutObject admin/assets/logo.svg').length, 1)
  })

  test('may be repeated', async () => {
    await release('v1')
    await release('v1')
    assert.equal(pointer(), 'v1')
  })

  test('refuses an id that names other files, and the old release keeps serving', async () => {
    await release('v1')
    await release('v2')
    await assert.rejects(
      release('v1', { files: site('changed') }),
      refuses('release-exists', /another version/),
    )
    assert.equal(pointer(), 'v2')
    assert.equal(aws.objects.has('admin/assets/index-changed.js'), false, 'nothing was uploaded')
  })

  test('interrupted during the upload does not switch', async () => {
    await release('v1')
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const interrupted = release('v2', {
      signal: controller.signal,
      onProgress: ({ step }) => step === 'upload' && controller.abort(reason),
    })
    await assert.rejects(interrupted, reason)
    assert.equal(pointer(), 'v1')
  })

  test('refuses a folder that holds no site', async () => {
    await assert.rejects(release('v1', { files: { 'about.txt': '' } }), refuses('site-empty', /Build/))
    assert.equal(pointer(), 'none')
    assert.equal(aws.objects.size, 0)
  })

  test('refuses a site that the platform does not have', async () => {
    aws.on({
      GetParameter: () => {
        throw new Fault('ParameterNotFound', 'no such parameter')
      },
    })
    await assert.rejects(release('v1'), refuses('manifest-missing', /Apply/))
  })

  test('collects, across pages, what no kept release names, and nothing else', async () => {
    await release('v1')
    await release('v2')
    aws.objects.set('user/assets/of-another-site.js', '')
    const third = await release('v3', { keep: 2 })
    assert.equal(third.collected, 3)
    assert.equal(aws.objects.has('admin/assets/index-v1.js'), false)
    assert.equal(aws.objects.has('admin/manifests/v1.json'), false)
    assert.equal(aws.objects.has('admin/releases/v1/index.html'), false)
    const kept = ['assets/logo.svg', 'assets/index-v2.js', 'releases/v2/index.html', 'manifests/v2.json']
    for (const key of kept) assert.ok(aws.objects.has(`admin/${key}`), key)
    assert.ok(aws.objects.has('user/assets/of-another-site.js'))
  })

  test('keeps the release that open tabs come from, however old it is', async () => {
    await release('v1')
    await release('v2')
    await release('v3')
    await rollBackSite(aws.clients, { platform: 'keencho-production', site: 'admin', to: 'v1' })
    await release('v4', { keep: 1 })
    assert.ok(aws.objects.has('admin/assets/index-v1.js'), 'v1 served until now')
    assert.ok(aws.objects.has('admin/assets/index-v4.js'))
    assert.equal(aws.objects.has('admin/assets/index-v2.js'), false)
    assert.equal(aws.objects.has('admin/assets/index-v3.js'), false)
  })

  test('keeps what an upload under way has announced', async () => {
    await release('v1')
    const files = { 'assets/index-v9.js': md5('v9'), 'index.html': md5('v9') }
    const announced = { id: 'v9', createdAt: new Date(Date.now() + 1_000).toISOString(), files }
    aws.objects.set('admin/manifests/v9.json', JSON.stringify(announced))
    aws.objects.set('admin/assets/index-v9.js', 'v9')
    await release('v2', { keep: 1 })
    assert.ok(aws.objects.has('admin/assets/index-v9.js'))
  })
})

describe('the pointer', () => {
  test('is switched again after another writer came first', async () => {
    let conflicts = 0
    aws.beforeUpdate = () => {
      if (conflicts++ < 3) throw new Fault('ConflictException', 'the store has changed', 409)
    }
    await release('v1')
    assert.equal(pointer(), 'v1')
    assert.equal(aws.inputsOf('UpdateKeys').length, 4)
    assert.equal(aws.inputsOf('DescribeKeyValueStore').length, 4, 'each attempt asks for the version again')
  })

  test('is given up after ten conflicts, and the old release serves on', async () => {
    await release('v1')
    aws.beforeUpdate = () => {
      throw new Fault('ConflictException', 'the store has changed', 409)
    }
    await assert.rejects(release('v2'), refuses('pointer-conflict', /still there/))
    assert.equal(pointer(), 'v1')
    assert.equal(aws.inputsOf('DeleteObjects').length, 0)
    aws.beforeUpdate = () => undefined
    await release('v2')
    assert.equal(pointer(), 'v2')
  })

  test('is not tried again for any other refusal', async () => {
    aws.beforeUpdate = () => {
      throw new Fault('AccessDeniedException', 'no', 403)
    }
    await assert.rejects(release('v1'), { name: 'AccessDeniedException' })
    assert.equal(aws.inputsOf('UpdateKeys').length, 1)
  })

  test('goes back to a kept release by the same switch, and uploads nothing', async () => {
    await release('v1')
    await release('v2')
    const before = aws.calls.length
    const back = await rollBackSite(aws.clients, {
      platform: 'keencho-production',
      site: 'admin',
      to: 'v1',
    })
    assert.deepEqual(back, { from: 'v2', to: 'v1' })
    assert.equal(pointer(), 'v1')
    assert.ok(aws.calls.slice(before).every(({ name }) => !name.startsWith('PutObject')))
  })

  test('does not go to a release that is not there, and names those that are', async () => {
    const to = (version: string) =>
      rollBackSite(aws.clients, { platform: 'keencho-production', site: 'admin', to: version })
    await assert.rejects(to('v1'), refuses('release-missing', /not been released/))
    await release('v1')
    await release('v2')
    await assert.rejects(to('v7'), refuses('release-missing', /v2, v1|v1, v2/))
    assert.equal(pointer(), 'v2')
  })
})
