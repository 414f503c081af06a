/** Tests of the services' answers, as processes. Their part of product.long.test.ts. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { passwordMatches } from '@keencho/service-core'
import { type RunningService, startService } from './process.ts'
import { eventually, exchange, type Product, withClient } from './product.ts'

export function testServices({ master, asAdmin, asUser }: Product): void {
  describe('the services', () => {
    let admin: RunningService
    let user: RunningService
    let logDir: string
    before(async () => {
      logDir = await mkdtemp(join(tmpdir(), 'keencho-logs-'))
      const running = await Promise.all([
        startService('admin-service', { ...asAdmin, APP_VERSION: 'v7', LOG_DIR: logDir }),
        startService('user-service', { ...asUser, APP_VERSION: 'v7' }),
      ])
      admin = running[0]
      user = running[1]
    })
    after(async () => {
      assert.deepEqual(await Promise.all([admin.stop(), user.stop()]), [0, 0])
      await rm(logDir, { recursive: true })
    })

    const add = (service: RunningService, loginId: string, more: object = {}) =>
      fetch(`${service.url}/api/accounts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ loginId, password: 'correct horse', name: 'Kim', ...more }),
      })
    // biome-ignore lint/suspicious/noExplicitAny: answers are what is under test
    const json = (response: Response): Promise<any> => response.json()

    test('an account is added, listed and deleted, in one of the two tables only', async () => {
      const created = await add(admin, 'kim')
      assert.equal(created.status, 201)
      const account = await json(created)
      assert.deepEqual(Object.keys(account), ['id', 'loginId', 'name', 'createdAt'])
      assert.equal(created.headers.get('location'), `/api/accounts/${account.id}`)
      assert.deepEqual(await json(await fetch(`${admin.url}/api/accounts`)), {
        accounts: [account],
        next: null,
      })
      assert.deepEqual(await json(await fetch(`${user.url}/api/accounts`)), { accounts: [], next: null })
      const address = `${admin.url}/api/accounts/${account.id}`
      assert.equal((await fetch(address, { method: 'DELETE' })).status, 204)
      assert.equal((await fetch(address, { method: 'DELETE' })).status, 404)
      assert.deepEqual(await json(await fetch(`${admin.url}/api/accounts`)), { accounts: [], next: null })
    })

    test('pages run from the newest to the oldest without gap or overlap', async () => {
      for (const loginId of ['one', 'two', 'three', 'four', 'five']) await add(user, loginId)
      const seen: string[] = []
      let next: number | null = null
      do {
        const query: string = next === null ? '' : `&before=${next}`
        const page = await json(await fetch(`${user.url}/api/accounts?limit=2${query}`))
        seen.push(...page.accounts.map(({ loginId }: { loginId: string }) => loginId))
        // Written between two pages, newer than both.
        await add(user, `meanwhile-${seen.length}`)
        next = page.next
      } while (next !== null)
      assert.deepEqual(seen, ['five', 'four', 'three', 'two', 'one'])
      const outOfRange = await fetch(`${user.url}/api/accounts?limit=1000`)
      assert.equal(outOfRange.status, 400)
    })

    test('the password is kept as a hash', async () => {
      await add(admin, 'hashed')
      const text = `select password_hash from admin_account where login_id = 'hashed'`
      const { rows } = await withClient(master, (client) => client.query(text))
      assert.equal(await passwordMatches('correct horse', rows[0].password_hash), true)
      assert.equal(await passwordMatches('wrong horse', rows[0].password_hash), false)
    })

    test('a login id that is taken answers 409', async () => {
      await add(admin, 'taken')
      const second = await add(admin, 'taken')
      assert.equal(second.status, 409)
      assert.equal((await json(second)).error.code, 'login_id_taken')
    })

    test('a bad request names every field that is wrong', async () => {
      const response = await add(admin, 'X', { password: 'short', name: ' ' })
      assert.equal(response.status, 400)
      assert.deepEqual(Object.keys((await json(response)).error.fields), ['loginId', 'password', 'name'])
    })

    test('a name with a character that the database cannot keep is a bad request', async () => {
      const response = await add(admin, 'control', { name: 'Kim\u0000' })
      assert.equal(response.status, 400)
      assert.deepEqual(Object.keys((await json(response)).error.fields), ['name'])
    })

    test('every answer names the version, and every error is JSON', async () => {
      const headers = { 'content-type': 'application/json' }
      const answers = await Promise.all([
        fetch(`${admin.url}/api/health`),
        fetch(`${admin.url}/api/nothing`),
        fetch(`${admin.url}/api/accounts`, { method: 'POST', headers, body: '{"loginId":' }),
        fetch(`${admin.url}/api/accounts`, { method: 'POST', headers, body: `"${'x'.repeat(70_000)}"` }),
      ])
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 404, 400, 413],
      )
      for (const answer of answers) assert.equal(answer.headers.get('x-app-version'), 'v7')
      for (const answer of answers.slice(1)) assert.equal(typeof (await json(answer)).error.message, 'string')
      const malformed = await exchange(admin.url, 'NONSENSE\r\n\r\n')
      assert.match(malformed, /^HTTP\/1\.1 400 /)
      assert.match(malformed, /x-app-version: v7/)
    })

    test('idle connections are kept longer than the load balancer keeps them', async () => {
      const response = await fetch(`${admin.url}/api/health`)
      const seconds = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '')?.[1]
      assert.ok(Number(seconds) > 60, `keep-alive: ${response.headers.get('keep-alive')}`)
    })

    test('the log is JSON on standard output and in a file of the task', async () => {
      await fetch(`${admin.url}/api/accounts?limit=3`)
      const [task] = await readdir(join(logDir, 'admin'))
      const file = join(logDir, 'admin', String(task), 'admin.log')
      const wanted = (line: Record<string, unknown>) =>
        line.url === '/api/accounts?limit=3' && line.status === 200
      await eventually(() => assert.ok(admin.program.lines.some(wanted)))
      await eventually(async () => {
        const lines = (await readFile(file, 'utf8')).trim().split('\n')
        assert.ok(lines.map((line) => JSON.parse(line)).some(wanted))
      })
    })
  })
}
