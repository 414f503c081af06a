/** Tests of the migrations, as processes: schema, users, TLS. Their part of product.long.test.ts. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { alone, grantRoles, migrate, readMigrations, readRoles } from '@keencho/migrations'
import { run } from './process.ts'
import { type Product, roles, withClient } from './product.ts'

export function testMigrations({ database, master, asAdmin }: Product): void {
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
      const { rows } = await withClient(master, (client) =>
        client.query(`select to_regclass('half') as half`),
      )
      assert.equal(rows[0].half, null)
    })

    test('a connection that is lost in the middle is reported as what it was', async () => {
      const lost = [
        ...(await readMigrations()),
        { name: '0002_lost', sql: 'select pg_terminate_backend(pg_backend_pid())' },
      ]
      await assert.rejects(
        withClient(master, (client) => {
          client.on('error', () => undefined)
          return alone(client, () => migrate(client, lost))
        }),
        /0002_lost\.sql failed, .*terminating connection/,
      )
    })

    test('what is missing in the environment is named at once', async () => {
      const { code, output } = await run('migrations', {
        ...master,
        DB_USER_ADMIN: 'a',
        DB_PASSWORD_USER: 'b',
      }).finished
      assert.equal(code, 1)
      assert.match(output, /DB_PASSWORD_ADMIN is not set\\nDB_USER_USER is not set/)
    })
  })

  describe('TLS to the database', () => {
    const encrypted = () => ({ ...database.env, ...roles })

    test('refuses a server whose certificate is not trusted', async () => {
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
}
