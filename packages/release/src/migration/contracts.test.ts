import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Database, ImageSource } from '@baton/config'
import { contractsOf, takesAway } from './contracts.ts'

for (const sql of [
  'alter table account drop column name',
  'ALTER TABLE account\n  DROP name;',
  'drop table if exists account cascade',
  'alter table account rename column name to full_name',
  'alter table account rename to person',
  'alter table account alter column id type bigint',
  'alter table account alter name set not null',
  'truncate account',
  '-- baton: contract\ncreate table t (id int)',
]) {
  test(`${JSON.stringify(sql)} takes away from the schema`, () => assert.ok(takesAway(sql)))
}

for (const sql of [
  'create table account (id bigint primary key, name text not null)',
  'alter table account add column nickname text',
  'alter table account drop constraint account_name_key',
  'alter table account alter column name drop not null',
  'alter table account alter column name drop default',
  'drop index account_name',
  '-- drop table account\ncreate table other (id int)',
  "insert into note values ('drop table account')",
  '/* rename later */ create index on account (name)',
  '-- baton: expand\nalter table account rename column unused to still_unused',
]) {
  test(`${JSON.stringify(sql)} only adds`, () => assert.ok(!takesAway(sql)))
}

test('the contracting files of a folder are named in their order', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-contracts-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'sql'))
  mkdirSync(join(folder, 'node_modules/other'), { recursive: true })
  writeFileSync(join(folder, 'sql/0003_drop_b.sql'), 'drop table b')
  writeFileSync(join(folder, 'sql/0001_a.sql'), 'create table a (id int)')
  writeFileSync(join(folder, 'sql/0002_drop_a.sql'), 'drop table a')
  writeFileSync(join(folder, 'node_modules/other/0009_x.sql'), 'drop table x')
  const source = (at: string) =>
    contractsOf({ database: databaseFrom({ kind: 'source', folder: at, entry: 'main.ts' }) })
  assert.deepEqual(await source(folder), ['0002_drop_a', '0003_drop_b'])
  assert.deepEqual(await source(join(folder, 'missing')), [])
  assert.deepEqual(await contractsOf({ database: databaseFrom({ kind: 'image', reference: 'x' }) }), [])
  assert.deepEqual(await contractsOf({}), [])
})

const databaseFrom = (image: ImageSource): Database => ({
  engineVersion: '17',
  instanceClass: 'db.t4g.micro',
  name: 'keencho',
  multiAz: false,
  storageGiB: 20,
  maxStorageGiB: 100,
  backupDays: 7,
  deletionProtection: true,
  migrations: { image, environment: {}, readonlyRootFilesystem: true },
})
