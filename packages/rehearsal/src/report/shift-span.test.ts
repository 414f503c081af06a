import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentOutcome } from '@baton/release'
import { shiftSpan } from './shift-span.ts'

const step = (startedAt?: number, endedAt?: number) => ({
  name: 'AllowTraffic',
  status: 'Succeeded',
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(endedAt === undefined ? {} : { endedAt }),
})
const outcome = (change: Partial<DeploymentOutcome>): DeploymentOutcome => ({
  deploymentId: 'd-1',
  status: 'Succeeded',
  rolledBack: false,
  steps: [step(2_000, 5_000)],
  durationMs: 9_000,
  ...change,
})
const seen = { from: 1_000, until: 10_000 }

describe('clients may have met a new version', () => {
  test('while its traffic shifted', () => {
    assert.deepEqual(shiftSpan(outcome({}), seen), { from: 2_000, until: 5_000 })
  })

  test('until the rollback had ended, whenever that was noticed', () => {
    const stopped = outcome({ status: 'Stopped', rolledBack: true, rollbackSteps: [step(5_200, 5_400)] })
    assert.deepEqual(shiftSpan(stopped, seen), { from: 2_000, until: 5_400 })
  })

  test('until its end was seen, where nothing says how the rollback ended', () => {
    assert.deepEqual(shiftSpan(outcome({ status: 'Failed' }), seen), { from: 2_000, until: 10_000 })
    const underWay = outcome({ status: 'Failed', rollbackSteps: [step(5_200)] })
    assert.deepEqual(shiftSpan(underWay, seen), { from: 2_000, until: 10_000 })
  })

  test('never before its release was asked for, nor after it was seen to have ended, whatever the events say', () => {
    assert.deepEqual(shiftSpan(outcome({ steps: [step(0, 99_000)] }), seen), seen)
  })

  test('never, without production traffic', () => {
    assert.equal(shiftSpan(outcome({ steps: [step()] }), seen), undefined)
  })
})
