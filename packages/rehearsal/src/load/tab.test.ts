import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssetBodies, readPage, referencedAssets, Tab } from './tab.ts'

const html = `<!doctype html><html><head><meta name="app-version" content="v1">
<script type="module" crossorigin src="/assets/index-Ab12.js"></script>
<link rel="stylesheet" href="/assets/index-Cd34.css"></head><body></body></html>`

test('reads the version and the assets of a document', () => {
  assert.deepEqual(readPage(html), {
    version: 'v1',
    assets: ['/assets/index-Ab12.js', '/assets/index-Cd34.css'],
  })
})

test('calls a document truncated when its end is missing', () => {
  assert.deepEqual(readPage(html.slice(0, -8)), {
    cause: 'truncated-body',
    detail: 'the document does not end with </html>',
  })
})

test('calls a page without a version wrong, as an error page is', () => {
  assert.ok('cause' in readPage('<html><body>Service Unavailable</body></html>'))
})

test('finds the chunks that a script loads late', () => {
  assert.deepEqual(referencedAssets('m.f||(m.f=["assets/accounts-Ef56.js"])'), ['/assets/accounts-Ef56.js'])
})

test('a tab goes on asking for the chunks of its own page, late ones included', () => {
  const tab = new Tab(0, 10_000)
  assert.equal(tab.nextAsset(), undefined)
  tab.page = { version: 'v1', assets: ['/assets/a.js'] }
  tab.learn(['/assets/b.js', '/assets/a.js'])
  assert.deepEqual(
    [tab.nextAsset(), tab.nextAsset(), tab.nextAsset()].sort(),
    ['/assets/a.js', '/assets/b.js', '/assets/b.js'].sort(),
  )
})

test('an asset that changes under its name is wrong', () => {
  const bodies = new AssetBodies()
  assert.equal(bodies.check('/assets/a.js', Buffer.from('one')), undefined)
  assert.equal(bodies.check('/assets/a.js', Buffer.from('one')), undefined)
  assert.equal(bodies.check('/assets/a.js', Buffer.from('two'))?.cause, 'wrong-body')
})
