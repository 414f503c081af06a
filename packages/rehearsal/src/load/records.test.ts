import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestRecord } from './record.ts'
import { Records } from './records.ts'

const read: RequestRecord = {
  startedAt: 1_764_094_444_000.25,
  latencyMs: 12.5,
  site: 'admin',
  kind: 'read',
  method: 'GET',
  path: '/api/accounts',
  status: 200,
  version: 'v1',
}
const failed: RequestRecord = {
  startedAt: 1_764_094_444_003,
  latencyMs: 15_000,
  site: 'user',
  kind: 'delete',
  method: 'DELETE',
  path: '/api/accounts/7',
  cause: 'time-out',
  detail: 'nothing came',
}

test('records are read back as they were, in their order, as often as one likes', () => {
  const records = new Records()
  for (const record of [read, failed, read]) records.push(record)
  assert.equal(records.length, 3)
  assert.deepEqual([...records], [read, failed, read])
  assert.deepEqual([...records], [read, failed, read])
})

test('more records than one column holds keep their order', () => {
  const records = new Records()
  const many = 150_000
  for (let n = 0; n < many; n++) records.push({ ...(n % 7 === 0 ? failed : read), startedAt: n })
  assert.equal(records.length, many)
  let n = 0
  for (const record of records) {
    const { path } = n % 7 === 0 ? failed : read
    if (record.startedAt !== n || record.path !== path) assert.fail(`record ${n} is another one`)
    n++
  }
  assert.equal(n, many)
})
