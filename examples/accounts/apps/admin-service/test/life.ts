/** Tests of a service's start and end. Their part of product.long.test.ts. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { run, startService } from './process.ts'
import { eventually, exchange, type Product, withClient } from './product.ts'

export function testLife({ master, asAdmin, asUser }: Product): void {
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
        await eventually(() =>
          assert.rejects(exchange(service.url, 'GET / HTTP/1.1\r\n\r\n'), /ECONNREFUSED/),
        )
        await client.query('commit')
        const releasedAt = Date.now()
        assert.equal((await running).status, 200)
        assert.equal((await service.program.finished).code, 0)
        // Its connection turned idle, and is not waited for until its keep-alive ends.
        assert.ok(Date.now() - releasedAt < 30_000)
      })
    })

    test('does not wait for a query that hangs when it is to stop', async (t) => {
      const service = await startService('admin-service', { ...asAdmin, SHUTDOWN_TIMEOUT_SECONDS: '1' })
      t.after(() => service.program.kill('SIGKILL'))
      await withClient(master, async (client) => {
        await client.query('begin; lock table admin_account in access exclusive mode')
        const running = fetch(`${service.url}/api/accounts?limit=1`).catch(() => undefined)
        await eventually(async () => {
          const text = `select count(*)::int as waiting from pg_locks where not granted`
          assert.equal((await client.query(text)).rows[0].waiting, 1)
        })
        const signalledAt = Date.now()
        service.program.kill('SIGTERM')
        assert.equal((await service.program.finished).code, 1)
        // The query itself is given up after nine seconds.
        assert.ok(Date.now() - signalledAt < 8_000)
        await running
        await client.query('rollback')
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
}
