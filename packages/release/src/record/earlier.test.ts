import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refuseContracted, versionBefore } from './earlier.ts'
import type { ReleaseRecord } from './release-record.ts'

let minute = 0
const at = () => `2026-11-29T10:${String(minute++).padStart(2, '0')}:00.000Z`
const release = (version: string, more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  id: `${version} ${minute}`,
  target: 'service/admin',
  version,
  action: 'release',
  state: 'succeeded',
  startedAt: at(),
  endedAt: at(),
  by: 'kim',
  ...more,
})
const back = (version: string) => release(version, { action: 'rollback' })

describe('the version before', () => {
  for (const { what, done, running, before } of [
    { what: 'two releases', done: [release('v1'), release('v2')], running: 'v2', before: 'v1' },
    { what: 'a single release', done: [release('v1')], running: 'v1', before: undefined },
    {
      what: 'a rollback',
      done: [release('v1'), release('v2'), release('v3'), back('v2')],
      running: 'v2',
      before: 'v1',
    },
    {
      what: 'a release after a rollback',
      done: [release('v1'), release('v2'), back('v1'), release('v3')],
      running: 'v3',
      before: 'v1',
    },
    {
      what: 'a release that was taken back',
      done: [release('v1'), release('v2', { state: 'rolled-back' }), release('v3')],
      running: 'v3',
      before: 'v1',
    },
    {
      what: 'one version released twice',
      done: [release('v1'), release('v2'), release('v2')],
      running: 'v2',
      before: 'v1',
    },
    {
      what: 'a version that has no record',
      done: [release('v1')],
      running: 'v2',
      before: 'v1',
    },
  ]) {
    test(`after ${what} is ${before ?? 'none'}`, () => {
      assert.equal(versionBefore(done.toReversed(), running), before)
    })
  }
})

test('a version older than a contracting migration is refused, one released after it is not', () => {
  const [v1, expand, v2] = [release('v1'), release('v2', { target: 'migration' }), release('v2')]
  const contract = release('v3', { target: 'migration', contracts: ['0003_drop_login_id'] })
  const v3 = release('v3')
  const migrations = [contract, expand]
  for (const old of [v1, v2]) {
    assert.throws(() => refuseContracted(migrations, 'service/admin', old), {
      code: 'contracted',
      message: new RegExp(`${old.version} was released before the migration of v3 .*0003_drop_login_id`),
      fix: /--force/,
    })
  }
  refuseContracted(migrations, 'service/admin', v3)
  refuseContracted([expand], 'service/admin', v1)
  refuseContracted([{ ...contract, state: 'failed' }], 'service/admin', v1)
})
