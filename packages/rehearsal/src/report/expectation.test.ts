import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeploymentOutcome } from '@baton/release'
import { asExpected, describeExpectation } from './expectation.ts'

const outcome = (change: Partial<DeploymentOutcome>): DeploymentOutcome => ({
  deploymentId: 'd-1',
  status: 'Stopped',
  rolledBack: true,
  steps: [{ name: 'AllowTraffic', status: 'Failed', startedAt: 1_000, endedAt: 2_000 }],
  durationMs: 3_000,
  ...change,
})
const beforeTraffic = [{ name: 'AllowTraffic', status: 'Skipped' }]

describe('a release that is to be rolled back', () => {
  const byAlarm = { expect: 'rolled-back', because: 'alarm' } as const
  const givenUp = { expect: 'rolled-back', because: 'gave-up' } as const

  test('by an alarm, has been where the alarm stopped it with traffic on it', () => {
    assert.equal(asExpected(byAlarm, outcome({ errorCode: 'ALARM_ACTIVE' })), true)
    assert.match(describeExpectation(byAlarm), /an alarm/)
  })

  test('by an alarm, has not been where its tasks never became healthy', () => {
    assert.equal(asExpected(byAlarm, outcome({ stopped: 'gave-up', steps: beforeTraffic })), false)
    assert.equal(asExpected(byAlarm, outcome({ errorCode: 'ALARM_ACTIVE', steps: beforeTraffic })), false)
    assert.equal(asExpected(byAlarm, outcome({ status: 'Failed', errorCode: 'HEALTH_CONSTRAINTS' })), false)
  })

  test('by giving up, has not been where something else stopped it', () => {
    assert.equal(asExpected(givenUp, outcome({ stopped: 'gave-up', steps: beforeTraffic })), true)
    assert.equal(asExpected(givenUp, outcome({ errorCode: 'ALARM_ACTIVE', steps: beforeTraffic })), false)
    assert.equal(asExpected(givenUp, outcome({ stopped: 'interrupted', steps: beforeTraffic })), false)
  })

  test('has not been where the rollback failed', () => {
    assert.equal(asExpected(byAlarm, outcome({ errorCode: 'ALARM_ACTIVE', rolledBack: false })), false)
    assert.equal(asExpected(givenUp, outcome({ stopped: 'gave-up', rolledBack: false })), false)
  })
})

test('a release that is to go out has where it succeeded', () => {
  assert.equal(asExpected({ expect: 'released' }, outcome({ status: 'Succeeded', rolledBack: false })), true)
  assert.equal(asExpected({ expect: 'released' }, outcome({})), false)
})
