import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sinceOption } from './logs.ts'

const now = Date.parse('2026-11-29T12:00:00Z')

test('--since is a duration or a time', () => {
  assert.equal(now - sinceOption('90s', now), 90_000)
  assert.equal(now - sinceOption('15m', now), 15 * 60_000)
  assert.equal(now - sinceOption('2h', now), 2 * 3_600_000)
  assert.equal(now - sinceOption('3d', now), 3 * 86_400_000)
  assert.equal(sinceOption('2026-11-29T10:00:00Z', now), now - 2 * 3_600_000)
  for (const wrong of ['', '15', 'm', '1.5h', 'yesterday', '-5m']) {
    assert.throws(() => sinceOption(wrong, now), { name: 'UsageError', fix: /--since 15m/ }, wrong)
  }
})
