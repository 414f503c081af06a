/** Both services and the migrations against a real PostgreSQL server, as processes. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { grantRoles, migrate, readMigrations, readRoles } from '@keencho/migrations'
import { passwordMatches } from '@keencho/service-core'
import pg from 'pg'
import { startDatabase, type TestDatabase } from './database.ts'
import { type RunningService, run, startService } from './process.ts'

const roles = {
  DB_USER_ADMIN: 'admin_service',
  DB_PASSWORD_ADMIN: `it's a "secret"`,
  DB_USER_USER: 'user_service',
  DB_PASSWORD_USER: 'another secret',
}
let database: TestDatabase
let master: Record<string, string>
let asAdmin: Record<string, string>
let asUser: Record<string, string>

before(async () => {
  database = await startDatabase()
  master = { ...database.env, PGSSLMODE: 'disable' }
  asAdmin = { ...master, PGUSER: roles.DB_USER_ADMIN, PGPASSWORD: roles.DB_PASSWORD_ADMIN }
  asUser = { ...master, PGUSER: roles.DB_USER_USER, PGPASSWORD: roles.DB_PASSWORD_USER }
})
after(() => database.stop())

async function withClient<T>(
  env: Record<string, string>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(env.PGPORT),
    database: env.PGDATABASE,
    user: env.PGUSER,
    password: env.PGPASSWORD,
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

describe('migrations', () => {
  test('two at once apply each file once, and a third finds nothing to do', async () => {
    const both = await Promise.all([1, 2].map(() => run('migrations', { ...master, ...roles }).finished))
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ output }) => output).join(''),
    )
    const applied = both.flatMap(({ lines }) => lines.flatMap((line) => line.applied))
    assert.deepEqual(applied, ['0001_accounts'])
    const again = await withClient(master, async (client) => migrate(client, await readMigrations()))
    assert.deepEqual(again, [])
  })

  test('a service reads and writes its own table, and can do nothing else', async () => {
    await withClient(asAdmin, async (client) => {
      await client.query('select * from admin_account')
      await assert.rejects(
        client.query('select * from user_account'),
        /permission denied for table user_account/,
      )
      await assert.rejects(client.query('truncate admin_account'), /permission denied/)
      await assert.rejects(client.query('create table mine ()'), /permission denied for schema public/)
    })
  })

  test('a changed password takes effect, and grants are repeated without harm', async () => {
    const changed = readRoles({ ...roles, DB_PASSWORD_ADMIN: 'rotated' })
    await withClient(master, (client) => grantRoles(client, changed))
    await assert.rejects(
      withClient(asAdmin, async () => {}),
      /password authentication failed/,
    )
    await withClient(master, (client) => grantRoles(client, readRoles(roles)))
    await withClient(asAdmin, async () => {})
  })

  test('a file that changed after it ran is refused', async () => {
    const [first] = await readMigrations()
    assert.ok(first)
    const changed = [{ ...first, sql: `${first.sql}\n-- edited` }]
    await assert.rejects(
      withClient(master, (client) => migrate(client, changed)),
      /0001_accounts\.sql changed after it had run/,
    )
  })

  test('a file that fails leaves nothing behind', async () => {
    const broken = [
      ...(await readMigrations()),
      { name: '0002_broken', sql: 'create table half (); select nonsense' },
    ]
    await assert.rejects(
      withClient(master, (client) => migrate(client, broken)),
      /0002_broken\.sql failed/,
    )
    const { rows } = await withClient(master, (client) => client.query(`select to_regclass('half') as half`))
    assert.equal(rows[0].half, null)
  })

  test('what is missing in the environment is named at once', async () => {
    const { code, output } = await run('migrations', { ...master, DB_USER_ADMIN: 'a', DB_PASSWORD_USER: 'b' })
      .finished
    assert.equal(code, 1)
    assert.match(output, /DB_PASSWORD_ADMIN is not set\\nDB_USER_USER is not set/)
  })
})

describe('TLS to the database', () => {
  const encrypted = () => ({ ...database.env, ...roles })

  test('refuses a server whose certificate nobody trusts', async () => {
    const { code, output } = await run('migrations', encrypted()).finished
    assert.equal(code, 1)
    assert.match(output, /self-signed certificate|unable to verify/)
  })

  test('accepts a server that an added authority vouches for', async () => {
    const { code, output } = await run('migrations', {
      ...encrypted(),
      NODE_EXTRA_CA_CERTS: database.certificateFile,
    }).finished
    assert.equal(code, 0, output)
  })

  test('refuses a trusted certificate of another host', async () => {
    const { code, output } = await run('migrations', {
      ...encrypted(),
      PGHOST: '127.0.0.1',
      NODE_EXTRA_CA_CERTS: database.certificateFile,
    }).finished
    assert.equal(code, 1)
    assert.match(output, /does not match certificate/)
  })

  test('refuses modes that encrypt without proof', async () => {
    const { code, output } = await run('migrations', { ...encrypted(), PGSSLMODE: 'require' }).finished
    assert.equal(code, 1)
    assert.match(output, /PGSSLMODE must be verify-full or disable/)
  })
})

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

describe('the life of a service', () => {
  test('is unhealthy until it has reached its own table', async () => {
    const service = await startService('admin-service', { ...asUser })
    try {
      const response = await fetch(`${service.url}/api/health`)
      assert.equal(response.status, 503)
      assert.deepEqual(await response.json(), { status: 'starting', database: 'down', version: 'dev' })
    } finally {
      assert.equal(await service.stop(), 0)
    }
  })

  test('finishes the running request after SIGTERM, takes no new connection, and exits with 0', async (t) => {
    const service = await startService('user-service', asUser)
    t.after(() => service.program.kill('SIGKILL'))
    await withClient(master, async (client) => {
      await client.query('begin; lock table user_account in access exclusive mode')
      const running = fetch(`${service.url}/api/accounts?limit=1`)
      await eventually(async () => {
        const text = `select count(*)::int as waiting from pg_locks where not granted`
        assert.equal((await client.query(text)).rows[0].waiting, 1)
      })
      service.program.kill('SIGTERM')
      await eventually(() => assert.rejects(exchange(service.url, 'GET / HTTP/1.1\r\n\r\n'), /ECONNREFUSED/))
      await client.query('commit')
      const releasedAt = Date.now()
      assert.equal((await running).status, 200)
      assert.equal((await service.program.finished).code, 0)
      // Its connection turned idle, and is not waited for until its keep-alive ends.
      assert.ok(Date.now() - releasedAt < 2_000)
    })
  })

  test('an environment that is not complete ends it at once and says so', async () => {
    const { code, output } = await run('admin-service', { PORT: 'none' }).finished
    assert.equal(code, 1)
    assert.match(output, /PORT must be a whole number/)
    const without = await run('admin-service', {}).finished
    assert.match(without.output, /PGHOST is not set\n\s*PGDATABASE is not set/)
  })
})

/** Sends raw bytes and returns all that comes back. */
function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

async function eventually(check: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + 5_000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
