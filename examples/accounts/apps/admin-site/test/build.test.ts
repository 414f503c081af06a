/** What a release depends on in the files of a built site. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

interface Built {
  readonly html: string
  readonly files: readonly string[]
  read(file: string): Promise<string>
}

let folder: string
let v1: Built
let v2: Built
let userSite: Built
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keencho-site-'))
  ;[v1, v2, userSite] = await Promise.all([
    build('admin-site', 'v1'),
    build('admin-site', 'v2'),
    build('user-site', 'v1'),
  ])
})
after(() => rm(folder, { recursive: true }))

async function build(site: string, version: string): Promise<Built> {
  const output = join(folder, site, version)
  const vite = fileURLToPath(new URL('../../../../../node_modules/vite/bin/vite.js', import.meta.url))
  const child = spawn(process.execPath, [vite, 'build', '--outDir', output, '--logLevel', 'warn'], {
    cwd: fileURLToPath(new URL(`../../${site}`, import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production', VITE_APP_VERSION: version },
    stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  const files = (await readdir(output, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(output.length + 1))
    .sort()
  const read = (file: string) => readFile(join(output, file), 'utf8')
  return { html: await read('index.html'), files, read }
}

const assets = ({ files }: Built) => files.filter((file) => file.startsWith('assets/'))

test('the document names its release, and which of the two sites it is', () => {
  assert.match(v1.html, /<meta name="app-version" content="v1" \/>/)
  assert.match(v2.html, /<meta name="app-version" content="v2" \/>/)
  assert.match(v1.html, /<title>Keencho Admin<\/title>/)
  assert.match(userSite.html, /<title>Keencho User<\/title>/)
})

test('everything below assets/ carries a hash in its name, and nothing else does', () => {
  assert.ok(assets(v1).length >= 4)
  for (const file of assets(v1)) assert.match(file, /^assets\/[\w-]+-[\w-]{8}\.(js|css)$/)
  assert.deepEqual(
    v1.files.filter((file) => !file.startsWith('assets/')),
    ['favicon.svg', 'index.html'],
  )
})

test('releases share names only where they share content', async () => {
  const shared = assets(v1).filter((file) => v2.files.includes(file))
  for (const file of shared) assert.equal(await v1.read(file), await v2.read(file))
  assert.ok(assets(v1).some((file) => !v2.files.includes(file)))
})

test('pages are chunks that the document does not load, for which an old tab asks later', async () => {
  for (const page of ['accounts-page', 'release-page', 'not-found-page']) {
    const chunk = assets(v1).find((file) => file.startsWith(`assets/${page}-`))
    assert.ok(chunk, page)
    assert.ok(!v1.html.includes(chunk))
    assert.ok(!v2.files.includes(chunk), `${chunk} is the same in both releases`)
  }
})
