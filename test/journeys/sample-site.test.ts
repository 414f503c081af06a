/** The sample product's page in a browser, against an API that fails as one does during a release. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findBrowser, openBrowser } from './browser.ts'

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const account = { id: 1, loginId: 'kim', name: 'Kim', createdAt: '2026-11-25T09:00:00.000Z' }

describe('the page of accounts', { skip: findBrowser() === undefined && 'no Chromium is installed' }, () => {
  let folder: string
  let server: Server
  let browser: Awaited<ReturnType<typeof openBrowser>>
  /** What the API answers, by method. */
  let answers: Record<string, () => { status: number; body?: unknown }> = {}

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-sample-site-'))
    const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
    const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: fileURLToPath(new URL('../../examples/accounts/apps/admin-site', import.meta.url)),
      env: { ...process.env, NODE_ENV: 'production', VITE_APP_VERSION: 'v1', BATON_OUT_DIR: folder },
      stdio: 'inherit',
    })
    assert.deepEqual(await once(build, 'close'), [0, null])
    server = createServer(async (request, response) => {
      const path = request.url ?? '/'
      if (path.startsWith('/api/')) {
        const { status, body } = answers[request.method ?? '']?.() ?? { status: 404 }
        response.writeHead(status, { 'content-type': 'application/json' })
        return response.end(body === undefined ? undefined : JSON.stringify(body))
      }
      const file = extname(path) === '' ? '/index.html' : path
      response.setHeader('content-type', types[extname(file)] ?? 'text/html')
      return response.end(await readFile(join(folder, file)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
    await rm(folder, { recursive: true })
  })

  const open = async () => {
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${address.port}/`)
    return page
  }
  const listed = (...accounts: unknown[]) => ({ status: 200, body: { accounts, next: null } })

  test('does not call a list empty that could not be loaded, and loads it again when it is asked to', async () => {
    answers = { GET: () => ({ status: 503, body: { error: { message: 'The database is away.' } } }) }
    const page = await open()
    await page.getByRole('alert').getByText('The database is away.').waitFor()
    assert.equal(await page.getByText('There are no accounts yet.').count(), 0)
    answers = { GET: () => listed() }
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('There are no accounts yet.').waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  })

  test('says so when something that is no API answers', async () => {
    answers = { GET: () => ({ status: 200 }) }
    const page = await open()
    await page.getByText('an answer that this page does not understand').waitFor()
  })

  test('keeps the place of the keyboard, and takes an account that is gone already as deleted', async () => {
    answers = { GET: () => listed(account), DELETE: () => ({ status: 404, body: { error: {} } }) }
    const page = await open()
    await page.getByRole('button', { name: 'Delete Kim', exact: true }).press('Enter')
    const keep = page.getByRole('button', { name: 'Keep Kim' })
    await keep.and(page.locator(':focus')).press('Enter')
    const again = page.getByRole('button', { name: 'Delete Kim', exact: true }).and(page.locator(':focus'))
    await again.press('Enter')
    await page.getByRole('button', { name: 'Delete Kim for good' }).click()
    await page.getByRole('status').getByText('Kim was deleted already.').waitFor()
    await page.getByText('There are no accounts yet.').waitFor()
  })

  test('shows what the service finds wrong at its field, and forgets it with the next try', async () => {
    const taken = { message: 'Taken.', fields: { loginId: 'Taken.' } }
    answers = { GET: () => listed(), POST: () => ({ status: 409, body: { error: taken } }) }
    const page = await open()
    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByLabel('Login id').fill('kim')
    await page.getByLabel('Name').fill('Kim')
    await page.getByLabel('Password').fill('correct horse')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('input[name=loginId][aria-invalid=true]').waitFor()
    answers = { ...answers, POST: () => ({ status: 201, body: account }) }
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('cell', { name: 'kim', exact: true }).waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  })
})
