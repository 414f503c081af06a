import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HealthCheck } from '@aws-sdk/client-ecs'
import { systemClock } from '../../../clock.ts'
import { watchHealth } from './health.ts'

/** The reports of a check whose runs have the given results; the last result repeats. */
async function reports(check: HealthCheck, codes: readonly (number | null)[], runs: number) {
  const reported: string[] = []
  const ran: { command: readonly string[]; timeoutMs: number; after: number }[] = []
  const done = Promise.withResolvers<void>()
  const clock = systemClock(1_000)
  const end = watchHealth(clock, {
    check,
    async run(command, timeoutMs) {
      ran.push({ command, timeoutMs, after: reported.length })
      if (ran.length > runs) done.resolve()
      return codes[Math.min(ran.length, codes.length) - 1] ?? null
    },
    report: (status) => reported.push(`${status} after ${ran.length}`),
  })
  await done.promise
  end()
  return { reported, ran }
}

describe('the health check of a container', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  test('a container is UNHEALTHY after three failed checks of five seconds by default', async () => {
    const { reported, ran } = await reports({ command: ['CMD', 'check'] }, [1], 4)
    assert.deepEqual(reported, ['UNHEALTHY after 3'])
    assert.deepEqual(ran[0], { command: ['check'], timeoutMs: 5_000, after: 0 })
    const patient = await reports({ command: ['CMD-SHELL', 'a || b'], retries: 5, timeout: 2 }, [1], 6)
    assert.deepEqual(patient.reported, ['UNHEALTHY after 5'])
    assert.deepEqual(patient.ran[0]?.command, ['/bin/sh', '-c', 'a || b'])
    assert.equal(patient.ran[0]?.timeoutMs, 2_000)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  test('a health check that takes too long has failed, and one success makes the container HEALTHY again', async () => {
    const { reported } = await reports({ command: ['CMD', 'x'], retries: 2 }, [null, null, 0, 1, 0], 6)
    assert.deepEqual(reported, ['UNHEALTHY after 2', 'HEALTHY after 3'])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  test('failures within the start period do not count until a first success ends it', async () => {
    const check = { command: ['CMD', 'x'], interval: 5, retries: 2, startPeriod: 300 }
    const starting = await reports(check, [1], 8)
    assert.deepEqual(starting.reported, [])
    const started = await reports(check, [1, 1, 1, 0, 1, 1], 7)
    assert.deepEqual(started.reported, ['HEALTHY after 4', 'UNHEALTHY after 6'])
  })
})
