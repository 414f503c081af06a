/** The product of docs/tutorial.md, written as the tutorial says: it is checked without an error, and it bundles. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { bundleService } from '../packages/image/src/source/bundle.ts'
import { loadTraffic } from '../packages/rehearsal/src/traffic/traffic-file.ts'
import { path, read } from './documents.test-kit.ts'

const files = [...read('docs/tutorial.md').matchAll(/\*\*`([^`]+)`\*\*\n\n```\w+\n([\s\S]*?)```/g)]

// Below the repository, where Node finds its packages, as it does for a folder of examples/.
mkdirSync(path('.baton'), { recursive: true })
const folder = mkdtempSync(path('.baton/tutorial-'))
after(() => rmSync(folder, { recursive: true, force: true }))
for (const [, name = '', text = ''] of files) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

const baton = (...args: string[]) =>
  execFileSync(process.execPath, [path('packages/cli/bin/baton.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: 'pipe',
  })

test('the platform is checked without an error', () => {
  assert.equal(files.length, 8, 'the files of the tutorial have been read')
  assert.equal(JSON.parse(baton('check', '--json')).summary.errors, 0)
})

test('the mistake of the tutorial is reported as the tutorial shows it', () => {
  const config = join(folder, 'baton.config.ts')
  const text = readFileSync(config, 'utf8')
  writeFileSync(config, text.replace("source: './api'", "source: './api', drainSeconds: 90"))
  const shown = /```\n(The configuration cannot[\s\S]*?)```/.exec(read('docs/tutorial.md'))?.[1]
  assert.ok(shown, 'the tutorial shows the message')
  assert.throws(
    () => baton('check'),
    ({ stderr }: { stderr: string }) => stderr.includes(shown.trimEnd()),
  )
  writeFileSync(config, text)
})

test('service and migrations bundle, the site builds, the traffic file loads', async () => {
  for (const name of ['api', 'migrations']) {
    const bundled = await bundleService(join(folder, name), 'src/main.ts')
    assert.ok(bundled.has('server.js'))
  }
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: join(folder, 'web'),
    env: { ...process.env, VITE_APP_VERSION: 'v7' },
  })
  assert.match(readFileSync(join(folder, 'web/dist/index.html'), 'utf8'), /name="app-version" content="v7"/)
  assert.equal((await loadTraffic(join(folder, 'baton.rehearsal.ts'), ['web'])).rate, 100)
})
