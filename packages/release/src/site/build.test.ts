import assert from 'node:assert/strict'
import { access, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Site } from '@baton/config'
import type { ReleaseError } from '../release-error.ts'
import { buildSite } from './build.ts'

const root = await mkdtemp(join(tmpdir(), 'baton-site-build-'))
await mkdir(join(root, 'source'))
after(() => rm(root, { recursive: true, force: true }))

const siteBuiltBy = (command: string): Site => ({
  name: 'admin',
  host: 'app-admin.keencho.com',
  source: join(root, 'source'),
  build: { command, output: 'dist' },
  countries: [],
  services: [],
})

/** Slow enough for two of them to be under way at once; empties the folder before and after it waited, as Vite does. */
const into = (folder: string) =>
  siteBuiltBy(
    [
      `rm -rf ${folder}/*`,
      `echo "$VITE_APP_VERSION" > ${folder}/index.html`,
      'sleep 0.2',
      `mkdir ${folder}/assets`,
      `echo "$VITE_APP_VERSION" > ${folder}/assets/app-$VITE_APP_VERSION.js`,
    ].join(' && '),
  )

const folderOf = (version: string) => join(root, 'sites/admin', version)
const build = (site: Site, version: string, signal?: AbortSignal) =>
  buildSite(site, { version, folder: folderOf(version), ...(signal ? { signal } : {}) })
const filesOf = async (version: string) =>
  (await readdir(folderOf(version), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()

describe('a build that knows BATON_OUT_DIR', () => {
  const site = into('"$BATON_OUT_DIR"')

  test('of two versions at once mixes nothing', async () => {
    await Promise.all(['v1', 'v2'].map((version) => build(site, version)))
    for (const version of ['v1', 'v2']) {
      assert.deepEqual(await filesOf(version), [`app-${version}.js`, 'index.html'])
      assert.equal(await readFile(join(folderOf(version), 'index.html'), 'utf8'), `${version}\n`)
    }
  })

  test('of one version twice at once leaves it whole', async () => {
    await Promise.all([build(site, 'v3'), build(site, 'v3')])
    assert.deepEqual(await filesOf('v3'), ['app-v3.js', 'index.html'])
  })

  test('replaces what an earlier build of the version had left, and nothing else', async () => {
    await build(siteBuiltBy('echo new > "$BATON_OUT_DIR"/new.html'), 'v3')
    assert.deepEqual(await filesOf('v3'), ['new.html'])
    assert.deepEqual((await readdir(join(root, 'sites/admin'))).sort(), ['v1', 'v2', 'v3'])
  })
})

test('a build that does not know it is taken from where it builds', async () => {
  await mkdir(join(root, 'source/dist'))
  await build(into('dist'), 'v4')
  assert.deepEqual(await filesOf('v4'), ['app-v4.js', 'index.html'])
})

test('a build that fails says how, and leaves what was there', async () => {
  const site = siteBuiltBy('echo half > "$BATON_OUT_DIR"/half.html; echo no luck >&2; exit 3')
  await assert.rejects(build(site, 'v1'), (error: ReleaseError) => {
    assert.equal(error.code, 'build-failed')
    assert.match(error.message, /site admin failed[\s\S]*no luck/)
    return true
  })
  assert.deepEqual(await filesOf('v1'), ['app-v1.js', 'index.html'])
})

test('a build that leaves nothing anywhere is no site', async () => {
  await rm(join(root, 'source/dist'), { recursive: true, force: true })
  await assert.rejects(build(siteBuiltBy('true'), 'v5'), /left nothing in .*dist/)
  await assert.rejects(access(folderOf('v5')))
})

test('a build that is interrupted ends with all that it started', async () => {
  const controller = new AbortController()
  const reason = new Error('interrupted')
  const site = siteBuiltBy('(echo $$ > pid; sleep 60; true); true')
  const building = build(site, 'v6', controller.signal)
  const file = join(root, 'source/pid')
  for (let looks = 0; !(await readFile(file, 'utf8').catch(() => '')); looks++) {
    assert.ok(looks < 1_000, 'the build never started')
    await sleep(20)
  }
  controller.abort(reason)
  await assert.rejects(building, reason)
  const pid = Number(await readFile(file, 'utf8'))
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  assert.deepEqual(
    (await readdir(join(root, 'sites/admin'))).filter((name) => name.includes('v6')),
    [],
  )
})
